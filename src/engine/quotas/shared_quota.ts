import { TokenBucket } from "./token_bucket.ts";
import { WINDOW_MS, WindowedRate, WINDOWS } from "./windowed_rate.ts";

/** The longest time that an answer can tell. */
const THROTTLE_MS_MAX = 2 ** 31 - 1;

/** A quota of bytes or of time: what the clients that share it have used of it. */
export class RateQuota {
  /** May change while it is used. */
  perSecond = Infinity;
  readonly #rate = new WindowedRate();
  #usedAtMs: number;

  constructor(nowMs: number) {
    this.#usedAtMs = nowMs;
  }

  /** Counts `amount`, and answers how long the client has to pause then. */
  use(amount: number, nowMs: number): number {
    this.add(amount, nowMs);
    return Math.min(this.#rate.excessMs(this.perSecond, nowMs), THROTTLE_MS_MAX);
  }

  /** Counts `amount`, which may be below 0, for those who use it next. */
  add(amount: number, nowMs: number): void {
    this.#usedAtMs = nowMs;
    this.#rate.add(amount, nowMs);
  }

  /** Whether it is as if it had never been used: all windows are over. */
  isAsNew(nowMs: number): boolean {
    return nowMs - this.#usedAtMs > WINDOWS * WINDOW_MS;
  }
}

/** A quota of changes. */
export class ChangeQuota {
  /** May change while it is used. */
  perSecond = Infinity;
  readonly #bucket = new TokenBucket();

  take(changes: number, nowMs: number): void {
    this.#bucket.take(changes, this.perSecond, nowMs);
  }

  /** How long the client has to pause. */
  pauseMs(nowMs: number): number {
    return Math.min(this.#bucket.lackMs(this.perSecond, nowMs), THROTTLE_MS_MAX);
  }

  /** Whether it is as if it had never been used: all has been paid back. */
  isAsNew(nowMs: number): boolean {
    return this.#bucket.isFull(this.perSecond, nowMs);
  }
}
