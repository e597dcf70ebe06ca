/** The longest code of a DEFLATE stream. */
export const CODE_BITS_MAX = 15;

/** Codes up to this length are found with one look-up; longer ones are rare, and searched. */
const FAST_BITS = 10;

/**
 * A canonical Huffman code as DEFLATE describes it, by the lengths of its codes (RFC 1951,
 * section 3.2.2). Made once and rebuilt for each block.
 */
export class HuffmanCode {
  /** By the next {@link FAST_BITS} bits: the symbol in bits 4–15, its code's length in 0–3; 0 is none. */
  readonly fast = new Uint16Array(1 << FAST_BITS);
  /** How many codes there are of each length, and their symbols, shorter codes first. */
  readonly #counts = new Uint16Array(CODE_BITS_MAX + 1);
  readonly #symbols: Uint16Array;
  readonly #next = new Uint16Array(CODE_BITS_MAX + 2);
  readonly #nextCode = new Uint16Array(CODE_BITS_MAX + 2);

  constructor(symbolsMax: number) {
    this.#symbols = new Uint16Array(symbolsMax);
  }

  /** Takes `lengths[from, to)`; false when they are not a code. Only a lone code may leave gaps. */
  build(lengths: Uint8Array, from: number, to: number): boolean {
    const counts = this.#counts.fill(0);
    for (let at = from; at < to; at++) counts[lengths[at]!]!++;
    counts[0] = 0;
    let free = 1;
    let used = 0;
    this.#next[1] = 0;
    this.#nextCode[1] = 0;
    for (let length = 1; length <= CODE_BITS_MAX; length++) {
      free = free * 2 - counts[length]!;
      if (free < 0) return false;
      used += counts[length]!;
      this.#next[length + 1] = this.#next[length]! + counts[length]!;
      this.#nextCode[length + 1] = (this.#nextCode[length]! + counts[length]!) * 2;
    }
    if (free > 0 && !(used === 0 || (used === 1 && counts[1] === 1))) return false;
    this.fast.fill(0);
    for (let at = from; at < to; at++) {
      const length = lengths[at]!;
      if (length === 0) continue;
      const symbol = at - from;
      this.#symbols[this.#next[length]!++] = symbol;
      const code = this.#nextCode[length]!++;
      if (length > FAST_BITS) continue;
      const step = 1 << length;
      for (let index = reversed(code, length); index < 1 << FAST_BITS; index += step) {
        this.fast[index] = (symbol << 4) | length;
      }
    }
    return true;
  }

  /** What {@link fast} would say of a longer code: in `bits`, lowest first; 0 when there is none. */
  search(bits: number): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= CODE_BITS_MAX; length++) {
      code |= (bits >>> (length - 1)) & 1;
      const count = this.#counts[length]!;
      if (code - first < count) return (this.#symbols[index + code - first]! << 4) | length;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return 0;
  }
}

/** Mask of the bits that {@link HuffmanCode.fast} is looked up with. */
export const FAST_MASK = (1 << FAST_BITS) - 1;

function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit++) result |= ((code >>> bit) & 1) << (length - 1 - bit);
  return result;
}
