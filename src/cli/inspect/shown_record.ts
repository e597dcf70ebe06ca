import {
  BATCH_HEADER_BYTES,
  BatchHeader,
  Compression,
  EndMarker,
  parseControlBatch,
  RecordCursor,
  TimestampType,
} from "../../records/mod.ts";
import { batchFault } from "../../records/whole_batch.ts";

/** The most that a batch may take unpacked: a few kilobytes can hold gigabytes. */
const UNPACKED_BYTES_MAX = 128 * 1024 * 1024;

/** What a control record says; the others are of Kafka's own log. */
const CONTROL_NAMES: ReadonlyMap<number, string> = new Map([
  [EndMarker.ABORT, "abort"],
  [EndMarker.COMMIT, "commit"],
  [2, "leader change"],
  [3, "snapshot header"],
  [4, "snapshot footer"],
  [5, "kraft version"],
  [6, "kraft voters"],
]);
const CODEC_NAMES = new Map<number, string>(
  Object.entries(Compression).map(([name, codec]) => [codec, name.toLowerCase()]),
);

/** A record and what its batch says of it. Bytes are valid until the next one is asked for. */
export interface ShownRecord {
  readonly offset: number;
  readonly timestampMs: number;
  /** Whose clock: the producer's, or the broker's at the append. */
  readonly timestampType: "create" | "append";
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: Uint8Array; readonly value: Uint8Array | null }[];
  readonly compression: string;
  readonly leaderEpoch: number;
  /** `null` without an idempotent producer. */
  readonly producer: { readonly id: number; readonly epoch: number; readonly sequence: number } | null;
  readonly isTransactional: boolean;
  readonly control: ControlRecord | null;
}

/** What the broker wrote among the records. */
export interface ControlRecord {
  /** `commit` or `abort`, or another of Kafka's, by name or number. */
  readonly type: string;
  /** Of the coordinator that decided; `null` when it is no end of a transaction. */
  readonly coordinatorEpoch: number | null;
}

/** Why a batch, or the rest of it, cannot be shown. */
export interface DamagedBatch {
  /** The first offset that is missing for it. */
  readonly offset: number;
  readonly damaged: string;
}

/** The records of the batch that `bytes` are, those at and behind `fromOffset`. Total: damage is told, never thrown. */
export function* recordsOf(bytes: Uint8Array, fromOffset: number): Generator<ShownRecord | DamagedBatch> {
  const header = new BatchHeader();
  const fault = bytes.length < BATCH_HEADER_BYTES
    ? "it is too short for a batch"
    : batchFault(header, bytes, 0, bytes.length);
  if (fault !== null) {
    yield { offset: Math.max(fromOffset, header.baseOffset), damaged: fault };
    return;
  }
  const cursor = new RecordCursor();
  const problem = cursor.open(bytes, 0, header, UNPACKED_BYTES_MAX);
  if (problem !== null) {
    const codec = codecName(header.compression);
    const words = problem === "too large"
      ? `its records take more than ${UNPACKED_BYTES_MAX} bytes unpacked from ${codec}`
      : `what it holds is not ${codec}`;
    yield { offset: Math.max(fromOffset, header.baseOffset), damaged: words };
    return;
  }
  let next = header.baseOffset;
  try {
    while (cursor.next()) {
      next = cursor.offset + 1;
      if (cursor.offset >= fromOffset) yield shown(bytes, header, cursor);
    }
    if (cursor.fault !== null) yield { offset: Math.max(fromOffset, next), damaged: cursor.fault };
  } finally {
    cursor.close();
  }
}

function shown(bytes: Uint8Array, header: BatchHeader, cursor: RecordCursor): ShownRecord {
  const { producerId: id, producerEpoch: epoch, baseSequence } = header;
  const sequence = baseSequence < 0 ? baseSequence : (baseSequence + cursor.offsetDelta) % 0x8000_0000;
  return {
    offset: cursor.offset,
    timestampMs: cursor.timestampMs,
    timestampType: header.timestampType === TimestampType.CREATE_TIME ? "create" : "append",
    key: cursor.key(),
    value: cursor.value(),
    headers: cursor.headers(),
    compression: codecName(header.compression),
    leaderEpoch: header.leaderEpoch,
    producer: header.hasProducerId ? { id, epoch, sequence } : null,
    isTransactional: header.isTransactional,
    control: header.isControl ? control(bytes, header, cursor.key()) : null,
  };
}

function control(bytes: Uint8Array, header: BatchHeader, key: Uint8Array | null): ControlRecord {
  const mark = parseControlBatch(bytes, 0, header);
  const type = mark?.marker ?? (key === null || key.length < 4 ? -1 : (key[2]! << 8) | key[3]!);
  return {
    type: CONTROL_NAMES.get(type) ?? `control ${type}`,
    coordinatorEpoch: mark?.coordinatorEpoch ?? null,
  };
}

function codecName(codec: number): string {
  return CODEC_NAMES.get(codec) ?? `codec ${codec}`;
}
