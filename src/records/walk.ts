import { type BatchHeader, NO_TIMESTAMP, TimestampType } from "./batch.ts";

/** A record header, as views into the bytes that were walked. */
export interface HeaderView {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** The fault of a record length that goes on after its fifth byte: there Kafka fails in another way. */
export const OVERLONG_LENGTH = "the record's length takes more than five bytes";

/** A position beyond every limit: where a number ends that is too long for its type. */
const NOWHERE = Number.MAX_SAFE_INTEGER;

const NO_BYTES = new Uint8Array(0);

/** The smallest record: attributes, two deltas, null key, null value, no headers. */
const LEAST_RECORD_BYTES = 6;
const LEAST_HEADER_BYTES = 2;

/**
 * Walks the records of one batch that are not compressed, without copying and without an object a record.
 *
 * Total: for any bytes it ends in {@link next} answering false, with {@link fault} saying what
 * was wrong, or null when exactly the announced records were there and nothing behind them.
 * Made once and reused; the fields say where the current record's parts lie in {@link bytes}.
 */
export class PlainCursor {
  bytes: Uint8Array = NO_BYTES;
  /** Index of the current record in its batch. */
  index = -1;
  offsetDelta = 0;
  timestampDeltaMs = 0;
  keyAt = 0;
  /** Size of the key; negative when the key is null. */
  keyBytes = 0;
  valueAt = 0;
  /** Size of the value; negative when the value is null. */
  valueBytes = 0;
  headersAt = 0;
  headerCount = 0;
  /** What is malformed about the records, in words for a producer's author. */
  fault: string | null = null;

  #at = 0;
  #end = 0;
  /** Where the number that was read last ends. */
  #partAt = 0;
  #count = 0;
  #baseOffset = 0;
  #baseTimestampMs = 0;
  #appendTimestampMs = NO_TIMESTAMP;
  #isAppendTime = false;

  /** Starts on records that are not compressed and lie in `bytes[from, end)`. */
  openPlain(bytes: Uint8Array, from: number, end: number, header: BatchHeader): void {
    this.bytes = bytes;
    this.#at = from;
    this.#end = end;
    this.#count = header.recordCount;
    this.#baseOffset = header.baseOffset;
    this.#baseTimestampMs = header.baseTimestampMs;
    this.#appendTimestampMs = header.maxTimestampMs;
    this.#isAppendTime = header.timestampType === TimestampType.LOG_APPEND_TIME;
    this.index = -1;
    this.fault = null;
  }

  /** Lets go of the bytes. */
  close(): void {
    this.bytes = NO_BYTES;
    this.#at = 0;
    this.#end = 0;
    this.#count = 0;
    this.index = -1;
    this.fault = null;
  }

  /**
   * Goes to the next record; false at the end of the batch and at a fault.
   *
   * Reads do not look out for the record's end one by one: a position only grows, so that
   * whatever ran beyond the end is seen when the parts are compared with the length.
   */
  next(): boolean {
    const { bytes } = this;
    let at = this.#at;
    if (this.index + 1 >= this.#count) {
      return at === this.#end ? false : this.#fail("bytes are left behind the last record");
    }
    this.index++;
    let byte = bytes[at++]!;
    let length = (byte >>> 1) ^ -(byte & 1);
    if (byte >= 0x80) {
      const isCut = at + 4 > this.#end;
      length = this.#longVarint(at);
      at = this.#partAt;
      if (at === NOWHERE && !isCut) return this.#fail(OVERLONG_LENGTH);
    }
    const limit = at + length;
    if (length < LEAST_RECORD_BYTES || limit > this.#end) {
      return this.#fail("the record's length is not that of a record within the batch");
    }
    // no attribute of a record is defined; Kafka stores whatever stands here
    at++;
    byte = bytes[at++]!;
    this.timestampDeltaMs = (byte >>> 1) ^ -(byte & 1);
    if (byte >= 0x80) {
      this.timestampDeltaMs = this.#longVarlong(at);
      at = this.#partAt;
    }
    byte = bytes[at++]!;
    this.offsetDelta = (byte >>> 1) ^ -(byte & 1);
    if (byte >= 0x80) {
      this.offsetDelta = this.#longVarint(at);
      at = this.#partAt;
    }
    byte = bytes[at++]!;
    length = (byte >>> 1) ^ -(byte & 1);
    if (byte >= 0x80) {
      length = this.#longVarint(at);
      at = this.#partAt;
    }
    this.keyBytes = length;
    this.keyAt = at;
    if (length > 0) at += length;
    byte = bytes[at++]!;
    length = (byte >>> 1) ^ -(byte & 1);
    if (byte >= 0x80) {
      length = this.#longVarint(at);
      at = this.#partAt;
    }
    this.valueBytes = length;
    this.valueAt = at;
    if (length > 0) at += length;
    byte = bytes[at++]!;
    length = (byte >>> 1) ^ -(byte & 1);
    if (byte >= 0x80) {
      length = this.#longVarint(at);
      at = this.#partAt;
    }
    this.headerCount = length;
    this.headersAt = at;
    if (length !== 0) at = this.#skipHeaders(at, limit);
    if (at !== limit) return this.#fail("the record's parts do not fill its length");
    this.#at = at;
    return true;
  }

