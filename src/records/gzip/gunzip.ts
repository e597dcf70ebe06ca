import { believableBytes, BoundedOutput } from "../bounded_output.ts";
import type { CompressionFault } from "../compression_fault.ts";
import { littleEndian32 } from "../xxhash32.ts";
import { crc32 } from "./crc32.ts";
import { COPY_BYTES_MAX, Inflater } from "./inflate.ts";

/** Flags of a member's header; the upper three bits are reserved. */
const FLAG = { headerCrc: 0x02, extra: 0x04, name: 0x08, comment: 0x10, reserved: 0xe0 } as const;

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const DEFLATE = 8;
const MALFORMED = -1;
/** No stream is denser than copies of 258 bytes from two bits: a larger claim is a lie, not worth memory. */
const DENSEST_RATIO = 4 * COPY_BYTES_MAX;

/**
 * Decompresses gzip (RFC 1952): members, one or several, that fill `bytes` exactly; CRC and size
 * of each are compared.
 *
 * Our own, because the runtime's decoder keeps tens of kilobytes for each corrupt input until the
 * event loop turns, and one request may carry a hundred thousand.
 */
export function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array | CompressionFault {
  const output = new BoundedOutput(expectedBytes(bytes), maxBytes);
  return output.ended(inflateMembers(bytes, output));
}

/**
 * Room for what the last member says, in its last word, that it unpacks to, and for the last copy. There may be more
 * members.
 */
function expectedBytes(bytes: Uint8Array): number {
  const toldBytes = bytes.length < TRAILER_BYTES ? 0 : littleEndian32(bytes, bytes.length - 4) >>> 0;
  return Math.max(3 * bytes.length, believableBytes(toldBytes + COPY_BYTES_MAX, bytes.length, DENSEST_RATIO));
}

function inflateMembers(bytes: Uint8Array, output: BoundedOutput): CompressionFault | null {
  const inflater = new Inflater(bytes, output);
  do {
    inflater.at = headerEnd(bytes, inflater.at);
    if (inflater.at < 0) return "corrupt";
    const start = output.length;
    const fault = inflater.inflate();
    if (fault !== null) return fault;
    const trailerAt = inflater.at;
    inflater.at += TRAILER_BYTES;
    if (inflater.at > bytes.length) return "corrupt";
    const content = output.bytes.subarray(start, output.length);
    if (crc32(content) !== littleEndian32(bytes, trailerAt) >>> 0) return "corrupt";
    if (content.length !== littleEndian32(bytes, trailerAt + 4) >>> 0) return "corrupt";
  } while (inflater.at < bytes.length);
  return null;
}

/** Where the header of the member at `at` ends, or -1. */
function headerEnd(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < HEADER_BYTES || bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b) return MALFORMED;
  const flags = bytes[at + 3]!;
  if (bytes[at + 2] !== DEFLATE || (flags & FLAG.reserved) !== 0) return MALFORMED;
  let to = at + HEADER_BYTES;
  if ((flags & FLAG.extra) !== 0) to += 2 + ((bytes[to] ?? 0) | ((bytes[to + 1] ?? 0) << 8));
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const zeroAt = bytes.indexOf(0, to);
    if (zeroAt < 0) return MALFORMED;
    to = zeroAt + 1;
  }
  if ((flags & FLAG.headerCrc) !== 0) {
    if (to + 2 > bytes.length) return MALFORMED;
    const crc = crc32(bytes.subarray(at, to)) & 0xffff;
    if (crc !== (bytes[to]! | (bytes[to + 1]! << 8))) return MALFORMED;
    to += 2;
  }
  return to > bytes.length ? MALFORMED : to;
}
