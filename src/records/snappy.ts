import { readInt32 } from "./batch.ts";
import { BoundedOutput, freeBytes } from "./bounded_output.ts";
import type { CompressionFault } from "./compression_fault.ts";

/** First bytes of the framing that Java clients put around snappy blocks ("\x82SNAPPY\0"). */
export const FRAMING_MAGIC = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0);
export const FRAMING_HEADER_BYTES = 16;
/** No encoding is denser than 64 bytes from a copy of 3: a larger claim is a lie, not worth memory. */
const DENSEST_RATIO = 64 / 3;

/** Kinds of elements, as the lowest two bits of their tags; copies differ in the bytes of their offsets. */
const ELEMENT = { literal: 0, copy1: 1, copy2: 2, copy4: 3 } as const;
/** Longer literals have their length in one to four bytes of their own. */
const LITERAL_INLINE_MAX = 60;

/** Decompresses snappy as Kafka's clients write it: one raw block (librdkafka, Go), or Java's framing. */
export function decompressSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array | CompressionFault {
  if (!hasFramingMagic(bytes, 0)) return decodeBlock(bytes, maxBytes);
  // the version behind the magic is not looked at: Java's decoder does not either
  const output = new BoundedOutput(bytes.length * 2, maxBytes);
  return output.ended(decodeBlocks(bytes, output, maxBytes));
}

function decodeBlocks(bytes: Uint8Array, output: BoundedOutput, maxBytes: number): CompressionFault | null {
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
    freeBytes(block);
    at += blockBytes;
  }
  return null;
}

function hasFramingMagic(bytes: Uint8Array, at: number): boolean {
  return bytes.length - at >= FRAMING_HEADER_BYTES &&
    FRAMING_MAGIC.every((byte, index) => bytes[at + index] === byte);
}

function decodeBlock(bytes: Uint8Array, maxBytes: number): Uint8Array | CompressionFault {
  const decodedBytes = claimedBytes(bytes);
  if (decodedBytes < 0 || decodedBytes > bytes.length * DENSEST_RATIO) return "corrupt";
  if (decodedBytes > maxBytes) return "too large";
  const output = new Uint8Array(decodedBytes);
  if (fillBlock(bytes, varintBytesAt(bytes), output)) return output;
  freeBytes(output);
  return "corrupt";
}

/** Length of the varint that a block begins with; it is known to end. */
function varintBytesAt(bytes: Uint8Array): number {
  return bytes.findIndex((byte) => byte < 0x80) + 1;
}

/**
 * Decodes the elements of a block from `from` on, literals and copies of what came before, and
 * says whether they gave exactly as many bytes as `output` has.
 */
function fillBlock(bytes: Uint8Array, from: number, output: Uint8Array): boolean {
  let at = from;
  let to = 0;
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    if (kind === ELEMENT.literal) {
      let length = (tag >>> 2) + 1;
      if (length > LITERAL_INLINE_MAX) {
        const sizeBytes = length - LITERAL_INLINE_MAX;
        if (at + sizeBytes > bytes.length) return false;
        length = littleEndian(bytes, at, sizeBytes) + 1;
        at += sizeBytes;
      }
      if (length > bytes.length - at || length > output.length - to) return false;
      output.set(bytes.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    const offsetBytes = kind === ELEMENT.copy1 ? 1 : kind === ELEMENT.copy2 ? 2 : 4;
    if (at + offsetBytes > bytes.length) return false;
    let offset = littleEndian(bytes, at, offsetBytes);
    if (kind === ELEMENT.copy1) offset += (tag >>> 5) << 8;
    at += offsetBytes;
    const length = kind === ELEMENT.copy1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    if (offset === 0 || offset > to || length > output.length - to) return false;
    // A copy may overlap what it makes: it then repeats its beginning.
    if (offset >= length) output.copyWithin(to, to - offset, to - offset + length);
    else for (let i = 0; i < length; i++) output[to + i] = output[to + i - offset]!;
    to += length;
  }
  return to === output.length;
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
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
