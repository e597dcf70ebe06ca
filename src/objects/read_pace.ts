import type { Clock } from "../io/clock.ts";

/** Holds reading to a rate: after each read, waits until that much may have been read. */
export class ReadPace {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  readonly #sinceMs: number;
  #readBytes = 0;

  /** 0 bytes a second is no limit. */
  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#sinceMs = clock.monotonicMs();
  }

  async read(bytes: number): Promise<void> {
    if (this.#bytesPerSecond === 0) return;
    this.#readBytes += bytes;
    const dueMs = this.#sinceMs + this.#readBytes / this.#bytesPerSecond * 1000;
    const waitMs = dueMs - this.#clock.monotonicMs();
    if (waitMs > 0) await new Promise<void>((resolve) => this.#clock.setTimer(waitMs, resolve));
  }
}
