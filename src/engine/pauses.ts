import type { Clock } from "../io/clock.ts";

/** So long one request, or whatever else has much to do, may keep all others waiting, ms. */
const TURN_MS = 10;

/** Pauses between the parts of something long, in which others run: all of them share one thread. */
export class Pauses {
  readonly #clock: Clock;
  #sinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** To be awaited between two parts: waits until the others have run, if it is time. */
  next(): Promise<void> | undefined {
    if (this.#clock.monotonicMs() - this.#sinceMs < TURN_MS) return undefined;
    return new Promise((resolve) => {
      this.#clock.setTimer(0, () => {
        this.#sinceMs = this.#clock.monotonicMs();
        resolve();
      });
    });
  }
}
