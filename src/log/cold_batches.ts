/** Batches that were read from a file of the log or from an object, and how far they answer. */
export class ColdBatches {
  readonly batches: readonly Uint8Array[];
  /** Of the batches alone. */
  readonly bytes: number;
  /** Behind the last offset that they answer for; without a batch there is none from where the reading began up to here. */
  readonly nextOffset: number;
  readonly #own: readonly ArrayBuffer[];

  /** `own` are buffers that nobody else uses. */
  constructor(batches: readonly Uint8Array[], nextOffset: number, own: readonly ArrayBuffer[] = []) {
    this.batches = batches;
    this.nextOffset = nextOffset;
    this.bytes = batches.reduce((sum, { length }) => sum + length, 0);
    this.#own = own;
  }

  /** Takes memory back sooner than the garbage collector would; the batches must not be used any more. */
  free(): void {
    for (const buffer of this.#own) buffer.transfer(0);
  }
}
