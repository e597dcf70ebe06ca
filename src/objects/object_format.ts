import { assert } from "../base/assert.ts";
import { crc32c } from "../base/crc32c.ts";
import { KliteError } from "../base/klite_error.ts";
import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  type BatchHeader,
  readInt32,
  readInt64,
  writeInt32,
  writeInt64,
} from "../records/outside.ts";
import type { StoredObject } from "./stored_object.ts";

/** Bytes of the footer for each batch. */
export const ENTRY_BYTES = 32;
/** Bytes of the footer behind the entries: their count, and the magic. */
export const TRAILER_BYTES = 8;
/** Batches of one object: positions are 32 bits wide. */
const MAX_DATA_BYTES = 0xffff_ffff;

/** "KLIX". */
const MAGIC = 0x4b4c_4958;

const AT = {
  baseOffset: 0,
  position: 8,
  length: 12,
  lastOffsetDelta: 16,
  maxTimestamp: 20,
  recordCount: 28,
} as const;

/** Size of the footer of an object with that many batches. */
export function footerBytes(batchCount: number): number {
  return batchCount * ENTRY_BYTES + TRAILER_BYTES;
}

/** What is wrong with an object's bytes, in words for the operator. */
export function objectDamage(key: string, what: string): KliteError {
  return new KliteError("DATA_DAMAGED", `object ${key} is damaged: ${what}`);
}

/** Writes the footer of an object as its batches come by. */
export class FooterBuilder {
  #bytes: Uint8Array<ArrayBuffer>;
  #count = 0;
  #dataBytes = 0;
  #maxTimestampMs = -1;
  #fromLeaderEpoch = -1;
  #toLeaderEpoch = -1;

  /** `expectedBatches` saves growing. */
  constructor(expectedBatches = 64) {
    this.#bytes = new Uint8Array(footerBytes(expectedBatches));
  }

