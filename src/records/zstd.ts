import { zstdDecompressSync } from "node:zlib";
import { BoundedOutput } from "./bounded_output.ts";
import type { CompressionFault } from "./compression.ts";
import { littleEndian32 } from "./xxhash32.ts";
import { runZlib } from "./zlib_errors.ts";

const FRAME_MAGIC = 0xfd2fb528 | 0;
/** Frames of any content, to be skipped: sixteen magic numbers that differ in their lowest digit. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;

/** Bytes that the dictionary id and the content size take, by their codes in the descriptor. */
const DICTIONARY_ID_BYTES: readonly number[] = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES: readonly number[] = [0, 2, 4, 8];

const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/**
 * Decompresses zstd frames, one or several, that fill `bytes` exactly.
 *
 * The runtime's decoder takes a cut frame for a short one and stops behind the first: so the
 * frames' ends are found here, from their block headers.
 */
export function decompressZstd(bytes: Uint8Array, maxBytes: number): Uint8Array | CompressionFault {
  const output = new BoundedOutput(0, maxBytes);
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 8) return "corrupt";
    const magic = littleEndian32(bytes, at);
    if ((magic & ~0xf) === SKIPPABLE_MAGIC) {
      at += 8 + (littleEndian32(bytes, at + 4) >>> 0);
      if (at > bytes.length) return "corrupt";
      continue;
    }
    const end = magic === FRAME_MAGIC ? frameEnd(bytes, at) : -1;
    if (end < 0) return "corrupt";
    const frame = bytes.subarray(at, end);
    // one byte more than allowed: zero is not a limit that the decoder knows
    const maxOutputLength = maxBytes - output.length + 1;
    const content = runZlib(() => zstdDecompressSync(frame, { maxOutputLength }));
    if (typeof content === "string") return content;
    if (at === 0 && end === bytes.length && content.length <= maxBytes) return content;
    if (!output.append(content)) return "too large";
    at = end;
  }
  return output.written();
}

/** Where the frame at `at` ends, or -1 when it is cut or has a block of no known type. */
function frameEnd(bytes: Uint8Array, at: number): number {
  const descriptor = bytes[at + 4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSizeCode = descriptor >>> 6;
  let to = at + 5 + DICTIONARY_ID_BYTES[descriptor & 3]! + CONTENT_SIZE_BYTES[contentSizeCode]!;
  // a single segment has no window, and always tells its size
  if (!isSingleSegment || contentSizeCode === 0) to++;
  for (;;) {
    if (bytes.length - to < BLOCK_HEADER_BYTES) return -1;
    const block = bytes[to]! | (bytes[to + 1]! << 8) | (bytes[to + 2]! << 16);
    const type = (block >>> 1) & 3;
    if (type === RESERVED_BLOCK) return -1;
    to += BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : block >>> 3);
    if ((block & 1) !== 0) break;
  }
  if ((descriptor & 4) !== 0) to += CHECKSUM_BYTES;
  return to > bytes.length ? -1 : to;
}
