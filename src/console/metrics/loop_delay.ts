import { Histogram, LATENCY_BOUNDS_SECONDS } from "../../base/histogram.ts";
import type { Clock, Timer } from "../../io/clock.ts";

const SAMPLE_MS = 100;
/** A broker that nobody scrapes any more is left in peace. */
const UNWATCHED_MS = 300_000;

/** Looks how late the event loop is, as long as somebody wants to know. */
export class LoopDelay {
  readonly seconds = new Histogram(LATENCY_BOUNDS_SECONDS);
  readonly #clock: Clock;
  #timer: Timer | null = null;
  #watchedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody is interested: begins to look, or goes on. */
  watch(): void {
    this.#watchedMs = this.#clock.monotonicMs();
    if (this.#timer === null) this.#sample();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #sample(): void {
    const dueMs = this.#clock.monotonicMs() + SAMPLE_MS;
    this.#timer = this.#clock.setTimer(SAMPLE_MS, () => {
      this.#timer = null;
      const nowMs = this.#clock.monotonicMs();
      this.seconds.observe(Math.max(0, nowMs - dueMs) / 1000);
      if (nowMs - this.#watchedMs < UNWATCHED_MS) this.#sample();
    });
  }
}
