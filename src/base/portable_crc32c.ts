/** The Castagnoli polynomial, bit-reversed: CRC-32C as in iSCSI, ext4 and Kafka's record batches. */
const POLYNOMIAL = 0x82f63b78;

/** From here on the tables for sixteen bytes at a time are worth making, if nobody has needed them yet. */
const LEAST_SLICED_BYTES = 256;

/** The CRC of each single byte. */
const byteTable = buildByteTable();
let slicedTables: Int32Array | undefined;

/** A sum is linear: each bit's own, and the sum of two for all other bytes. */
function buildByteTable(): Int32Array {
  const table = new Int32Array(256);
  let crc = 1;
  for (let bit = 128; bit > 0; bit >>= 1) {
    crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : POLYNOMIAL);
    for (let byte = 0; byte < 256; byte += 2 * bit) table[byte + bit] = table[byte]! ^ crc;
  }
  return table;
}

/**
 * `tables[k * 256 + b]` is the CRC of byte `b` followed by `k` zero bytes, so that sixteen bytes are folded in by
 * sixteen independent look-ups (slicing-by-16). Made when first needed: it is work enough for the runtime to fetch
 * its optimizing compiler, which takes megabytes that an idle broker does without.
 */
export function crc32cTables(): Int32Array {
  if (slicedTables !== undefined) return slicedTables;
  const tables = new Int32Array(16 * 256);
  tables.set(byteTable);
  for (let index = 256; index < tables.length; index++) {
    const shorter = tables[index - 256]!;
    tables[index] = (shorter >>> 8) ^ tables[shorter & 0xff]!;
  }
  return slicedTables = tables;
}

/** What `crc32c` gives, wherever the bytes lie and however few they are. */
export function portableCrc32c(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  let crc = ~seed;
  let at = start;
  if (slicedTables === undefined && end - start < LEAST_SLICED_BYTES) {
    return ~bytewise(bytes, at, end, crc) >>> 0;
  }
  const tables = crc32cTables();
  for (const last = end - 16; at <= last; at += 16) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc = tables[3840 + (crc & 0xff)]! ^
      tables[3584 + ((crc >>> 8) & 0xff)]! ^
      tables[3328 + ((crc >>> 16) & 0xff)]! ^
      tables[3072 + (crc >>> 24)]! ^
      tables[2816 + bytes[at + 4]!]! ^
      tables[2560 + bytes[at + 5]!]! ^
      tables[2304 + bytes[at + 6]!]! ^
      tables[2048 + bytes[at + 7]!]! ^
      tables[1792 + bytes[at + 8]!]! ^
      tables[1536 + bytes[at + 9]!]! ^
      tables[1280 + bytes[at + 10]!]! ^
      tables[1024 + bytes[at + 11]!]! ^
      tables[768 + bytes[at + 12]!]! ^
      tables[512 + bytes[at + 13]!]! ^
      tables[256 + bytes[at + 14]!]! ^
      tables[bytes[at + 15]!]!;
  }
  return ~bytewise(bytes, at, end, crc) >>> 0;
}

function bytewise(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = seed;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ byteTable[(crc ^ bytes[at]!) & 0xff]!;
  return crc;
}
