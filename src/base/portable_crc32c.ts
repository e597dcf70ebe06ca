/** The Castagnoli polynomial, bit-reversed: CRC-32C as in iSCSI, ext4 and Kafka's record batches. */
const POLYNOMIAL = 0x82f63b78;

/**
 * `CRC32C_TABLES[k * 256 + b]` is the CRC of byte `b` followed by `k` zero bytes, so that sixteen
 * bytes are folded in by sixteen independent look-ups (slicing-by-16).
 */
export const CRC32C_TABLES = buildTables(16);

function buildTables(count: number): Int32Array {
  const tables = new Int32Array(count * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : POLYNOMIAL);
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const shorter = tables[index - 256]!;
    tables[index] = (shorter >>> 8) ^ tables[shorter & 0xff]!;
  }
  return tables;
}

/** What `crc32c` gives, wherever the bytes lie and however few they are. */
export function portableCrc32c(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  const tables = CRC32C_TABLES;
  let crc = ~seed;
  let at = start;
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
  for (; at < end; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
