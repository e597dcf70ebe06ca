import type { Clock, Timer } from "../clock.ts";

/** The longest delay that the runtime takes; it would run longer ones at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Real time. */
export class DenoClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    let id: ReturnType<typeof setTimeout> | undefined;
    const arm = (remainingMs: number): void => {
      const stepMs = Math.min(Math.max(remainingMs, 0), LONGEST_DELAY_MS);
      id = setTimeout(() => remainingMs > stepMs ? arm(remainingMs - stepMs) : callback(), stepMs);
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(id) };
  }
}
