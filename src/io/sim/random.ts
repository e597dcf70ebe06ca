import type { Random } from "../random.ts";

const TWO_TO_32 = 0x1_0000_0000;
/** Outputs thrown away at first, so that neighbouring seeds have nothing in common. */
const WARM_UP = 15;

/** Randomness that a seed determines: the generator "sfc32", 128 bits of state. */
export class SimRandom implements Random {
  /** Three words and a counter; in an array of integers, which fields would not stay. */
  readonly #state = new Int32Array(4);

  /** `seed` is any safe integer. */
  constructor(seed: number) {
    this.#state.set([seed | 0, Math.floor(seed / TWO_TO_32) | 0, 0x9e3779b9, 1]);
    for (let round = 0; round < WARM_UP; round++) this.#next();
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 4) {
      const word = this.#next();
      for (let index = 0; index < 4; index++) bytes[at + index] = word >>> (8 * index);
    }
    return bytes;
  }

  unit(): number {
    return this.#next() / TWO_TO_32;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new RangeError("nothing to pick from");
    return choice;
  }

  /** A generator of its own, so that one part's use of randomness does not shift another's. */
  fork(): SimRandom {
    return new SimRandom(this.#next() + this.#next() * 0x10_0000);
  }

  #next(): number {
    const state = this.#state;
    const a = state[0]!;
    const b = state[1]!;
    const c = state[2]!;
    const sum = (a + b + state[3]!) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = state[3]! + 1;
    return sum >>> 0;
  }
}
