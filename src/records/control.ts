import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  NO_SEQUENCE,
  readInt32,
  writeInt16,
  writeInt32,
} from "./batch.ts";
import { assembleBatch, encodeRecords } from "./build.ts";
import { PlainCursor } from "./walk.ts";

/** How a transaction ended, as the number in a control record's key. */
export const EndMarker = { ABORT: 0, COMMIT: 1 } as const;
export type EndMarker = (typeof EndMarker)[keyof typeof EndMarker];

const KEY_BYTES = 4;
const VALUE_BYTES = 6;

/** The end of one producer's transaction in one partition. */
export interface ControlBatchFields {
  readonly marker: EndMarker;
  /** Epoch of the transaction coordinator that decided, to fence its predecessors. */
  readonly coordinatorEpoch: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly timestampMs: number;
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
}

/** What a control batch says. */
export interface ControlMark {
  readonly marker: EndMarker;
  readonly coordinatorEpoch: number;
}

/** A control batch as Kafka writes it: one record, transactional, without sequence, version 0 both. */
export function buildControlBatch(fields: ControlBatchFields): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  writeInt16(key, 2, fields.marker);
  const value = new Uint8Array(VALUE_BYTES);
  writeInt32(value, 2, fields.coordinatorEpoch);
  const { timestampMs } = fields;
  return assembleBatch(encodeRecords([{ key, value, timestampMs }], timestampMs), {
    baseTimestampMs: timestampMs,
    maxTimestampMs: timestampMs,
    isTransactional: true,
    isControl: true,
    producerId: fields.producerId,
    producerEpoch: fields.producerEpoch,
    baseSequence: NO_SEQUENCE,
    baseOffset: fields.baseOffset ?? 0,
    leaderEpoch: fields.leaderEpoch ?? -1,
  });
}

/**
 * Reads the first record of the control batch at `at`, whose header is given. Null when it is
 * not an end of a transaction: another kind of control record, or not parseable. Later versions
 * of key and value only add fields, so they are read as version 0.
 */
export function parseControlBatch(bytes: Uint8Array, at: number, header: BatchHeader): ControlMark | null {
  if (!header.isControl) return null;
  const cursor = new PlainCursor();
  cursor.openPlain(bytes, at + BATCH_HEADER_BYTES, at + header.lengthBytes, header);
  if (!cursor.next() || cursor.keyBytes < KEY_BYTES || cursor.valueBytes < VALUE_BYTES) return null;
  const type = (bytes[cursor.keyAt + 2]! << 8) | bytes[cursor.keyAt + 3]!;
  if (type !== EndMarker.ABORT && type !== EndMarker.COMMIT) return null;
  return { marker: type, coordinatorEpoch: readInt32(bytes, cursor.valueAt + 2) };
}
