import type { BoundedOutput } from "../bounded_output.ts";
import type { CompressionFault } from "../compression_fault.ts";
import { FAST_MASK, HuffmanCode } from "./huffman_code.ts";

const BLOCK = { stored: 0, fixed: 1, dynamic: 2 } as const;
const END_OF_BLOCK = 256;
const LENGTH_CODES_START = 257;
const LITERAL_SYMBOLS = 288;
const LITERAL_SYMBOLS_USED = 286;
const DISTANCE_SYMBOLS = 30;

/** The longest copy: room for it is made before a symbol is read. */
export const COPY_BYTES_MAX = 258;

/** Extra bits of the lengths that are codes 257 and up, and of distances; the least values follow from them. */
const LENGTH_BITS = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0],
);
const LENGTH_BASE = basesOf(LENGTH_BITS, 3).with(28, COPY_BYTES_MAX);
const DISTANCE_BITS = Uint8Array.of(
  ...[0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13],
);
const DISTANCE_BASE = basesOf(DISTANCE_BITS, 1);

/** The order in which the lengths of the code-length code are written: likely ones first. */
const LENGTH_CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function basesOf(widths: Uint8Array, first: number): Uint16Array {
  const bases = new Uint16Array(widths.length);
  let next = first;
  for (let code = 0; code < widths.length; code++) {
    bases[code] = next;
    next += 1 << widths[code]!;
  }
  return bases;
}

/** Expands DEFLATE streams (RFC 1951) that lie one after another in the same bytes. */
export class Inflater {
  /** Where the next byte is taken from; behind the stream when it has been expanded. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #output: BoundedOutput;
  /** Bits taken from the bytes and not used yet, lowest first, and how many. */
  #bits = 0;
  #bitCount = 0;
  #start = 0;
  readonly #literals = new HuffmanCode(LITERAL_SYMBOLS);
  readonly #distances = new HuffmanCode(DISTANCE_SYMBOLS + 2);
  readonly #lengths = new Uint8Array(LITERAL_SYMBOLS + DISTANCE_SYMBOLS + 2);

  constructor(bytes: Uint8Array, output: BoundedOutput) {
    this.#bytes = bytes;
    this.#output = output;
    this.at = 0;
  }

  /** Expands the stream that begins at {@link at}; copies reach no further back than its own output. */
  inflate(): CompressionFault | null {
    this.#start = this.#output.length;
    this.#bits = 0;
    this.#bitCount = 0;
    for (let isLast = false; !isLast;) {
      isLast = this.#read(1) === 1;
      const fault = this.#block(this.#read(2));
      if (fault !== null) return fault;
    }
    // whole bytes that were taken ahead are given back
    this.at -= this.#bitCount >> 3;
    return this.at > this.#bytes.length ? "corrupt" : null;
  }

  #block(type: number): CompressionFault | null {
    // zeros stand for what is missing: this is where it is noticed at the latest
    if (this.#isBeyondEnd) return "corrupt";
    if (type === BLOCK.stored) return this.#stored();
    if (type === BLOCK.fixed) this.#readFixedCodes();
    else if (type !== BLOCK.dynamic || !this.#readCodes()) return "corrupt";
    return this.#compressed();
  }

  #stored(): CompressionFault | null {
    this.at -= this.#bitCount >> 3;
    this.#bits = 0;
    this.#bitCount = 0;
    const bytes = this.#bytes;
    const from = this.at + 4;
    if (from > bytes.length) return "corrupt";
    const size = bytes[from - 4]! | (bytes[from - 3]! << 8);
    const check = bytes[from - 2]! | (bytes[from - 1]! << 8);
    if (size !== (check ^ 0xffff) || size > bytes.length - from) return "corrupt";
    this.at = from + size;
    return this.#output.append(bytes.subarray(from, this.at)) ? null : "too large";
  }

