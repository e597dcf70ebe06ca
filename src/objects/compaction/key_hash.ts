const LANES = 2;

/**
 * 128 bits for a key: HalfSipHash-2-4 with 64 bits of result, twice, under two random keys.
 *
 * Keys that share these 16 bytes are taken for one, and the older record is lost. Of a thousand million keys that
 * happens with a chance of 10^-21; and since nobody knows the random keys, nobody can choose such keys, as anyone can
 * for a hash without a secret.
 */
export class KeyHash {
  /** The hash of the last key. */
  readonly words = new Int32Array(2 * LANES);
  readonly #secret = new Int32Array(2 * LANES);

  /** `secret` is 16 random bytes. */
  constructor(secret: Uint8Array) {
    for (let index = 0; index < this.#secret.length; index++) {
      this.#secret[index] = littleEndian32(secret, 4 * index);
    }
  }

  /** Leaves the hash of `bytes[from, end)` in {@link words}. */
  hash(bytes: Uint8Array, from: number, end: number): void {
    for (let at = 0; at < this.words.length; at += 2) {
      halfSipHash(bytes, from, end, this.#secret[at]!, this.#secret[at + 1]!, this.words, at);
    }
  }
}

/** HalfSipHash-2-4 of `bytes[from, end)`: 64 bits, low word first, to `out` at `outAt`. */
export function halfSipHash(
  bytes: Uint8Array,
  from: number,
  end: number,
  key0: number,
  key1: number,
  out: Int32Array,
  outAt: number,
): void {
  let v0 = key0;
  let v1 = key1 ^ 0xee;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const words = (end - from) >>> 2;
  // One loop for the words, the rest with the length, and the two ends: as functions, rounds are four times slower.
  for (let step = 0; step <= words + 2; step++) {
    let word = 0;
    let rounds = 2;
    if (step < words) word = littleEndian32(bytes, from + 4 * step);
    else if (step === words) word = lastWord(bytes, from + 4 * step, end, end - from);
    else {
      rounds = 4;
      if (step === words + 1) v2 ^= 0xee;
      else {
        out[outAt] = v1 ^ v3;
        v1 ^= 0xdd;
      }
    }
    v3 ^= word;
    for (; rounds > 0; rounds--) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    v0 ^= word;
  }
  out[outAt + 1] = v1 ^ v3;
}

/** The up to three bytes behind the last whole word, and the length in the top byte. */
function lastWord(bytes: Uint8Array, from: number, end: number, length: number): number {
  let word = length << 24;
  for (let at = from, shift = 0; at < end; at++, shift += 8) word |= bytes[at]! << shift;
  return word;
}

function littleEndian32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
