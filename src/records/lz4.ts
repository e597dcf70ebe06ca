import { BoundedOutput } from "./bounded_output.ts";
import type { CompressionFault } from "./compression_fault.ts";
import { littleEndian32, xxhash32 } from "./xxhash32.ts";

const FRAME_MAGIC = 0x184d2204;

/** Bits of the frame's flag byte; the top two are the version, 01. */
const FLAG = {
  versionMask: 0xc0,
  version: 0x40,
  independentBlocks: 0x20,
  blockChecksum: 0x10,
  contentSize: 0x08,
  contentChecksum: 0x04,
  reservedMask: 0x03,
} as const;

/** Largest block by the code in the descriptor's second byte: 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
const SMALLEST_BLOCK_CODE = 4;
const STORED_BLOCK = 0x8000_0000;

/** A copy's distance, the next token and at least five closing literals. */
const LEAST_BYTES_AFTER_LITERALS = 8;
const LEAST_COPY_BYTES = 4;

/** Each byte of a length stands for at most 255 bytes: no block expands further. */
const DENSEST_RATIO = 255;

/** What {@link decodeBlock} answers when the block is not LZ4, or does not fit. */
const MALFORMED = -1;
const OUT_OF_ROOM = -2;

/** The encoder's choices. The format wants no copy to begin in the last 12 bytes or to cover the last 5. */
const BLOCK_BYTES = 64 * 1024;
const HASH_BITS = 14;
const LITERALS_AT_END_BYTES = 5;
const LAST_COPY_START_BYTES = 12;

/**
 * Decompresses an LZ4 frame as Kafka reads it: version 1, independent blocks, no dictionary.
 *
 * Header and block checksums are verified. A content checksum must be there when announced,
 * but is not compared: Kafka 4.3.1 does not either, and the batch's CRC covers the same bytes.
 * What follows the end mark is ignored, as Kafka does.
 */
export function decompressLz4(bytes: Uint8Array, maxBytes: number): Uint8Array | CompressionFault {
  if (bytes.length < 7 || littleEndian32(bytes, 0) !== FRAME_MAGIC) return "corrupt";
  const flags = bytes[4]!;
  const isKnown = (flags & FLAG.versionMask) === FLAG.version && (flags & FLAG.reservedMask) === 0 &&
    (flags & FLAG.independentBlocks) !== 0;
  const sizeByte = bytes[5]!;
  const blockCode = sizeByte >>> 4;
  if (!isKnown || (sizeByte & 0x0f) !== 0 || blockCode < SMALLEST_BLOCK_CODE || blockCode > 7) {
    return "corrupt";
  }
  const checksumAt = (flags & FLAG.contentSize) === 0 ? 6 : 14;
  if (bytes.length <= checksumAt) return "corrupt";
  if (bytes[checksumAt] !== ((xxhash32(bytes, 4, checksumAt) >>> 8) & 0xff)) return "corrupt";
  const output = new BoundedOutput(bytes.length * 4, maxBytes);
  return output.ended(decodeBlocks(bytes, checksumAt + 1, flags, 1 << (8 + 2 * blockCode), output));
}

function decodeBlocks(
  bytes: Uint8Array,
  start: number,
  flags: number,
  maxBlockBytes: number,
  output: BoundedOutput,
): CompressionFault | null {
  const checksumBytes = (flags & FLAG.blockChecksum) === 0 ? 0 : 4;
  let at = start;
  for (;;) {
    if (bytes.length - at < 4) return "corrupt";
    const size = littleEndian32(bytes, at);
    at += 4;
    const blockBytes = size & ~STORED_BLOCK;
    if (blockBytes === 0) {
      return (flags & FLAG.contentChecksum) !== 0 && bytes.length - at < 4 ? "corrupt" : null;
    }
    const end = at + blockBytes;
    if (blockBytes > maxBlockBytes || bytes.length - end < checksumBytes) return "corrupt";
    if (checksumBytes !== 0 && xxhash32(bytes, at, end) !== littleEndian32(bytes, end) >>> 0) {
      return "corrupt";
    }
    if (size < 0) {
      if (!output.append(bytes.subarray(at, end))) return "too large";
    } else {
      const roomBytes = output.reserve(Math.min(maxBlockBytes, blockBytes * DENSEST_RATIO));
      const decodedEnd = decodeBlock(bytes, at, end, output.bytes, output.length, output.length + roomBytes);
      if (decodedEnd === OUT_OF_ROOM && roomBytes < maxBlockBytes) return "too large";
      if (decodedEnd < 0) return "corrupt";
      output.length = decodedEnd;
    }
    at = end + checksumBytes;
  }
}

/**
 * Expands one block to `out[start, stop)`: sequences of literals and a copy from at most 64 KiB
 * back; the last one has only literals. Returns where the output ends, or one of the negative two.
 */
