import type { Clock } from "./clock.ts";

/** So many events of a kind are reported in one window; the rest is counted. */
const BURST = 10;
const WINDOW_MS = 10_000;

interface Window {
  sinceMs: number;
  reported: number;
  suppressed: number;
}

/** Keeps clients from filling the log with what they do wrong. */
export class EventLimiter {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `report` unless there were many of `kind` lately, with how many were left out since the last call. */
  limit(kind: string, report: (suppressed: number) => void): void {
    const nowMs = this.#clock.monotonicMs();
    let window = this.#windows.get(kind);
    if (window === undefined) {
      window = { sinceMs: nowMs, reported: 0, suppressed: 0 };
      this.#windows.set(kind, window);
    }
    if (nowMs - window.sinceMs >= WINDOW_MS) {
      window.sinceMs = nowMs;
      window.reported = 0;
    }
    if (window.reported === BURST) {
      window.suppressed++;
      return;
    }
    window.reported++;
    report(window.suppressed);
    window.suppressed = 0;
  }
}
