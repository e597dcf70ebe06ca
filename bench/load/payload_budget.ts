/** How much may be written in all, so that a fast machine does not fill a small disk. */
export class PayloadBudget {
  #leftBytes: number;
  readonly #onSpent: () => void;

  constructor(bytesMax: number, onSpent: () => void) {
    this.#leftBytes = bytesMax;
    this.#onSpent = onSpent;
  }

  get isSpent(): boolean {
    return this.#leftBytes <= 0;
  }

  spend(bytes: number): void {
    this.#leftBytes -= bytes;
    if (this.isSpent) this.#onSpent();
  }
}
