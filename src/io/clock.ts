/** A running timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** Time, as the broker sees it. The only way to learn it or to wait for it. */
export interface Clock {
  /** Wall clock, ms since the epoch. May jump. */
  nowMs(): number;
  /** Ms since an arbitrary start, never going back. */
  monotonicMs(): number;
  /** Calls `callback` once, not before `delayMs` has passed. */
  setTimer(delayMs: number, callback: () => void): Timer;
}
