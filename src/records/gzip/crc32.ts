/** The polynomial of gzip, bit-reversed. */
const POLYNOMIAL = 0xedb88320;

/** Made when first needed: most brokers never see gzip. */
let table: Int32Array | undefined;

function buildTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : POLYNOMIAL);
    return crc;
  });
}

/** CRC-32 of `bytes` as gzip's members carry it (RFC 1952), unsigned. */
export function crc32(bytes: Uint8Array): number {
  const crcOfByte = table ??= buildTable();
  let crc = ~0;
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ crcOfByte[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
