import type { Clock } from "../../io/clock.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import {
  BATCH_AT,
  BATCH_HEADER_BYTES,
  BatchHeader,
  LOG_OVERHEAD_BYTES,
  readInt32,
} from "../../records/outside.ts";
import { objectDamage } from "../object_format.ts";
import type { StoredObject } from "../stored_object.ts";
import { batchFault } from "../../records/whole_batch.ts";

/** Objects are read in pieces of this size, larger batches at once. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** A batch that was read and found whole. The header is overwritten with the next one. */
export interface SeenBatch {
  readonly bytes: Uint8Array;
  /** Where the batch begins in `bytes`. */
  readonly at: number;
  readonly header: BatchHeader;
}

/** Holds reading to a rate: after each read, waits until that much may have been read. */
export class ReadPace {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  readonly #sinceMs: number;
  #readBytes = 0;

  /** 0 bytes a second is no limit. */
  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#sinceMs = clock.monotonicMs();
  }

  async read(bytes: number): Promise<void> {
    if (this.#bytesPerSecond === 0) return;
    this.#readBytes += bytes;
    const dueMs = this.#sinceMs + this.#readBytes / this.#bytesPerSecond * 1000;
    const waitMs = dueMs - this.#clock.monotonicMs();
    if (waitMs > 0) await new Promise<void>((resolve) => this.#clock.setTimer(waitMs, resolve));
  }
}

/**
 * All batches of an object, in order, each checked as a whole. Holds one piece in memory.
 * @throws KliteError DATA_DAMAGED, with object, position and offset, when they are not what they must be.
 */
export async function* objectBatches(
  store: ObjectStore,
  key: string,
  object: StoredObject,
  pace: ReadPace,
): AsyncGenerator<SeenBatch> {
  const header = new BatchHeader();
  let bytes: Uint8Array = new Uint8Array(0);
  /** Where `bytes` begins in the object, and where the next batch begins in `bytes`. */
  let startBytes = 0;
  let at = 0;
  let nextOffset = object.baseOffset;
  for (let count = 0; count < object.batchCount; count++) {
    let lengthBytes = lengthAt(bytes, at);
    if (at + lengthBytes > bytes.length) {
      const from = startBytes + bytes.length;
      const wanted = Math.max(PIECE_BYTES, at + lengthBytes - bytes.length);
      const toRead = Math.min(wanted, object.dataBytes - from);
      const read = await store.get(key, { fromByte: from, lengthBytes: toRead });
      if (toRead <= 0 || read.bytes.length !== toRead || read.sizeBytes !== object.sizeBytes) {
        throw objectDamage(key, `it ends at ${read.sizeBytes}, in or before its batch ${count}`);
      }
      await pace.read(toRead);
      startBytes += at;
      bytes = joined(bytes.subarray(at), read.bytes);
      at = 0;
      lengthBytes = lengthAt(bytes, at);
      // Its length was not known before: once more, now for all of it.
      if (lengthBytes > bytes.length && lengthBytes <= object.dataBytes - startBytes) {
        count--;
        continue;
      }
    }
    const fault = at + lengthBytes > bytes.length
      ? "it is longer than what is left of the object"
      : batchFault(header, bytes, at, lengthBytes) ?? placeFault(header, object, nextOffset);
    if (fault !== null) throw objectDamage(key, `the batch at ${startBytes + at}: ${fault}`);
    yield { bytes, at, header };
    nextOffset = header.lastOffset + 1;
    at += lengthBytes;
  }
  if (startBytes + at !== object.dataBytes) throw objectDamage(key, "it has more than its batches");
}

function placeFault(header: BatchHeader, object: StoredObject, nextOffset: number): string | null {
  const isInPlace = header.baseOffset >= nextOffset && header.baseOffset < object.endOffset;
  return isInPlace ? null : `its offset ${header.baseOffset} has no place behind ${nextOffset - 1}`;
}

/** Bytes of the batch at `at` by its own account; of a header when that is not there as a whole. */
function lengthAt(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < BATCH_HEADER_BYTES) return BATCH_HEADER_BYTES;
  return Math.max(BATCH_HEADER_BYTES, readInt32(bytes, at + BATCH_AT.batchLength) + LOG_OVERHEAD_BYTES);
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
