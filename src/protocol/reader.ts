import { ProtocolError } from "./protocol_error.ts";
import { StringCache } from "./string_cache.ts";

const two32 = 2 ** 32;

/** The longest string that Kafka reads, in bytes. */
export const maxStringBytes = 32767;

/**
 * The array elements that one message may have in all. An empty element of 3 bytes can take 150 on the heap, and
 * what is answered to it 500 more, so a frame of 100 MiB could take gigabytes. No client of one broker comes near it.
 */
const defaultMaxElements = 50_000;

/** Longer strings of one length all have the same hash in V8: each is compared with many when it is looked up. */
const longStringBytes = 16_383;

/**
 * The strings longer than that which one message may have in all: as many as a commit of Kafka's may have texts of
 * the largest size. A thousand of them as names in one request took seconds.
 */
const defaultMaxLongStrings = 32;

/**
 * Reads the primitive types of Kafka's protocol from a range of bytes.
 *
 * Every read checks what is left of the range, and every length and count is checked against it before anything is
 * allocated or looped over: the worst that bytes can do is a {@link ProtocolError}. What is read as bytes is a view
 * of the range, never a copy.
 *
 * Where a method takes `flexible`, it reads the compact form of KIP-482 (a varint that is one more than the length)
 * when that is true, and the older fixed-width length when not.
 *
 * A reader is meant to be kept and {@link Reader.reset} for each message. As decoding never waits, one cache, or
 * one reader, serves any number of connections.
 */
export class Reader {
  readonly #strings: StringCache;
  readonly #maxElements: number;
  readonly #maxLongStrings: number;
  #elements = 0;
  #longStrings = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #position = 0;
  #end = 0;

  constructor(
    strings: StringCache = new StringCache(),
    options: { readonly maxElements?: number; readonly maxLongStrings?: number } = {},
  ) {
    this.#strings = strings;
    this.#maxElements = options.maxElements ?? defaultMaxElements;
    this.#maxLongStrings = options.maxLongStrings ?? defaultMaxLongStrings;
  }

  /** Starts over at `bytes[start]`; nothing at or behind `bytes[end]` is read. */
  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    if (start < 0 || start > end || end > bytes.length) throw new RangeError("the range is not in the bytes");
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#position = start;
    this.#end = end;
    this.#elements = 0;
    this.#longStrings = 0;
    return this;
  }

  /** Index in the bytes of the next byte to read. */
  get position(): number {
    return this.#position;
  }

  /** Bytes that have not been read yet. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  /** Passes over `length` bytes. */
  skip(length: number): void {
    this.#take(length);
  }

  bool(): boolean {
    return this.#view.getInt8(this.#take(1)) !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** An int64 that must be a safe integer. */
  int64(): number {
    const at = this.#take(8);
    const value = this.#view.getInt32(at) * two32 + this.#view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) throw new ProtocolError("a 64-bit integer is beyond 2^53");
    return value;
  }

  /** An int64; what is beyond the safe integers becomes the nearest of them. */
  int64Saturating(): number {
    const at = this.#take(8);
    const value = this.#view.getInt32(at) * two32 + this.#view.getUint32(at + 4);
    if (value > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
    return value < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : value;
  }

  int64Bigint(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** An unsigned varint of up to 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(this.#take(1));
      if (shift === 28 && byte > 15) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new ProtocolError("a varint is longer than 32 bits");
  }

  /** A uuid in Kafka's form: 22 characters of URL-safe base64. */
  uuid(): string {
    return this.#strings.uuid(this.#view, this.#take(16));
  }

  string(flexible: boolean): string {
    const length = flexible ? this.uvarint() - 1 : this.int16();
    if (length < 0) throw new ProtocolError("a string that cannot be null is null");
    return this.#string(length);
  }

  nullableString(flexible: boolean): string | null {
    const length = flexible ? this.uvarint() - 1 : this.int16();
    return length < 0 ? null : this.#string(length);
  }

  /** A view of the next bytes, which come with their length. */
  bytes(flexible: boolean): Uint8Array {
    const length = flexible ? this.uvarint() - 1 : this.int32();
    if (length < 0) throw new ProtocolError("bytes that cannot be null are null");
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  nullableBytes(flexible: boolean): Uint8Array | null {
    const length = flexible ? this.uvarint() - 1 : this.int32();
    if (length < 0) return null;
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** The count of an array whose elements take at least `minElementBytes` each. */
  arrayLength(flexible: boolean, minElementBytes: number): number {
    const count = this.nullableArrayLength(flexible, minElementBytes);
    if (count < 0) throw new ProtocolError("an array that cannot be null is null");
    return count;
  }

  /** As {@link Reader.arrayLength}; -1 for null. */
  nullableArrayLength(flexible: boolean, minElementBytes: number): number {
    const count = flexible ? this.uvarint() - 1 : this.int32();
    if (count < 0) return -1;
    if (count * minElementBytes > this.remaining) {
      throw new ProtocolError(`an array of ${count} does not fit in the ${this.remaining} bytes left`);
    }
    this.#elements += count;
    if (this.#elements > this.#maxElements) {
      throw new ProtocolError(`more than ${this.#maxElements} array elements in one message`);
    }
    return count;
  }

  /** The byte before a struct that may be null: whether it is there. */
  isPresent(): boolean {
    return this.int8() >= 0;
  }

  /** The number of tagged fields that follow. */
  tagCount(): number {
    const count = this.uvarint();
    // Each takes a byte for its tag and one for its size.
    if (count * 2 > this.remaining) {
      throw new ProtocolError(`${count} tagged fields do not fit in the ${this.remaining} bytes left`);
    }
    return count;
  }

  /** The size of a tagged field, returned as the position where it must end. */
  tagEnd(): number {
    const size = this.uvarint();
    if (size > this.remaining) throw new ProtocolError("a tagged field is longer than the message");
    return this.#position + size;
  }

  /** Checks that a tagged field ended where its size said. */
  endTag(end: number): void {
    if (this.#position !== end) throw new ProtocolError("a tagged field is not as long as it says");
  }

  /** Passes over tagged fields none of which is known. */
  skipTaggedFields(): void {
    for (let count = this.tagCount(); count > 0; count--) {
      this.uvarint();
      this.#take(this.uvarint());
    }
  }

  #string(length: number): string {
    if (length > maxStringBytes) throw new ProtocolError(`a string of ${length} bytes is too long`);
    if (length > longStringBytes && ++this.#longStrings > this.#maxLongStrings) {
      throw new ProtocolError(
        `more than ${this.#maxLongStrings} strings of over ${longStringBytes} bytes in one message`,
      );
    }
    return this.#strings.string(this.#bytes, this.#take(length), length);
  }

  /** Moves past `length` bytes and returns where they start. */
  #take(length: number): number {
    const at = this.#position;
    if (length > this.#end - at) {
      throw new ProtocolError(`${length} bytes are expected where ${this.#end - at} are left`);
    }
    this.#position = at + length;
    return at;
  }
}
