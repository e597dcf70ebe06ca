/**
 * Lets a few tasks run at once. Those that wait stand in lanes, and lanes take turns: however much one of them asks
 * for, each of the others waits for one of its tasks at most. Within a lane, first come, first served.
 */
export class FairGate {
  readonly #atOnce: number;
  /** In the order of their turns; none is empty. */
  readonly #lanes = new Map<string, (() => void)[]>();
  #running = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Whether a task would have to wait. */
  get isBusy(): boolean {
    return this.#running >= this.#atOnce;
  }

  async run<T>(lane: string, task: () => Promise<T>): Promise<T> {
    if (this.isBusy) await this.#turn(lane);
    else this.#running++;
    try {
      return await task();
    } finally {
      this.#pass();
    }
  }

  #turn(lane: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#lanes.get(lane);
      if (waiting === undefined) this.#lanes.set(lane, [resolve]);
      else waiting.push(resolve);
    });
  }

  /** Hands the place to the next lane's first, who runs in it. */
  #pass(): void {
    for (const [lane, waiting] of this.#lanes) {
      this.#lanes.delete(lane);
      const next = waiting.shift();
      if (waiting.length > 0) this.#lanes.set(lane, waiting);
      next?.();
      return;
    }
    this.#running--;
  }
}
