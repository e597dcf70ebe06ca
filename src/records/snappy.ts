import { snappyCompressor, snappyUncompressor } from "hysnappy";
import { readInt32, writeInt32 } from "./batch.ts";
import { BoundedOutput } from "./bounded_output.ts";
import type { CompressionFault } from "./compression.ts";

/** First bytes of the framing that Java clients put around snappy blocks ("\x82SNAPPY\0"). */
const FRAMING_MAGIC = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0);
const FRAMING_HEADER_BYTES = 16;
const FRAMING_VERSION = 1;
const FRAMING_BLOCK_BYTES = 32 * 1024;

/** No encoding is denser than 64 bytes from a copy of 3: a larger claim is a lie, not worth memory. */
const DENSEST_RATIO = 64 / 3;

/** The codec's memory only grows: past this many bytes of work it is thrown away. Made when first needed. */
const KEPT_WORK_BYTES = 8 * 1024 * 1024;

let uncompressor: ReturnType<typeof snappyUncompressor> | null = null;
let compressor: ReturnType<typeof snappyCompressor> | null = null;

/** Decompresses snappy as Kafka's clients write it: one raw block (librdkafka, Go), or Java's framing. */
export function decompressSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array | CompressionFault {
  if (!hasFramingMagic(bytes, 0)) return decodeBlock(bytes, maxBytes);
  // the version behind the magic is not looked at: Java's decoder does not either
  const output = new BoundedOutput(bytes.length * 2, maxBytes);
  let at = FRAMING_HEADER_BYTES;
  while (at < bytes.length) {
    // streams may be concatenated: then a header stands where a size is expected
    if (hasFramingMagic(bytes, at)) {
      at += FRAMING_HEADER_BYTES;
      continue;
    }
    if (bytes.length - at < 4) return "corrupt";
    const blockBytes = readInt32(bytes, at);
    at += 4;
    if (blockBytes < 0 || blockBytes > bytes.length - at) return "corrupt";
    const block = decodeBlock(bytes.subarray(at, at + blockBytes), maxBytes - output.length);
    if (typeof block === "string") return block;
    output.append(block);
    at += blockBytes;
  }
  return output.written();
}

/** Compresses into Java's framing, blocks of 32 KiB, which every Kafka client reads. */
export function compressSnappy(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array(FRAMING_HEADER_BYTES)];
  parts[0]!.set(FRAMING_MAGIC);
  writeInt32(parts[0]!, 8, FRAMING_VERSION);
  writeInt32(parts[0]!, 12, FRAMING_VERSION);
  for (let from = 0; from < bytes.length; from += FRAMING_BLOCK_BYTES) {
    const block = compressSnappyBlock(bytes.subarray(from, from + FRAMING_BLOCK_BYTES));
    const size = new Uint8Array(4);
    writeInt32(size, 0, block.length);
    parts.push(size, block);
  }
  const output = new BoundedOutput(0, Infinity);
  output.reserve(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) output.append(part);
  return output.written();
}

/** Compresses into one raw block, without framing, as librdkafka and the Go clients write. */
export function compressSnappyBlock(bytes: Uint8Array): Uint8Array {
  compressor ??= snappyCompressor();
  const block = compressor(bytes);
  if (bytes.length > KEPT_WORK_BYTES) compressor = null;
  return block;
}

function hasFramingMagic(bytes: Uint8Array, at: number): boolean {
  return bytes.length - at >= FRAMING_HEADER_BYTES &&
    FRAMING_MAGIC.every((byte, index) => bytes[at + index] === byte);
}

function decodeBlock(bytes: Uint8Array, maxBytes: number): Uint8Array | CompressionFault {
  const decodedBytes = claimedBytes(bytes);
  if (decodedBytes < 0 || decodedBytes > bytes.length * DENSEST_RATIO) return "corrupt";
  if (decodedBytes > maxBytes) return "too large";
  try {
    uncompressor ??= snappyUncompressor();
    return uncompressor(bytes, decodedBytes);
  } catch {
    // the codec throws for every malformed input, with messages that tell a client nothing
    return "corrupt";
  } finally {
    if (bytes.length + decodedBytes > KEPT_WORK_BYTES) uncompressor = null;
  }
}

/** The decoded size that a raw block begins with, a varint of up to 32 bits; -1 when malformed. */
function claimedBytes(bytes: Uint8Array): number {
  let size = 0;
  for (let index = 0, scale = 1; index < Math.min(bytes.length, 5); index++, scale *= 128) {
    const byte = bytes[index]!;
    size += (byte & 0x7f) * scale;
    if (byte < 0x80) return size;
  }
  return -1;
}
