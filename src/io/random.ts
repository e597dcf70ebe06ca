/** Randomness, handed in so that a simulation can replay it from a seed. */
export interface Random {
  /** `count` fresh random bytes. */
  bytes(count: number): Uint8Array;
  /** A number in [0, 1). */
  unit(): number;
}
