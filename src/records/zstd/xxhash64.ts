import { littleEndian32 } from "../xxhash32.ts";

/** A number of 64 bits as two of 32, changed in place: the hash wraps at 64 bits with every step. */
class Word {
  high: number;
  low: number;

  constructor(high: number, low: number) {
    this.high = high | 0;
    this.low = low | 0;
  }

  add(high: number, low: number): this {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.low = sum | 0;
    this.high = (this.high + high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    return this;
  }

  xor(high: number, low: number): this {
    this.high ^= high;
    this.low ^= low;
    return this;
  }

  multiply(by: Word): this {
    const a0 = this.low & 0xffff;
    const a1 = this.low >>> 16;
    const b0 = by.low & 0xffff;
    const b1 = by.low >>> 16;
    const middle = a1 * b0 + ((a0 * b0) >>> 16);
    const carry = (middle >>> 16) + ((a0 * b1 + (middle & 0xffff)) >>> 16);
    this.high = (a1 * b1 + carry + Math.imul(this.high, by.low) + Math.imul(this.low, by.high)) | 0;
    this.low = Math.imul(this.low, by.low);
    return this;
  }

  /** Rotates left by 1 to 31 bits. */
  rotate(bits: number): this {
    const { high, low } = this;
    this.high = (high << bits) | (low >>> (32 - bits));
    this.low = (low << bits) | (high >>> (32 - bits));
    return this;
  }

  set(high: number, low: number): this {
    this.high = high;
    this.low = low;
    return this;
  }
}

const PRIME_1 = new Word(0x9e3779b1, 0x85ebca87);
const PRIME_2 = new Word(0xc2b2ae3d, 0x27d4eb4f);
const PRIME_3 = new Word(0x165667b1, 0x9e3779f9);
const PRIME_4 = new Word(0x85ebca77, 0xc2b2ae63);
const PRIME_5 = new Word(0x27d4eb2f, 0x165667c5);

/** The lower 32 bits of xxHash64 of `bytes[start, end)`, seed 0, as int32: the checksum of zstd frames. */
export function xxhash64Low(bytes: Uint8Array, start: number, end: number): number {
  const hash = new Word(PRIME_5.high, PRIME_5.low);
  const input = new Word(0, 0);
  let at = start;
  if (end - start >= 32) at = hashStripes(bytes, start, end, hash);
  hash.add(0, end - start);
  for (; at + 8 <= end; at += 8) {
    input.set(littleEndian32(bytes, at + 4), littleEndian32(bytes, at)).multiply(PRIME_2).rotate(31).multiply(
      PRIME_1,
    );
    hash.xor(input.high, input.low).rotate(27).multiply(PRIME_1).add(PRIME_4.high, PRIME_4.low);
  }
  if (at + 4 <= end) {
    input.set(0, littleEndian32(bytes, at)).multiply(PRIME_1);
    hash.xor(input.high, input.low).rotate(23).multiply(PRIME_2).add(PRIME_3.high, PRIME_3.low);
    at += 4;
  }
  for (; at < end; at++) {
    input.set(0, bytes[at]!).multiply(PRIME_5);
    hash.xor(input.high, input.low).rotate(11).multiply(PRIME_1);
  }
  hash.xor(0, hash.high >>> 1).multiply(PRIME_2);
  hash.xor(hash.high >>> 29, (hash.high << 3) | (hash.low >>> 29)).multiply(PRIME_3);
  return hash.low ^ hash.high;
}

/** Hashes all whole stripes of 32 bytes in four lanes; answers where they end. */
function hashStripes(bytes: Uint8Array, start: number, end: number, hash: Word): number {
  const lanes = [
    new Word(PRIME_1.high, PRIME_1.low).add(PRIME_2.high, PRIME_2.low),
    new Word(PRIME_2.high, PRIME_2.low),
    new Word(0, 0),
    new Word(~PRIME_1.high, ~PRIME_1.low).add(0, 1),
  ] as const;
  const input = new Word(0, 0);
  let at = start;
  while (at + 32 <= end) {
    for (const lane of lanes) {
      input.set(littleEndian32(bytes, at + 4), littleEndian32(bytes, at)).multiply(PRIME_2);
      lane.add(input.high, input.low).rotate(31).multiply(PRIME_1);
      at += 8;
    }
  }
  hash.set(0, 0);
  const turns = [1, 7, 12, 18] as const;
  for (let index = 0; index < 4; index++) {
    const { high, low } = lanes[index]!;
    input.set(high, low).rotate(turns[index]!);
    hash.add(input.high, input.low);
  }
  for (const lane of lanes) {
    lane.multiply(PRIME_2).rotate(31).multiply(PRIME_1);
    hash.xor(lane.high, lane.low).multiply(PRIME_1).add(PRIME_4.high, PRIME_4.low);
  }
  return at;
}
