import { BackwardBits } from "./backward_bits.ts";
import { FseReader } from "./fse.ts";

/** The longest code. */
const CODE_BITS_MAX = 12;
const WEIGHTS_ACCURACY_LOG_MAX = 6;
const SYMBOLS_MAX = 256;
const MALFORMED = -1;

/** The literals of a block that is compressed: a Huffman code, and streams that are written in it. */
export class HuffmanDecoder {
  /** By the next `#codeBits` bits: the symbol in bits 4–11, how many of the bits are its code in 0–3. */
  readonly #codes = new Uint16Array(1 << CODE_BITS_MAX);
  readonly #weights = new Uint8Array(SYMBOLS_MAX);
  readonly #fse = new FseReader();
  readonly #bits = new BackwardBits();
  #codeBits = 0;

  /** Whether a code has been read that a later block may use again. */
  get hasCode(): boolean {
    return this.#codeBits > 0;
  }

  /** Reads the description of a code at `from`; answers the position behind it, or -1. */
  readCode(input: DataView, from: number, end: number): number {
    this.#codeBits = 0;
    if (from >= end) return MALFORMED;
    const head = input.getUint8(from);
    let count: number;
    let to: number;
    if (head >= 128) {
      count = head - 127;
      to = from + 1 + ((count + 1) >> 1);
      if (to > end) return MALFORMED;
      for (let index = 0; index < count; index++) {
        const pair = input.getUint8(from + 1 + (index >> 1));
        this.#weights[index] = (index & 1) === 0 ? pair >> 4 : pair & 15;
      }
    } else {
      to = from + 1 + head;
      if (to > end) return MALFORMED;
      count = this.#readWeights(input, from + 1, to);
    }
    return count < 0 || !this.#build(count) ? MALFORMED : to;
  }

  /** Decodes `out[start, stop)` from one stream, which must be used up by that. */
  decode(input: DataView, from: number, end: number, out: Uint8Array, start: number, stop: number): boolean {
    const bits = this.#bits;
    if (!bits.open(input, from, end)) return false;
    const { words } = bits;
    const codes = this.#codes;
    const codeBits = this.#codeBits;
    const mask = (1 << codeBits) - 1;
    let { left } = bits;
    let to = start;
    // one word holds two codes
    while (to + 1 < stop && left >= 2 * codeBits) {
      const at = left - 2 * codeBits;
      const word = words.getInt32(at >> 3, true) >>> (at & 7);
      const first = codes[(word >>> codeBits) & mask]!;
      const second = codes[(word >>> (codeBits - (first & 15))) & mask]!;
      out[to] = first >> 4;
      out[to + 1] = second >> 4;
      to += 2;
      left -= (first & 15) + (second & 15);
    }
    while (to < stop && left > 0) {
      const at = left - codeBits;
      // the last codes are followed by less than a whole look-up's bits
      const index = at < 0 ? words.getInt32(0, true) << -at : words.getInt32(at >> 3, true) >>> (at & 7);
      const code = codes[index & mask]!;
      out[to++] = code >> 4;
      left -= code & 15;
    }
    return to === stop && left === 0;
  }

  /** Weights that are themselves compressed: two states take turns until the bits are used up. */
  #readWeights(input: DataView, from: number, end: number): number {
    const at = this.#fse.read(input, from, end, SYMBOLS_MAX - 1, WEIGHTS_ACCURACY_LOG_MAX);
    if (at < 0 || !this.#bits.open(input, at, end)) return MALFORMED;
    const bits = this.#bits;
    const { states, accuracyLog } = this.#fse.table;
    let state = bits.read(accuracyLog);
    let other = bits.read(accuracyLog);
    if (bits.left < 0) return MALFORMED;
    let count = 0;
    // one symbol less than there may be: the last weight is not written
    while (count < SYMBOLS_MAX - 2) {
      const entry = states[state]!;
      this.#weights[count++] = entry >>> 24;
      const next = (entry & 0xffff) + bits.read((entry >> 16) & 0xff);
      state = other;
      other = next;
      if (bits.left >= 0) continue;
      this.#weights[count++] = states[state]! >>> 24;
      return count;
    }
    return MALFORMED;
  }

  /** Makes the look-up table of the weights; the last symbol's is what is missing to a power of two. */
  #build(count: number): boolean {
    const weights = this.#weights;
    let total = 0;
    let ones = 0;
    for (let symbol = 0; symbol < count; symbol++) {
      const weight = weights[symbol]!;
      if (weight > CODE_BITS_MAX) return false;
      if (weight > 0) total += 1 << (weight - 1);
      if (weight === 1) ones++;
    }
    if (total === 0) return false;
    const codeBits = 32 - Math.clz32(total);
    const missing = (1 << codeBits) - total;
    if (codeBits > CODE_BITS_MAX || (missing & (missing - 1)) !== 0) return false;
    weights[count] = 32 - Math.clz32(missing);
    if (weights[count] === 1) ones++;
    // the longest codes come in pairs
    if (ones < 2 || (ones & 1) !== 0) return false;
    let at = 0;
    for (let weight = 1; weight <= codeBits; weight++) {
      for (let symbol = 0; symbol <= count; symbol++) {
        if (weights[symbol] !== weight) continue;
        const next = at + (1 << (weight - 1));
        this.#codes.fill((symbol << 4) | (codeBits + 1 - weight), at, next);
        at = next;
      }
    }
    this.#codeBits = codeBits;
    return true;
  }
}
