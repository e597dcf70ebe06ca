/** One answer should take no more than this part of what is left, so that there is something left for the next. */
const PART_FOR_ONE = 1 / 8;
/** Smaller ones would not make way any faster. */
const LEAST_BYTES_FOR_ONE = 32 * 1024;

/** Counts the bytes of responses in memory, which clients have not taken to the end, over all connections. */
export class UnsentBytes {
  readonly limitBytes: number;
  readonly #waiting = new Set<() => void>();
  readonly #waitingFirst = new Set<() => void>();
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

  /** How large one more response should be at most, if its size is a matter of choice. */
  get bytesForOne(): number {
    return Math.max(LEAST_BYTES_FOR_ONE, Math.floor((this.limitBytes - this.#bytes) * PART_FOR_ONE));
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
    const waiting = [...this.#waitingFirst, ...this.#waiting];
    this.#waitingFirst.clear();
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  /**
   * Calls `resume` once when there are few enough again. Those who are to be `first` are called before all others:
   * who has shown to take answers need not wait behind many who have not.
   */
  whenBelow(resume: () => void, first: boolean): void {
    if (first) this.#waitingFirst.add(resume);
    else this.#waiting.add(resume);
  }

  /** Takes a {@link whenBelow} back. */
  forget(resume: () => void): void {
    this.#waiting.delete(resume);
    this.#waitingFirst.delete(resume);
  }
}
