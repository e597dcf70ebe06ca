import { assert, AssertionError } from "../base/assert.ts";
import { ProtocolError } from "./protocol_error.ts";
import { maxStringBytes } from "./reader.ts";
import { parseUuid } from "./string_cache.ts";

const two32 = 2 ** 32;
const maxUint32 = two32 - 1;
const minCapacity = 256;
const largeBytes = 1024 * 1024;
/** Smaller buffers are cheaper to leave to the garbage collector. */
const bytesWorthFreeing = 64 * 1024;
/** Up to this many characters a string is written by hand; the hand-over to TextEncoder costs more than that. */
const maxInlineChars = 64;
const utf8 = new TextEncoder();

/** Bytes that go out as they are: one piece, or several that are written one after another. */
export type Pieces = Uint8Array | readonly Uint8Array[];

/**
 * Writes the primitive types of Kafka's protocol into a buffer that grows.
 *
 * Where a method takes `flexible`, it writes the compact form of KIP-482 when that is true and the older
 * fixed-width length when not. A number that does not fit its type is a broken invariant of the caller.
 *
 * A writer is meant to be kept: `reset(buffer)` starts over in a buffer of the caller's, for example a pooled one.
 * When that is outgrown the writer goes on in one of its own, so after writing use {@link Writer.bytes} only.
 */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #position = 0;
  /** Whether the buffer is one that this writer made, so that nobody else has a use for it. */
  #isOwn = false;

  constructor(buffer: Uint8Array = new Uint8Array(minCapacity)) {
    this.#bytes = buffer;
    this.#view = viewOf(buffer);
  }

  /** Starts over, in `buffer` when one is given. */
  reset(buffer?: Uint8Array): this {
    if (buffer !== undefined && buffer !== this.#bytes) {
      this.#replace(buffer, false);
    }
    this.#position = 0;
    return this;
  }

  /**
   * Starts over without a buffer, and gives the memory of its own one back at once: left to the garbage collector,
   * large ones pile up.
   */
  free(): void {
    this.#replace(new Uint8Array(0), true);
    this.#position = 0;
  }

  /** Bytes written so far, which is where the next one goes. */
  get position(): number {
    return this.#position;
  }

  /** Bytes that fit before the buffer has to grow. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** A view of what was written. It stays valid until the next write or reset. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#position);
  }

  /** Makes room for `length` more bytes, so that a large message grows the buffer once. */
  ensure(length: number): void {
    const needed = this.#position + length;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(capacityFor(needed, this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#replace(grown, true);
  }

  bool(value: boolean): void {
    const at = this.#advance(1);
    this.#view.setInt8(at, value ? 1 : 0);
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) throw misfit("an int8", value);
    const at = this.#advance(1);
    this.#view.setInt8(at, value);
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) throw misfit("an int16", value);
    const at = this.#advance(2);
    this.#view.setInt16(at, value);
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) throw misfit("a uint16", value);
    const at = this.#advance(2);
    this.#view.setUint16(at, value);
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw misfit("an int32", value);
    const at = this.#advance(4);
    this.#view.setInt32(at, value);
  }

  float64(value: number): void {
    const at = this.#advance(8);
    this.#view.setFloat64(at, value);
  }

  /** An int64 from a safe integer. */
  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw misfit("a safe integer", value);
    const at = this.#advance(8);
    this.#view.setInt32(at, Math.floor(value / two32));
    this.#view.setUint32(at + 4, value >>> 0);
  }

  int64Bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw misfit("an int64", value);
    const at = this.#advance(8);
    this.#view.setBigInt64(at, value);
  }

  /** An unsigned varint of up to 32 bits. */
  uvarint(value: number): void {
    if (!(value >= 0 && value <= maxUint32)) throw misfit("a uint32", value);
    this.ensure(5);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#position++] = (rest & 0x7f) | 0x80;
      rest = rest >>> 7;
    }
    this.#bytes[this.#position++] = rest;
  }

  /** A uuid in Kafka's form: 22 characters of URL-safe base64. */
  uuid(value: string): void {
    const at = this.#advance(16);
    if (!parseUuid(value, this.#bytes, at)) throw misfit("a uuid", value);
  }

  string(value: string, flexible: boolean): void {
    const start = this.#position;
    const length = value.length;
    if (length > maxInlineChars) return this.#longString(value, flexible);
    this.ensure(2 + length);
    // One byte is enough for the varint of so short a length.
    if (flexible) this.#bytes[this.#position++] = length + 1;
    else this.int16(length);
    for (let index = 0; index < length; index++) {
      const char = value.charCodeAt(index);
      if (char > 0x7f) {
        this.#position = start;
        return this.#longString(value, flexible);
      }
      this.#bytes[this.#position++] = char;
    }
  }

  nullableString(value: string | null, flexible: boolean): void {
    if (value !== null) this.string(value, flexible);
    else if (flexible) this.uvarint(0);
    else this.int16(-1);
  }

  /** Bytes with their length before them. */
  bytesField(value: Uint8Array, flexible: boolean): void {
    this.#length(value.length, flexible);
    this.raw(value);
  }

  nullableBytesField(value: Uint8Array | null, flexible: boolean): void {
    if (value === null) this.nullLength(flexible);
    else this.bytesField(value, flexible);
  }

  /** Records with their length before them. */
  records(value: Pieces, flexible: boolean): void {
    if (value instanceof Uint8Array) return this.bytesField(value, flexible);
    let total = 0;
    for (const piece of value) total += piece.length;
    this.#length(total, flexible);
    this.ensure(total);
    for (const piece of value) this.raw(piece);
  }

  nullableRecords(value: Pieces | null, flexible: boolean): void {
    if (value === null) this.nullLength(flexible);
    else this.records(value, flexible);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const at = this.#advance(value.length);
    this.#bytes.set(value, at);
  }

  /** The count before the elements of an array. */
  arrayLength(count: number, flexible: boolean): void {
    this.#length(count, flexible);
  }

  /** What stands for an array, bytes or records that are null. */
  nullLength(flexible: boolean): void {
    if (flexible) this.uvarint(0);
    else this.int32(-1);
  }

  /** The byte before a struct that may be null. */
  presence(isPresent: boolean): void {
    this.int8(isPresent ? 1 : -1);
  }

  /** Starts a tagged field; hand what this returns to {@link Writer.endTag}. */
  beginTag(tag: number): number {
    this.uvarint(tag);
    return this.#advance(1);
  }

  /** Ends a tagged field: its size goes before it, in the one byte kept for it or in more. */
  endTag(start: number): void {
    const size = this.#position - start - 1;
    if (size > 0x7f) {
      const sizeBytes = uvarintBytes(size);
      this.ensure(sizeBytes - 1);
      this.#bytes.copyWithin(start + sizeBytes, start + 1, this.#position);
    }
    this.#position = start;
    this.uvarint(size);
    this.#position += size;
  }

  /** Overwrites four bytes that were written before, for example a frame's size. */
  patchInt32(at: number, value: number): void {
    assert(at >= 0 && at + 4 <= this.#position, "nothing was written there");
    this.#view.setInt32(at, value);
  }

  #replace(buffer: Uint8Array, isOwn: boolean): void {
    const old = this.#bytes.buffer;
    if (this.#isOwn && old instanceof ArrayBuffer && old.byteLength >= bytesWorthFreeing) old.transfer(0);
    this.#bytes = buffer;
    this.#view = viewOf(buffer);
    this.#isOwn = isOwn;
  }

  #length(length: number, flexible: boolean): void {
    if (flexible) this.uvarint(length + 1);
    else this.int32(length);
  }

  #longString(value: string, flexible: boolean): void {
    const encoded = utf8.encode(value);
    if (encoded.length > maxStringBytes) {
      throw new ProtocolError(`a string of ${encoded.length} bytes is too long to be sent`);
    }
    if (flexible) this.uvarint(encoded.length + 1);
    else this.int16(encoded.length);
    this.raw(encoded);
  }

  /**
   * Makes room for `length` bytes, moves past them and returns where they go. Call it before naming the buffer or
   * its view in the same expression: it may replace both.
   */
  #advance(length: number): number {
    this.ensure(length);
    const at = this.#position;
    this.#position = at + length;
    return at;
  }
}

/**
 * The capacity to grow to for `needed` bytes. Large buffers get little more than they need at once, and grow by half
 * when that was not all: what a response takes while it is sent should be about its size.
 */
function capacityFor(needed: number, capacity: number): number {
  if (needed < largeBytes) return Math.max(needed, capacity * 2, minCapacity);
  return Math.max(needed + bytesWorthFreeing, Math.floor(capacity * 1.5));
}

/** Built only when it is thrown: a message made ahead for every number written would be most of the work. */
function misfit(type: string, value: unknown): AssertionError {
  return new AssertionError(`not ${type}: ${String(value)}`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function uvarintBytes(value: number): number {
  let count = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) count++;
  return count;
}
