import type { Random } from "../random.ts";

/** The most bytes that the system's generator gives in one call. */
const CHUNK_BYTES = 65_536;

/** The system's randomness: `bytes` is fit for secrets, `unit` is not. */
export class DenoRandom implements Random {
  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += CHUNK_BYTES) {
      crypto.getRandomValues(bytes.subarray(at, at + CHUNK_BYTES));
    }
    return bytes;
  }

  unit(): number {
    return Math.random();
  }
}
