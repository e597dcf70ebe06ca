import { BATCH_AT, bodyCrc, readInt32, recomputeCrc, writeInt32 } from "../../src/records/mod.ts";

const SEQUENCE_BITS = 31;

/**
 * Gives a batch another base sequence without reading it again. The CRC covers the sequence, but
 * CRCs are linear: each bit of the sequence flips the same bits of the CRC whatever the rest is.
 */
export class SequenceStamp {
  readonly #crcOfZero: number;
  /** What each bit of the sequence changes in the CRC. */
  readonly #changes: Int32Array;

  /** `batch` must have base sequence 0. */
  constructor(batch: Uint8Array) {
    const copy = batch.slice();
    this.#crcOfZero = bodyCrc(copy, 0, copy.length);
    this.#changes = Int32Array.from({ length: SEQUENCE_BITS }, (_, bit) => {
      writeInt32(copy, BATCH_AT.baseSequence, 1 << bit);
      recomputeCrc(copy, 0);
      return readInt32(copy, BATCH_AT.crc) ^ this.#crcOfZero;
    });
  }

  /** Writes `sequence` and the CRC that goes with it into a copy of the batch at `bytes[at]`. */
  stamp(bytes: Uint8Array, at: number, sequence: number): void {
    let crc = this.#crcOfZero;
    for (let bit = 0, left = sequence; left !== 0; bit++, left >>>= 1) {
      if ((left & 1) !== 0) crc ^= this.#changes[bit]!;
    }
    writeInt32(bytes, at + BATCH_AT.baseSequence, sequence);
    writeInt32(bytes, at + BATCH_AT.crc, crc);
  }
}