  #readFixedCodes(): void {
    const lengths = this.#lengths;
    lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, LITERAL_SYMBOLS);
    this.#literals.build(lengths, 0, LITERAL_SYMBOLS);
    lengths.fill(5, 0, DISTANCE_SYMBOLS + 2);
    this.#distances.build(lengths, 0, DISTANCE_SYMBOLS + 2);
  }

  /** Reads the codes of a dynamic block, whose lengths are themselves coded (section 3.2.7). */
  #readCodes(): boolean {
    const lengths = this.#lengths.fill(0);
    const literalCount = this.#read(5) + LENGTH_CODES_START;
    const distanceCount = this.#read(5) + 1;
    const lengthCount = this.#read(4) + 4;
    if (literalCount > LITERAL_SYMBOLS_USED || distanceCount > DISTANCE_SYMBOLS) return false;
    for (let index = 0; index < lengthCount; index++) lengths[LENGTH_CODE_ORDER[index]!] = this.#read(3);
    // the code of the lengths stands where the code of the literals will
    if (!this.#literals.build(lengths, 0, LENGTH_CODE_ORDER.length)) return false;
    lengths.fill(0);
    const count = literalCount + distanceCount;
    for (let index = 0; index < count;) {
      const symbol = this.#symbol(this.#literals);
      if (symbol < 0 || this.#isBeyondEnd) return false;
      if (symbol < 16) {
        lengths[index++] = symbol;
        continue;
      }
      if (symbol === 16 && index === 0) return false;
      const value = symbol === 16 ? lengths[index - 1]! : 0;
      const repeats = symbol === 16
        ? 3 + this.#read(2)
        : symbol === 17
        ? 3 + this.#read(3)
        : 11 + this.#read(7);
      if (index + repeats > count) return false;
      lengths.fill(value, index, index + repeats);
      index += repeats;
    }
    return lengths[END_OF_BLOCK] !== 0 && this.#literals.build(lengths, 0, literalCount) &&
      this.#distances.build(lengths, literalCount, count);
  }

  #compressed(): CompressionFault | null {
    const bytes = this.#bytes;
    const output = this.#output;
    const literals = this.#literals;
    const distances = this.#distances;
    let { at } = this;
    let bits = this.#bits;
    let bitCount = this.#bitCount;
    let out = output.bytes;
    let to = output.length;
    let stop = to;
    // before each part there are 16 bits at least: no code and no extra bits take more
    for (;;) {
      if (stop - to < COPY_BYTES_MAX) {
        output.length = to;
        stop = to + output.reserve(Math.max(COPY_BYTES_MAX, output.bytes.length - to));
        out = output.bytes;
      }
      if (bitCount < 16) {
        bits |= (bytes[at]! | (bytes[at + 1]! << 8)) << bitCount;
        at += 2;
        bitCount += 16;
      }
      let entry = literals.fast[bits & FAST_MASK]!;
      if (entry === 0) entry = literals.search(bits);
      bits >>>= entry & 15;
      bitCount -= entry & 15;
      const symbol = entry >>> 4;
      if (symbol < END_OF_BLOCK) {
        if (entry === 0) return "corrupt";
        if (to === stop) return "too large";
        out[to++] = symbol;
        if (at <= bytes.length + 4) continue;
        return "corrupt";
      }
      if (symbol === END_OF_BLOCK) break;
      const lengthCode = symbol - LENGTH_CODES_START;
      if (lengthCode >= LENGTH_BASE.length) return "corrupt";
      if (bitCount < 16) {
        bits |= (bytes[at]! | (bytes[at + 1]! << 8)) << bitCount;
        at += 2;
        bitCount += 16;
      }
      const lengthBits = LENGTH_BITS[lengthCode]!;
      const count = LENGTH_BASE[lengthCode]! + (bits & ((1 << lengthBits) - 1));
      bits >>>= lengthBits;
      bitCount -= lengthBits;
      if (bitCount < 16) {
        bits |= (bytes[at]! | (bytes[at + 1]! << 8)) << bitCount;
        at += 2;
        bitCount += 16;
      }
      entry = distances.fast[bits & FAST_MASK]!;
      if (entry === 0) entry = distances.search(bits);
      const distanceCode = entry >>> 4;
      if (entry === 0 || distanceCode >= DISTANCE_SYMBOLS) return "corrupt";
      bits >>>= entry & 15;
      bitCount -= entry & 15;
      const distanceBits = DISTANCE_BITS[distanceCode]!;
      if (bitCount < 16) {
        bits |= (bytes[at]! | (bytes[at + 1]! << 8)) << bitCount;
        at += 2;
        bitCount += 16;
      }
      const distance = DISTANCE_BASE[distanceCode]! + (bits & ((1 << distanceBits) - 1));
      bits >>>= distanceBits;
      bitCount -= distanceBits;
      if (distance > to - this.#start || at > bytes.length + 4) return "corrupt";
      if (count > stop - to) return "too large";
      for (let copied = to - distance, last = to + count; to < last;) out[to++] = out[copied++]!;
    }
    output.length = to;
    this.at = at;
    this.#bits = bits;
    this.#bitCount = bitCount;
    return null;
  }

  #symbol(code: HuffmanCode): number {
    this.#fill();
    const entry = code.fast[this.#bits & FAST_MASK]! || code.search(this.#bits);
    this.#bits >>>= entry & 15;
    this.#bitCount -= entry & 15;
    return entry === 0 ? -1 : entry >>> 4;
  }

  #read(count: number): number {
    this.#fill();
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return value;
  }

  #fill(): void {
    while (this.#bitCount < 24) {
      this.#bits |= this.#bytes[this.at++]! << this.#bitCount;
      this.#bitCount += 8;
    }
  }

  /** Whether bits were used that are not in the bytes. */
  get #isBeyondEnd(): boolean {
    return this.at - (this.#bitCount >> 3) > this.#bytes.length;
  }
}
