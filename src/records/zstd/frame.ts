import { believableBytes, BoundedOutput } from "../bounded_output.ts";
import type { CompressionFault } from "../compression_fault.ts";
import { littleEndian32 } from "../xxhash32.ts";
import { PADDING_BYTES } from "./backward_bits.ts";
import { BLOCK_BYTES_MAX, BlockDecoder } from "./block.ts";
import { xxhash64Low } from "./xxhash64.ts";

const FRAME_MAGIC = 0xfd2fb528 | 0;
/** Frames of any content, to be skipped: sixteen magic numbers that differ in their lowest digit. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_HEADER_BYTES = 8;

/** Bytes that the dictionary id and the content size take, by their codes in the descriptor. */
const DICTIONARY_ID_BYTES: readonly number[] = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES: readonly number[] = [0, 2, 4, 8];

/** Like the reference decoder, no more history than this is kept for anyone. */
const WINDOW_BYTES_MAX = 2 ** 27;

const BLOCK = { raw: 0, repeated: 1, compressed: 2 } as const;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** What is expected of a frame that does not tell its size. */
const USUAL_RATIO = 3;
/** No block is denser than one byte, repeated: a larger claim is a lie, not worth memory. */
const DENSEST_RATIO = BLOCK_BYTES_MAX / (BLOCK_HEADER_BYTES + 1);

/**
 * Decompresses zstd (RFC 8878): frames, one or several, that fill `bytes` exactly, without
 * dictionaries. Sizes and checksums that a frame tells are compared.
 *
 * Our own, because the runtime's decoder takes a cut frame for a short one, stops behind the
 * first frame, and leaks what it had allocated for one that is corrupt.
 */
export function decompressZstd(bytes: Uint8Array, maxBytes: number): Uint8Array | CompressionFault {
  const frames = new FrameDecoder(bytes, maxBytes);
  let fault: CompressionFault | null = null;
  while (fault === null && frames.hasNext) fault = frames.decodeNext();
  return frames.output.ended(fault);
}

class FrameDecoder {
  readonly output: BoundedOutput;
  readonly #bytes: Uint8Array;
  readonly #padded: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array, maxBytes: number) {
    this.#padded = new Uint8Array(bytes.length + PADDING_BYTES);
    this.#padded.set(bytes);
    this.#bytes = this.#padded.subarray(0, bytes.length);
    this.output = new BoundedOutput(0, maxBytes);
  }

  get hasNext(): boolean {
    return this.#at < this.#bytes.length;
  }

  decodeNext(): CompressionFault | null {
    const bytes = this.#bytes;
    if (bytes.length - this.#at < SKIPPABLE_HEADER_BYTES) return "corrupt";
    const magic = littleEndian32(bytes, this.#at);
    if ((magic & ~0xf) === SKIPPABLE_MAGIC) {
      this.#at += SKIPPABLE_HEADER_BYTES + (littleEndian32(bytes, this.#at + 4) >>> 0);
      return this.#at > bytes.length ? "corrupt" : null;
    }
    return magic === FRAME_MAGIC ? this.#decodeFrame() : "corrupt";
  }

  #decodeFrame(): CompressionFault | null {
    const bytes = this.#bytes;
    const descriptor = bytes[this.#at + 4]!;
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const windowAt = this.#at + 5;
    const dictionaryAt = windowAt + (isSingleSegment ? 0 : 1);
    const sizeAt = dictionaryAt + DICTIONARY_ID_BYTES[descriptor & 3]!;
    const sizeCode = descriptor >>> 6;
    const sizeBytes = sizeCode === 0 && isSingleSegment ? 1 : CONTENT_SIZE_BYTES[sizeCode]!;
    this.#at = sizeAt + sizeBytes;
    if (this.#at > bytes.length || (descriptor & 8) !== 0) return "corrupt";
    if (littleEndianNumber(bytes, dictionaryAt, sizeAt) !== 0) return "corrupt";
    const toldBytes = littleEndianNumber(bytes, sizeAt, this.#at) + (sizeBytes === 2 ? 256 : 0);
    const windowBytes = isSingleSegment ? toldBytes : windowOf(bytes[windowAt]!);
    if (!isSingleSegment && windowBytes > WINDOW_BYTES_MAX) return "corrupt";

    const start = this.output.length;
    const maxBlockBytes = Math.min(windowBytes, BLOCK_BYTES_MAX);
    const leftBytes = bytes.length - this.#at;
    const toldRoomBytes = believableBytes(toldBytes + maxBlockBytes, leftBytes, DENSEST_RATIO);
    this.output.reserve(sizeBytes === 0 ? USUAL_RATIO * leftBytes : toldRoomBytes);
    const fault = this.#decodeBlocks(maxBlockBytes, start);
    if (fault !== null) return fault;
    if (sizeBytes > 0 && this.output.length - start !== toldBytes) return "corrupt";
    return (descriptor & 4) === 0 || this.#checksumFits(start) ? null : "corrupt";
  }

  #decodeBlocks(maxBlockBytes: number, frameStart: number): CompressionFault | null {
    const bytes = this.#bytes;
    const { output } = this;
    const decoder = new BlockDecoder(this.#padded);
    for (let isLast = false; !isLast;) {
      if (bytes.length - this.#at < BLOCK_HEADER_BYTES) return "corrupt";
      const head = bytes[this.#at]! | (bytes[this.#at + 1]! << 8) | (bytes[this.#at + 2]! << 16);
      isLast = (head & 1) !== 0;
      const type = (head >>> 1) & 3;
      const size = head >>> 3;
      const from = this.#at + BLOCK_HEADER_BYTES;
      this.#at = from + (type === BLOCK.repeated ? 1 : size);
      if (size > maxBlockBytes || this.#at > bytes.length) return "corrupt";
      if (type === BLOCK.raw) {
        if (!output.append(bytes.subarray(from, this.#at))) return "too large";
      } else if (type === BLOCK.repeated) {
        if (output.reserve(size) < size) return "too large";
        output.bytes.fill(bytes[from]!, output.length, output.length + size);
        output.length += size;
      } else if (type === BLOCK.compressed) {
        const fault = this.#decodeCompressed(decoder, from, maxBlockBytes, frameStart);
        if (fault !== null) return fault;
      } else {
        return "corrupt";
      }
    }
    return null;
  }

  #decodeCompressed(
    decoder: BlockDecoder,
    from: number,
    maxBlockBytes: number,
    frameStart: number,
  ): CompressionFault | null {
    const { output } = this;
    const roomBytes = output.reserve(maxBlockBytes);
    const start = output.length;
    const stop = start + roomBytes;
    const end = decoder.decode(from, this.#at, output.bytes, frameStart, start, stop);
    // short of room it may be sound: what it wanted is not told apart
    if (end < 0) return roomBytes < maxBlockBytes ? "too large" : "corrupt";
    output.length = end;
    return null;
  }

  #checksumFits(start: number): boolean {
    const at = this.#at;
    this.#at += CHECKSUM_BYTES;
    if (this.#at > this.#bytes.length) return false;
    const { bytes, length } = this.output;
    return xxhash64Low(bytes, start, length) === littleEndian32(this.#bytes, at);
  }
}

/** The history that copies may need: a power of two and some eighths more. */
function windowOf(code: number): number {
  const base = 2 ** (10 + (code >>> 3));
  return base + (base / 8) * (code & 7);
}

function littleEndianNumber(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= from; at--) value = value * 256 + bytes[at]!;
  return value;
}
