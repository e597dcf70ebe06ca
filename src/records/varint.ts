/**
 * Zigzag variable-length integers, as record fields use them: seven bits a byte, lowest first,
 * the top bit set on all bytes but the last; at most 5 bytes for 32 bits and 10 for 64.
 */

/** Writes a varint (32 bits) at `at` and returns the position behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Writes a varlong (64 bits) of a safe integer at `at` and returns the position behind it. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  while (rest > 0x7fn) {
    bytes[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[at++] = Number(rest);
  return at;
}

/** Bytes that {@link writeVarint} takes for `value`. */
export function varintBytes(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  return zigzag === 0 ? 1 : Math.ceil((32 - Math.clz32(zigzag)) / 7);
}

/** Bytes that {@link writeVarlong} takes for `value`. */
export function varlongBytes(value: number): number {
  let zigzag = value < 0 ? -value * 2 - 1 : value * 2;
  let count = 1;
  while (zigzag > 0x7f) {
    zigzag = Math.floor(zigzag / 128);
    count++;
  }
  return count;
}
