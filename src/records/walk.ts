import { BATCH_HEADER_BYTES, type BatchHeader, NO_TIMESTAMP, TimestampType } from "./batch.ts";
import { type CompressionFault, decompress, isCompression } from "./compression.ts";

/** A record header, as views into the bytes that were walked. */
export interface HeaderView {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** The fault of a record length that goes on after its fifth byte: there Kafka fails in another way. */
export const OVERLONG_LENGTH = "the record's length takes more than five bytes";
const OVERLONG = "a number takes more bytes than its type has";

const NO_BYTES = new Uint8Array(0);

/** The smallest record: attributes, two deltas, null key, null value, no headers. */
const LEAST_RECORD_BYTES = 6;
const LEAST_HEADER_BYTES = 2;

/**
 * Walks the records of one batch, without copying and without an object a record.
 *
 * Total: for any bytes it ends in {@link next} answering false, with {@link fault} saying what
 * was wrong, or null when exactly the announced records were there and nothing behind them.
 * Made once and reused; the fields say where the current record's parts lie in {@link bytes}.
 */
export class RecordCursor {
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
  /** Where the current record ends: nothing of it may be read beyond. */
  #limit = 0;
  #count = 0;
  #baseOffset = 0;
  #baseTimestampMs = 0;
  #appendTimestampMs = NO_TIMESTAMP;
  #isAppendTime = false;

  /**
   * Starts on the batch at `at`, whose header is given and whose bytes are all there
   * ({@link batchAt}), decompressing at most `maxBytes` when it is compressed.
   */
  open(bytes: Uint8Array, at: number, header: BatchHeader, maxBytes: number): CompressionFault | null {
    const from = at + BATCH_HEADER_BYTES;
    const end = at + header.lengthBytes;
    const codec = header.compression;
    if (codec === 0) {
      this.openPlain(bytes, from, end, header);
      return null;
    }
    if (!isCompression(codec)) return "corrupt";
    const records = decompress(codec, bytes.subarray(from, end), maxBytes);
    if (typeof records === "string") return records;
    this.openPlain(records, 0, records.length, header);
    return null;
  }

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

  /** Lets go of the bytes, which may be large when they were decompressed. */
  close(): void {
    this.bytes = NO_BYTES;
    this.#at = 0;
    this.#end = 0;
    this.#count = 0;
  }

  /** Goes to the next record; false at the end of the batch and at a fault. */
  next(): boolean {
    if (this.fault !== null) return false;
    if (this.index + 1 >= this.#count) {
      if (this.#at !== this.#end) this.fault = "bytes are left behind the last record";
      return false;
    }
    this.index++;
    this.#limit = this.#end;
    const bodyBytes = this.#readVarint();
    if (this.fault === OVERLONG) this.fault = OVERLONG_LENGTH;
    const limit = this.#at + bodyBytes;
    if (bodyBytes < LEAST_RECORD_BYTES || limit > this.#end) {
      return this.#fail("the record's length is not that of a record within the batch");
    }
    this.#limit = limit;
    // no attribute of a record is defined; Kafka stores whatever stands here
    this.#at++;
    this.timestampDeltaMs = this.#readVarlong();
    this.offsetDelta = this.#readVarint();
    this.keyBytes = this.#readVarint();
    this.keyAt = this.#at;
    if (this.keyBytes > 0) this.#at += this.keyBytes;
    this.valueBytes = this.#readVarint();
    this.valueAt = this.#at;
    if (this.valueBytes > 0) this.#at += this.valueBytes;
    this.headerCount = this.#readVarint();
    this.headersAt = this.#at;
    if (this.headerCount !== 0) this.#skipHeaders();
    if (this.#at !== limit) return this.#fail("the record's parts do not fill its length");
    return this.fault === null;
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
    const resumeAt = this.#at;
    this.#at = this.headersAt;
    for (let index = 0; index < this.headerCount; index++) {
      const keyBytes = this.#readVarint();
      const key = this.bytes.subarray(this.#at, this.#at + keyBytes);
      this.#at += keyBytes;
      const valueBytes = this.#readVarint();
      const value = valueBytes < 0 ? null : this.bytes.subarray(this.#at, this.#at + valueBytes);
      if (valueBytes > 0) this.#at += valueBytes;
      headers.push({ key, value });
    }
    this.#at = resumeAt;
    return headers;
  }

  #skipHeaders(): void {
    if (this.headerCount < 0 || this.headerCount * LEAST_HEADER_BYTES > this.#limit - this.#at) {
      this.#fail("the number of headers does not fit the record");
      return;
    }
    for (let index = 0; index < this.headerCount && this.fault === null; index++) {
      const keyBytes = this.#readVarint();
      if (keyBytes < 0) {
        this.#fail("a header has no key");
        return;
      }
      this.#at += keyBytes;
      const valueBytes = this.#readVarint();
      if (valueBytes > 0) this.#at += valueBytes;
    }
  }

  #fail(what: string): false {
    this.fault ??= what;
    this.#at = this.#end;
    return false;
  }

  /** Reads 32 bits; 0 and a fault when the limit or the fifth byte ends it first. */
  #readVarint(): number {
    const at = this.#at;
    if (at < this.#limit) {
      const byte = this.bytes[at]!;
      if (byte < 0x80) {
        this.#at = at + 1;
        return (byte >>> 1) ^ -(byte & 1);
      }
    }
    return this.#readLongVarint();
  }

  #readLongVarint(): number {
    let zigzag = 0;
    for (let shift = 0; shift < 35 && this.#at < this.#limit; shift += 7) {
      const byte = this.bytes[this.#at++]!;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (zigzag >>> 1) ^ -(zigzag & 1);
    }
    this.#fail(this.#at < this.#limit ? OVERLONG : "a number ends with the record");
    return 0;
  }

  /** Reads 64 bits, rounded to the nearest double beyond ±2^52. */
  #readVarlong(): number {
    const at = this.#at;
    if (at < this.#limit) {
      const byte = this.bytes[at]!;
      if (byte < 0x80) {
        this.#at = at + 1;
        return (byte >>> 1) ^ -(byte & 1);
      }
    }
    let zigzag = 0;
    let isOdd = false;
    for (let scale = 1; scale < 2 ** 70 && this.#at < this.#limit; scale *= 128) {
      const byte = this.bytes[this.#at++]!;
      if (scale === 1) isOdd = (byte & 1) === 1;
      // what the tenth byte has beyond the 64th bit is dropped, as it is from a long
      zigzag += (scale === 2 ** 63 ? byte & 1 : byte & 0x7f) * scale;
      if (byte < 0x80) return isOdd ? -(zigzag + 1) / 2 : zigzag / 2;
    }
    this.#fail(OVERLONG);
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
export function findByTimestamp(cursor: RecordCursor, targetMs: number): TimestampedOffset | null {
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
export function findMaxTimestamp(cursor: RecordCursor): TimestampedOffset | null {
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