  /** Behind the current record; before the first one, where the records begin. */
  get endAt(): number {
    return this.#at;
  }

  /** Offset of the current record. */
  get offset(): number {
    return this.#baseOffset + this.offsetDelta;
  }

  /** Timestamp of the current record: its own, or the batch's where the broker's clock counts. */
  get timestampMs(): number {
    return this.#isAppendTime ? this.#appendTimestampMs : this.#baseTimestampMs + this.timestampDeltaMs;
  }

  /** The current record's key, as a view. */
  key(): Uint8Array | null {
    return this.keyBytes < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyBytes);
  }

  /** The current record's value, as a view. */
  value(): Uint8Array | null {
    return this.valueBytes < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueBytes);
  }

  /** The current record's headers, as views, in order; keys may repeat. */
  headers(): HeaderView[] {
    const headers: HeaderView[] = [];
    let at = this.headersAt;
    for (let index = 0; index < this.headerCount; index++) {
      const keyBytes = this.#varint(at);
      const keyAt = this.#partAt;
      const valueBytes = this.#varint(keyAt + keyBytes);
      const valueAt = this.#partAt;
      at = valueAt + Math.max(valueBytes, 0);
      const value = valueBytes < 0 ? null : this.bytes.subarray(valueAt, at);
      headers.push({ key: this.bytes.subarray(keyAt, keyAt + keyBytes), value });
    }
    return headers;
  }

  /** Returns where the headers end: within `limit`, or anywhere beyond. */
  #skipHeaders(from: number, limit: number): number {
    const count = this.headerCount;
    if (count < 0 || count * LEAST_HEADER_BYTES > limit - from) return NOWHERE;
    let at = from;
    for (let index = 0; index < count; index++) {
      const keyBytes = this.#varint(at);
      if (keyBytes < 0) return NOWHERE;
      const valueBytes = this.#varint(this.#partAt + keyBytes);
      at = this.#partAt + Math.max(valueBytes, 0);
      if (at > limit) return NOWHERE;
    }
    return at;
  }

  #fail(what: string): false {
    this.fault = what;
    this.#count = 0;
    this.#at = this.#end;
    return false;
  }

  /** Reads 32 bits at `at` and leaves the position behind them in `#partAt`. */
  #varint(at: number): number {
    const byte = this.bytes[at]!;
    if (byte >= 0x80) return this.#longVarint(at + 1);
    this.#partAt = at + 1;
    return (byte >>> 1) ^ -(byte & 1);
  }

  /** Reads 32 bits whose first byte, before `second`, says that more follow. */
  #longVarint(second: number): number {
    const { bytes } = this;
    let zigzag = bytes[second - 1]! & 0x7f;
    let at = second;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = bytes[at++]!;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#partAt = at;
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    this.#partAt = NOWHERE;
    return 0;
  }

  /** The same for 64 bits, rounded to the nearest double beyond ±2^52. */
  #longVarlong(second: number): number {
    const { bytes } = this;
    let low = bytes[second - 1]! & 0x7f;
    let at = second;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = bytes[at++]!;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#partAt = at;
        return (low >>> 1) ^ -(low & 1);
      }
    }
    let zigzag = low;
    for (let scale = 2 ** 28; scale < 2 ** 70; scale *= 2 ** 7) {
      const byte = bytes[at++]!;
      // what the tenth byte has beyond the 64th bit is dropped, as it is from a long
      zigzag += (scale === 2 ** 63 ? byte & 1 : byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.#partAt = at;
        return (low & 1) === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      }
    }
    this.#partAt = NOWHERE;
    return 0;
  }
}

/** A record found by time. */
export interface TimestampedOffset {
  readonly offset: number;
  readonly timestampMs: number;
}

/**
 * The first record of an open batch whose timestamp is at or after `targetMs`, as ListOffsets
 * asks for it; null when there is none. A batch stamped by the broker answers with its base
 * offset. Stops at the first malformed record.
 */
export function findByTimestamp(cursor: PlainCursor, targetMs: number): TimestampedOffset | null {
  while (cursor.next()) {
    const timestampMs = cursor.timestampMs;
    if (timestampMs >= targetMs) return { offset: cursor.offset, timestampMs };
  }
  return null;
}

/**
 * The record of an open batch with the greatest timestamp, the first one among equals
 * (ListOffsets -3, KIP-734); null when no record has a timestamp.
 */
export function findMaxTimestamp(cursor: PlainCursor): TimestampedOffset | null {
  let offset = -1;
  let timestampMs = NO_TIMESTAMP;
  while (cursor.next()) {
    if (cursor.timestampMs > timestampMs) {
      timestampMs = cursor.timestampMs;
      offset = cursor.offset;
    }
  }
  return offset < 0 ? null : { offset, timestampMs };
}