  /** Bytes of the batches added so far. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** The next batch, which lies behind all before it. */
  add(header: BatchHeader): void {
    assert(this.#dataBytes + header.lengthBytes <= MAX_DATA_BYTES, "an object's positions fit into 32 bits");
    const at = this.#count * ENTRY_BYTES;
    if (at + ENTRY_BYTES + TRAILER_BYTES > this.#bytes.length) this.#grow();
    writeInt64(this.#bytes, at + AT.baseOffset, header.baseOffset);
    writeInt32(this.#bytes, at + AT.position, this.#dataBytes);
    writeInt32(this.#bytes, at + AT.length, header.lengthBytes);
    writeInt32(this.#bytes, at + AT.lastOffsetDelta, header.lastOffsetDelta);
    writeInt64(this.#bytes, at + AT.maxTimestamp, header.maxTimestampMs);
    writeInt32(this.#bytes, at + AT.recordCount, header.recordCount);
    if (this.#count === 0) this.#fromLeaderEpoch = header.leaderEpoch;
    this.#toLeaderEpoch = header.leaderEpoch;
    this.#maxTimestampMs = Math.max(this.#maxTimestampMs, header.maxTimestampMs);
    this.#dataBytes += header.lengthBytes;
    this.#count++;
  }

  /** The footer of what has been added so far. */
  build(): Uint8Array<ArrayBuffer> {
    const at = this.#count * ENTRY_BYTES;
    writeInt32(this.#bytes, at, this.#count);
    writeInt32(this.#bytes, at + 4, MAGIC);
    return this.#bytes.subarray(0, at + TRAILER_BYTES);
  }

  /** The object that these batches and their footer make. */
  describe(
    name: Pick<StoredObject, "baseOffset" | "endOffset" | "generation">,
    cleaning: Pick<StoredObject, "isClean" | "deleteHorizonMs"> = { isClean: false, deleteHorizonMs: -1 },
  ): StoredObject {
    const footer = this.build();
    return {
      baseOffset: name.baseOffset,
      endOffset: name.endOffset,
      generation: name.generation,
      sizeBytes: this.#dataBytes + footer.length,
      dataBytes: this.#dataBytes,
      batchCount: this.#count,
      maxTimestampMs: this.#maxTimestampMs,
      isClean: cleaning.isClean,
      deleteHorizonMs: cleaning.deleteHorizonMs,
      seal: {
        footerCrc: crc32c(footer, 0, footer.length),
        fromLeaderEpoch: this.#fromLeaderEpoch,
        toLeaderEpoch: this.#toLeaderEpoch,
      },
    };
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2 + ENTRY_BYTES);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

/**
 * The footer of an object, wholly checked: entries ascend, batches lie one behind the other from the object's first
 * byte to the footer's. Rows are numbered from 0.
 */
export class ObjectFooter {
  readonly #bytes: Uint8Array;
  readonly rows: number;
  /** Where the footer begins: bytes of all batches. */
  readonly dataBytes: number;

  private constructor(bytes: Uint8Array, rows: number, dataBytes: number) {
    this.#bytes = bytes;
    this.rows = rows;
    this.dataBytes = dataBytes;
  }

  /** Bytes of the footer, which are also about the memory that it takes. */
  get sizeBytes(): number {
    return this.#bytes.length;
  }

  /** CRC-32C of the footer. */
  get crc(): number {
    return crc32c(this.#bytes, 0, this.#bytes.length);
  }

  /**
   * Size of the footer at the end of an object of `sizeBytes`, of which `tail` is the end.
   * @throws KliteError DATA_DAMAGED when there is none.
   */
  static lengthBytes(tail: Uint8Array, sizeBytes: number, key: string): number {
    if (tail.length < TRAILER_BYTES) {
      throw objectDamage(key, `${sizeBytes} bytes are less than any object has`);
    }
    const count = readInt32(tail, tail.length - TRAILER_BYTES) >>> 0;
    const magic = readInt32(tail, tail.length - 4);
    if (magic !== MAGIC) throw objectDamage(key, `it does not end with a footer, at ${sizeBytes - 4}`);
    if (footerBytes(count) > sizeBytes) {
      throw objectDamage(key, `a footer of ${count} batches does not fit into ${sizeBytes} bytes`);
    }
    return footerBytes(count);
  }

  /**
   * Reads a footer from the end of an object of `sizeBytes`; `tail` holds all of it and may hold more before it.
   * It is copied.
   * @throws KliteError DATA_DAMAGED when anything in it does not fit.
   */
  static decode(tail: Uint8Array, sizeBytes: number, key: string): ObjectFooter {
    const length = ObjectFooter.lengthBytes(tail, sizeBytes, key);
    assert(tail.length >= length, "a footer is decoded from all of its bytes");
    const footer = new ObjectFooter(
      tail.slice(tail.length - length),
      (length - TRAILER_BYTES) / ENTRY_BYTES,
      sizeBytes - length,
    );
    footer.#check(key);
    return footer;
  }

  baseOffset(row: number): number {
    return readInt64(this.#bytes, row * ENTRY_BYTES + AT.baseOffset);
  }

  /** Where the batch begins in the object. */
  positionBytes(row: number): number {
    return readInt32(this.#bytes, row * ENTRY_BYTES + AT.position) >>> 0;
  }

  lengthBytes(row: number): number {
    return readInt32(this.#bytes, row * ENTRY_BYTES + AT.length) >>> 0;
  }

  lastOffset(row: number): number {
    return this.baseOffset(row) + readInt32(this.#bytes, row * ENTRY_BYTES + AT.lastOffsetDelta);
  }

  maxTimestampMs(row: number): number {
    return readInt64(this.#bytes, row * ENTRY_BYTES + AT.maxTimestamp);
  }

  recordCount(row: number): number {
    return readInt32(this.#bytes, row * ENTRY_BYTES + AT.recordCount);
  }

  /** Behind the batch's last byte. */
  endBytes(row: number): number {
    return this.positionBytes(row) + this.lengthBytes(row);
  }

  /** Largest timestamp of all batches; −1 without any. */
  get largestTimestampMs(): number {
    let largest = -1;
    for (let row = 0; row < this.rows; row++) largest = Math.max(largest, this.maxTimestampMs(row));
    return largest;
  }

  /** The first row whose last offset is at or behind `offset`; {@link rows} when there is none. */
  rowFrom(offset: number): number {
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.lastOffset(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * What does not fit between the batch whose header is `header` and what row `row` says of it; `null` when all does.
   */
  mismatch(row: number, header: BatchHeader): string | null {
    if (header.lengthBytes !== this.lengthBytes(row)) return "its length is not the footer's";
    if (header.magic !== BATCH_MAGIC) return `its magic is ${header.magic}`;
    if (header.baseOffset !== this.baseOffset(row)) return "its offset is not the footer's";
    if (header.lastOffset !== this.lastOffset(row)) return "its last offset is not the footer's";
    if (header.maxTimestampMs !== this.maxTimestampMs(row)) return "its timestamp is not the footer's";
    if (header.recordCount !== this.recordCount(row)) return "its record count is not the footer's";
    return null;
  }

  #check(key: string): void {
    let end = 0;
    let nextOffset = 0;
    for (let row = 0; row < this.rows; row++) {
      const base = this.baseOffset(row);
      const last = this.lastOffset(row);
      if (!Number.isSafeInteger(base) || base < nextOffset || last < base || this.recordCount(row) < 0) {
        throw objectDamage(key, `the footer's entry ${row} has offsets or counts that cannot be`);
      }
      if (this.positionBytes(row) !== end || this.lengthBytes(row) < BATCH_HEADER_BYTES) {
        throw objectDamage(key, `the footer's entry ${row} does not begin where the one before ends`);
      }
      end = this.endBytes(row);
      nextOffset = last + 1;
    }
    if (end !== this.dataBytes) {
      throw objectDamage(key, `the footer's batches end at ${end}, the footer begins at ${this.dataBytes}`);
    }
  }
}
