import { assert } from "../base/assert.ts";

const FIRST_CAPACITY = 4;
// Shared by all empty indexes: thousands of partitions never get a record.
const NO_DOUBLES = new Float64Array(0);
const NO_INTS = new Uint32Array(0);

/**
 * Where one partition's record batches lie in the log: a row per batch, in
 * offset order, in typed arrays (32 bytes a row, nothing before the first).
 *
 * Rows are addressed by number from 0; dropping rows from the front renumbers.
 */
export class BatchIndex {
  #baseOffset = NO_DOUBLES;
  #lsn = NO_DOUBLES;
  #maxTimestampMs = NO_DOUBLES;
  #lengthBytes = NO_INTS;
  #lastOffsetDelta = NO_INTS;
  #head = 0;
  #end = 0;

  get rows(): number {
    return this.#end - this.#head;
  }

  baseOffset(row: number): number {
    return this.#baseOffset[this.#at(row)]!;
  }

  lastOffset(row: number): number {
    const at = this.#at(row);
    return this.#baseOffset[at]! + this.#lastOffsetDelta[at]!;
  }

  /** LSN of the log entry that holds the batch. */
  lsn(row: number): number {
    return this.#lsn[this.#at(row)]!;
  }

  lengthBytes(row: number): number {
    return this.#lengthBytes[this.#at(row)]!;
  }

  maxTimestampMs(row: number): number {
    return this.#maxTimestampMs[this.#at(row)]!;
  }

  push(
    baseOffset: number,
    lastOffsetDelta: number,
    lsn: number,
    lengthBytes: number,
    maxTimestampMs: number,
  ): void {
    if (this.#end === this.#lsn.length) this.#makeRoom();
    const at = this.#end++;
    this.#baseOffset[at] = baseOffset;
    this.#lastOffsetDelta[at] = lastOffsetDelta;
    this.#lsn[at] = lsn;
    this.#lengthBytes[at] = lengthBytes;
    this.#maxTimestampMs[at] = maxTimestampMs;
  }

  /** The first row whose last offset is at or after `offset`; `rows` when there is none. */
  rowOf(offset: number): number {
    let low = this.#head;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#baseOffset[middle]! + this.#lastOffsetDelta[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low - this.#head;
  }

  /** The first row at or behind `lsn`; `rows` when there is none. */
  rowOfLsn(lsn: number): number {
    let low = this.#head;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#lsn[middle]! < lsn) low = middle + 1;
      else high = middle;
    }
    return low - this.#head;
  }

  /** The first row at or after `fromRow` with a timestamp of at least `timestampMs`; `rows` when there is none. */
  rowOfTimestamp(timestampMs: number, fromRow = 0): number {
    let at = this.#head + fromRow;
    while (at < this.#end && this.#maxTimestampMs[at]! < timestampMs) at++;
    return at - this.#head;
  }

  /** Bytes of the batches that begin in `[fromOffset, toOffset)`, and of one that lies across its beginning. */
  bytesBetween(fromOffset: number, toOffset: number): number {
    let bytes = 0;
    for (let row = this.rowOf(fromOffset); row < this.rows && this.baseOffset(row) < toOffset; row++) {
      bytes += this.lengthBytes(row);
    }
    return bytes;
  }

  /** Bytes of the batches that end in `[fromOffset, toOffset)`. */
  bytesEndingBetween(fromOffset: number, toOffset: number): number {
    let bytes = 0;
    for (let row = this.rowOf(fromOffset); row < this.rows && this.lastOffset(row) < toOffset; row++) {
      bytes += this.lengthBytes(row);
    }
    return bytes;
  }

  /** Forgets the first `rows` rows. */
  dropFirst(rows: number): void {
    assert(rows >= 0 && rows <= this.rows, "only rows that exist are dropped");
    this.#head += rows;
    if (this.#head === this.#end) this.#head = this.#end = 0;
  }

  #at(row: number): number {
    assert(row >= 0 && row < this.#end - this.#head, "row exists");
    return this.#head + row;
  }

  /** Slides the rows to the front when half of the space is dropped rows, else doubles the space. */
  #makeRoom(): void {
    const { rows } = this;
    const capacity = this.#lsn.length;
    const next = rows * 2 <= capacity && capacity > 0 ? capacity : Math.max(FIRST_CAPACITY, capacity * 2);
    const move = <T extends Float64Array | Uint32Array>(from: T, to: T): T => {
      to.set(from.subarray(this.#head, this.#end));
      return to;
    };
    this.#baseOffset = move(this.#baseOffset, new Float64Array(next));
    this.#lsn = move(this.#lsn, new Float64Array(next));
    this.#maxTimestampMs = move(this.#maxTimestampMs, new Float64Array(next));
    this.#lengthBytes = move(this.#lengthBytes, new Uint32Array(next));
    this.#lastOffsetDelta = move(this.#lastOffsetDelta, new Uint32Array(next));
    this.#head = 0;
    this.#end = rows;
  }
}
