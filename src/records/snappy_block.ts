import { littleEndian32 } from "./xxhash32.ts";

const HASH_BITS = 13;
/** Copies reach no further back than two bytes can say, so a block is compressed in pieces of this size. */
const PIECE_BYTES = 64 * 1024;
const LEAST_COPY_BYTES = 4;
/** What one copy can say. */
const LARGEST_COPY_BYTES = 64;
/** Literals up to here have their length in the tag. */
const LARGEST_INLINE_LITERAL = 60;
/** At worst: a copy of four that takes three bytes, behind literals of sixty that take two more than they are. */
const MOST_GROWTH = 1 / 32;
const LENGTH_BYTES_MAX = 5;
const LITERAL_OVERHEAD_BYTES = 3;

/** Compresses into one raw snappy block, without framing, as librdkafka and the Go clients write. */
export function compressSnappyBlock(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(
    Math.ceil(LENGTH_BYTES_MAX + LITERAL_OVERHEAD_BYTES + bytes.length * (1 + MOST_GROWTH)),
  );
  let to = 0;
  let rest = bytes.length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) out[to++] = (rest & 0x7f) | 0x80;
  out[to++] = rest;
  const lastSeen = new Int32Array(1 << HASH_BITS);
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    lastSeen.fill(-1);
    to = compressPiece(bytes, from, Math.min(from + PIECE_BYTES, bytes.length), out, to, lastSeen);
  }
  return out.subarray(0, to);
}

function compressPiece(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  outAt: number,
  lastSeen: Int32Array,
): number {
  let to = outAt;
  let literalsFrom = start;
  let misses = 0;
  for (let at = start; at + LEAST_COPY_BYTES <= end;) {
    const word = littleEndian32(bytes, at);
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
    const candidate = lastSeen[slot]!;
    lastSeen[slot] = at;
    if (candidate < 0 || littleEndian32(bytes, candidate) !== word) {
      // The longer nothing repeats, the fewer places are looked at.
      at += 1 + (misses++ >>> 5);
      continue;
    }
    let count = LEAST_COPY_BYTES;
    while (at + count < end && bytes[candidate + count] === bytes[at + count]) count++;
    to = writeLiterals(bytes, literalsFrom, at, out, to);
    to = writeCopies(at - candidate, count, out, to);
    at += count;
    literalsFrom = at;
    misses = 0;
  }
  return writeLiterals(bytes, literalsFrom, end, out, to);
}

function writeLiterals(bytes: Uint8Array, from: number, end: number, out: Uint8Array, outAt: number): number {
  const length = end - from - 1;
  if (length < 0) return outAt;
  let to = outAt;
  if (length < LARGEST_INLINE_LITERAL) {
    out[to++] = length << 2;
  } else {
    const isLong = length > 0xff;
    out[to++] = (LARGEST_INLINE_LITERAL + (isLong ? 1 : 0)) << 2;
    out[to++] = length;
    if (isLong) out[to++] = length >> 8;
  }
  out.set(bytes.subarray(from, end), to);
  return to + end - from;
}

/** Copies with a distance of two bytes: three bytes for up to 64. */
function writeCopies(distance: number, length: number, out: Uint8Array, outAt: number): number {
  let to = outAt;
  for (let rest = length; rest > 0;) {
    const count = Math.min(rest, LARGEST_COPY_BYTES);
    out[to++] = ((count - 1) << 2) | 2;
    out[to++] = distance;
    out[to++] = distance >> 8;
    rest -= count;
  }
  return to;
}
