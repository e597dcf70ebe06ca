import { Buffer } from "node:buffer";
import { BATCH_AT, BATCH_HEADER_BYTES, batchAt, readInt32, readInt64 } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";

/** Most bytes that a record takes beside its value: sizes, deltas, no key, no headers. */
const RECORD_OVERHEAD_BYTES = 12;

/** How many records with values of `recordBytes` fit into a batch of at most `batchBytes`; at least one. */
export function recordsPerBatch(batchBytes: number, recordBytes: number): number {
  return Math.max(1, Math.floor((batchBytes - BATCH_HEADER_BYTES) / (recordBytes + RECORD_OVERHEAD_BYTES)));
}

/** A batch of `count` records without keys, whose values are random bytes. */
export function randomBatch(count: number, recordBytes: number): Uint8Array {
  const timestampMs = Date.now();
  return buildBatch(
    Array.from({ length: count }, () => ({ value: randomBytes(recordBytes), timestampMs })),
    { leaderEpoch: 0 },
  );
}

function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  // The generator gives at most 64 KB at a time.
  for (let at = 0; at < count; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/**
 * Checks fetched batches while it walks them: offsets follow one another, and where
 * the batch that was sent is known, all its bytes are as they were sent (the broker
 * may set base offset and leader epoch only).
 */
export class BatchWalker {
  /** Offset of the next record to be seen. */
  nextOffset = 0;
  records = 0;
  batchBytes = 0;
  /** What was sent, from the magic byte on: all that a broker must leave alone. */
  readonly #sentBody: Buffer | null;

  /** `sent` is the batch that was written over and over; null checks offsets alone. */
  constructor(sent: Uint8Array | null) {
    this.#sentBody = sent === null
      ? null
      : Buffer.from(sent.buffer, sent.byteOffset + BATCH_AT.magic, sent.length - BATCH_AT.magic);
  }

  /** Walks the whole batches in what a fetch brought; a cut one at the end is left for the next fetch. */
  walk(bytes: Uint8Array): void {
    const sent = this.#sentBody;
    const end = bytes.length;
    let at = 0;
    for (let length = batchAt(bytes, at, end); length > 0; length = batchAt(bytes, at, end)) {
      const baseOffset = readInt64(bytes, at);
      if (baseOffset !== this.nextOffset) {
        throw new Error(`the batch at offset ${this.nextOffset} was expected, the one at ${baseOffset} came`);
      }
      if (sent !== null && (length !== sent.length + BATCH_AT.magic || differs(sent, bytes, at))) {
        throw new Error(`the batch at offset ${baseOffset} is not the one that was sent`);
      }
      this.records += readInt32(bytes, at + BATCH_AT.recordCount);
      this.nextOffset = baseOffset + readInt32(bytes, at + BATCH_AT.lastOffsetDelta) + 1;
      this.batchBytes += length;
      at += length;
    }
    if (at === 0) throw new Error("a fetch brought no whole batch");
  }
}

function differs(sentBody: Buffer, bytes: Uint8Array, at: number): boolean {
  const gotBody = Buffer.from(bytes.buffer, bytes.byteOffset + at + BATCH_AT.magic, sentBody.length);
  return sentBody.compare(gotBody) !== 0;
}