function decodeBlock(
  bytes: Uint8Array,
  from: number,
  end: number,
  out: Uint8Array,
  start: number,
  stop: number,
): number {
  let at = from;
  let to = start;
  while (at < end) {
    const token = bytes[at++]!;
    let count = token >>> 4;
    if (count === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) return MALFORMED;
        more = bytes[at++]!;
        count += more;
      }
    }
    if (count > end - at) return MALFORMED;
    if (count > stop - to) return OUT_OF_ROOM;
    if (count > 64) {
      out.set(bytes.subarray(at, at + count), to);
      at += count;
      to += count;
    } else {
      for (const last = at + count; at < last;) out[to++] = bytes[at++]!;
    }
    if (at === end) return to;
    if (end - at < LEAST_BYTES_AFTER_LITERALS) return MALFORMED;
    const distance = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    count = (token & 15) + LEAST_COPY_BYTES;
    if (count === 15 + LEAST_COPY_BYTES) {
      let more = 255;
      while (more === 255) {
        if (at >= end) return MALFORMED;
        more = bytes[at++]!;
        count += more;
      }
    }
    if (distance === 0 || distance > to - start) return MALFORMED;
    if (count > stop - to) return OUT_OF_ROOM;
    const last = to + count;
    if (count > 64 && distance >= count) {
      out.copyWithin(to, to - distance, last - distance);
      to = last;
    } else {
      // a copy may run into what it writes: then it repeats it
      for (let copied = to - distance; to < last;) out[to++] = out[copied++]!;
    }
  }
  return MALFORMED;
}

/** Compresses into an LZ4 frame of independent 64 KiB blocks without checksums, as Java clients write. */
export function compressLz4(bytes: Uint8Array): Uint8Array {
  const blockCount = Math.ceil(bytes.length / BLOCK_BYTES);
  // a block that would not shrink is stored: nothing outgrows this
  const out = new Uint8Array(7 + bytes.length + blockCount * 4 + 4);
  writeLittleEndian32(out, 0, FRAME_MAGIC);
  out[4] = FLAG.version | FLAG.independentBlocks;
  out[5] = SMALLEST_BLOCK_CODE << 4;
  out[6] = xxhash32(out, 4, 6) >>> 8;
  const scratch = new Uint8Array(BLOCK_BYTES + BLOCK_BYTES / 255 + 16);
  let to = 7;
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const end = Math.min(from + BLOCK_BYTES, bytes.length);
    const compressedBytes = encodeBlock(bytes, from, end, scratch);
    const isStored = compressedBytes >= end - from;
    const block = isStored ? bytes.subarray(from, end) : scratch.subarray(0, compressedBytes);
    writeLittleEndian32(out, to, isStored ? block.length | STORED_BLOCK : block.length);
    out.set(block, to + 4);
    to += 4 + block.length;
  }
  return out.subarray(0, to + 4);
}

/** Greedy: one hash probe a position, wider steps where nothing matches. Returns the size written. */
function encodeBlock(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  const lastSeen = new Int32Array(1 << HASH_BITS).fill(-1);
  const matchEnd = end - LITERALS_AT_END_BYTES;
  let to = 0;
  let literalsFrom = start;
  let misses = 0;
  for (let at = start; at < end - LAST_COPY_START_BYTES;) {
    const word = littleEndian32(bytes, at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = lastSeen[slot]!;
    lastSeen[slot] = at;
    if (candidate < 0 || littleEndian32(bytes, candidate) !== word) {
      at += 1 + (misses++ >>> 5);
      continue;
    }
    let count = LEAST_COPY_BYTES;
    while (at + count < matchEnd && bytes[candidate + count] === bytes[at + count]) count++;
    to = writeLiterals(bytes, literalsFrom, at, out, to, count - LEAST_COPY_BYTES);
    out[to++] = at - candidate;
    out[to++] = (at - candidate) >> 8;
    to = writeExtraLength(out, to, count - LEAST_COPY_BYTES);
    at += count;
    literalsFrom = at;
    misses = 0;
  }
  return writeLiterals(bytes, literalsFrom, end, out, to, 0);
}

/** A sequence's token, which also says how long the copy behind the literals is, and the literals. */
function writeLiterals(
  bytes: Uint8Array,
  from: number,
  until: number,
  out: Uint8Array,
  at: number,
  copyCode: number,
): number {
  const count = until - from;
  out[at] = (Math.min(count, 15) << 4) | Math.min(copyCode, 15);
  const to = writeExtraLength(out, at + 1, count);
  out.set(bytes.subarray(from, until), to);
  return to + count;
}

/** What does not fit the token's four bits follows in bytes, of which all but the last are 255. */
function writeExtraLength(out: Uint8Array, to: number, count: number): number {
  if (count < 15) return to;
  for (count -= 15; count >= 255; count -= 255) out[to++] = 255;
  out[to++] = count;
  return to;
}

function writeLittleEndian32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}
