/** Counts the bytes of responses that clients have not taken, over all connections. */
export class UnsentBytes {
  readonly limitBytes: number;
  readonly #waiting = new Set<() => void>();
  #bytes = 0;
  #reliefs = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there are so many that requests for more have to wait. */
  get isOver(): boolean {
    return this.#bytes >= this.limitBytes;
  }

  /** How often there have become few enough again. */
  get reliefs(): number {
    return this.#reliefs;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    const wasOver = this.isOver;
    this.#bytes -= bytes;
    if (!wasOver || this.isOver) return;
    this.#reliefs++;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  /** Calls `resume` once when there are few enough again. */
  whenBelow(resume: () => void): void {
    this.#waiting.add(resume);
  }

  /** Takes a {@link whenBelow} back. */
  forget(resume: () => void): void {
    this.#waiting.delete(resume);
  }
}
