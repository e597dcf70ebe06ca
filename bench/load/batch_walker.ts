import { Buffer } from "node:buffer";
import { BATCH_AT, batchAt, readInt32, readInt64 } from "../../src/records/mod.ts";

/**
 * Checks fetched batches while it walks them: offsets follow one another, and where
 * the batch that was sent is known, its bytes are as they were sent (the broker may
 * set base offset and leader epoch, an idempotent producer its sequence and so the CRC).
 */
export class BatchWalker {
  /** Offset of the next record to be seen. */
  nextOffset = 0;
  records = 0;
  batchBytes = 0;
  readonly #sent: Uint8Array | null;
  /** What must be as it was sent, each a stretch of the batch. */
  readonly #fixed: readonly { readonly at: number; readonly bytes: Buffer }[];

  /** `sent` is the batch that was written over and over; null checks offsets alone. */
  constructor(sent: Uint8Array | null, { isSequenced = false } = {}) {
    this.#sent = sent;
    const stretches = isSequenced
      ? [[BATCH_AT.attributes, BATCH_AT.baseSequence], [BATCH_AT.recordCount, sent?.length ?? 0]]
      : [[BATCH_AT.magic, sent?.length ?? 0]];
    this.#fixed = sent === null
      ? []
      : stretches.map(([at = 0, end]) => ({ at, bytes: Buffer.from(sent.subarray(at, end)) }));
  }

  /** Walks the whole batches in `bytes[start, end)`; a cut one at the end is left for the next fetch. */
  walk(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let at = start;
    for (let length = batchAt(bytes, at, end); length > 0; length = batchAt(bytes, at, end)) {
      const baseOffset = readInt64(bytes, at);
      if (baseOffset !== this.nextOffset) {
        throw new Error(`the batch at offset ${this.nextOffset} was expected, the one at ${baseOffset} came`);
      }
      if (this.#sent !== null && (length !== this.#sent.length || this.#differs(bytes, at))) {
        throw new Error(`the batch at offset ${baseOffset} is not the one that was sent`);
      }
      this.records += readInt32(bytes, at + BATCH_AT.recordCount);
      this.nextOffset = baseOffset + readInt32(bytes, at + BATCH_AT.lastOffsetDelta) + 1;
      this.batchBytes += length;
      at += length;
    }
    if (at === start) throw new Error("a fetch brought no whole batch");
  }

  #differs(bytes: Uint8Array, batchStart: number): boolean {
    return this.#fixed.some((sent) => {
      const at = batchStart + sent.at;
      return sent.bytes.compare(bytes, at, at + sent.bytes.length) !== 0;
    });
  }
}
