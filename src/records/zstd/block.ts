import { HuffmanDecoder } from "./huffman.ts";
import { SequenceDecoder } from "./sequences.ts";

/** The most that a block may hold, whatever the frame's window. */
export const BLOCK_BYTES_MAX = 128 * 1024;

const LITERALS = { raw: 0, repeated: 1, compressed: 2, treeless: 3 } as const;
/** Less is not worth four streams, and not allowed in them. */
const FOUR_STREAMS_LEAST_BYTES = 6;
const MALFORMED = -1;

/** Decodes a frame's compressed blocks in turn; each may use what the ones before have defined. */
export class BlockDecoder {
  readonly #huffman = new HuffmanDecoder();
  readonly #sequences = new SequenceDecoder();
  /** Literals that had to be decoded; room is made when first needed. */
  #decoded: Uint8Array = new Uint8Array(0);
  #literals = this.#decoded;
  readonly #bytes: Uint8Array;
  readonly #input: DataView;

  /** For frames in `bytes`, behind which there is padding. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#input = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /**
   * Decodes the block [from, end) to `out[to, stop)`, where copies may reach back to
   * `frameStart`. Answers where the output ends, or -1.
   */
  decode(
    from: number,
    end: number,
    out: Uint8Array,
    frameStart: number,
    to: number,
    stop: number,
  ): number {
    const at = this.#readLiterals(from, end);
    if (at < 0) return MALFORMED;
    return this.#sequences.decode(this.#input, at, end, this.#literals, out, frameStart, to, stop);
  }

  #readLiterals(from: number, end: number): number {
    const bytes = this.#bytes;
    if (from >= end) return MALFORMED;
    const type = bytes[from]! & 3;
    const format = (bytes[from]! >> 2) & 3;
    if (type === LITERALS.compressed || type === LITERALS.treeless) {
      return this.#readCompressed(from, end, type, format);
    }
    const headBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
    let at = from + headBytes;
    if (at > end) return MALFORMED;
    const head = bytes[from]! | (headBytes > 1 ? bytes[from + 1]! << 8 : 0) |
      (headBytes > 2 ? bytes[from + 2]! << 16 : 0);
    const size = head >> (headBytes === 1 ? 3 : 4);
    if (size > BLOCK_BYTES_MAX) return MALFORMED;
    if (type === LITERALS.raw) {
      if (size > end - at) return MALFORMED;
      this.#literals = bytes.subarray(at, at + size);
      return at + size;
    }
    if (at >= end) return MALFORMED;
    this.#literals = this.#room(size).fill(bytes[at++]!);
    return at;
  }

  /** Huffman-coded literals in one stream or four, behind a new code or with the last block's. */
  #readCompressed(from: number, end: number, type: number, format: number): number {
    const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
    const headBytes = format < 2 ? 3 : format + 2;
    let at = from + headBytes;
    if (at > end) return MALFORMED;
    let head = 0;
    for (let index = headBytes - 1; index >= 0; index--) head = head * 256 + this.#bytes[from + index]!;
    const sizes = Math.floor(head / 16);
    const size = sizes % 2 ** sizeBits;
    const streamsEnd = at + Math.floor(sizes / 2 ** sizeBits);
    if (size > BLOCK_BYTES_MAX || streamsEnd > end) return MALFORMED;
    if (type === LITERALS.compressed) at = this.#huffman.readCode(this.#input, at, streamsEnd);
    if (at < 0 || !this.#huffman.hasCode) return MALFORMED;
    const out = this.#room(size);
    this.#literals = out;
    const isDecoded = format === 0
      ? this.#huffman.decode(this.#input, at, streamsEnd, out, 0, size)
      : this.#decodeFour(at, streamsEnd, out);
    return isDecoded ? streamsEnd : MALFORMED;
  }

  /** Four streams behind the sizes of the first three; each holds a quarter, rounded up. */
  #decodeFour(from: number, end: number, out: Uint8Array): boolean {
    const quarter = (out.length + 3) >> 2;
    if (end - from < 6 || out.length < FOUR_STREAMS_LEAST_BYTES) return false;
    let at = from + 6;
    for (let stream = 0; stream < 4; stream++) {
      const sizeAt = from + 2 * stream;
      const streamEnd = stream === 3 ? end : at + this.#input.getUint16(sizeAt, true);
      const start = quarter * stream;
      const stop = stream === 3 ? out.length : start + quarter;
      if (streamEnd > end || !this.#huffman.decode(this.#input, at, streamEnd, out, start, stop)) {
        return false;
      }
      at = streamEnd;
    }
    return true;
  }

  #room(size: number): Uint8Array {
    if (this.#decoded.length < size) this.#decoded = new Uint8Array(size);
    return this.#decoded.subarray(0, size);
  }
}
