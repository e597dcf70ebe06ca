import { Heap, type HeapItem } from "../../base/heap.ts";
import type { Clock, Timer } from "../clock.ts";

/** The longest wait that the runtime takes; longer ones are made of several. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** A timer that runs. */
interface Running extends HeapItem {
  readonly atMs: number;
  readonly callback: () => void;
}

/**
 * Real time for a broker: all its timers on one wait of the runtime's, which is begun anew only for a timer that is
 * earlier than all others. `setTimeout` would load the whole of its Node-like timers, 4 MB in a broker at rest.
 *
 * Such a wait alone does not keep a process alive; a broker has its signals and its listener for that.
 */
export class BrokerClock implements Clock {
  /** What is waited on; nobody ever changes it. */
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  readonly #timers = new Heap<Running>((timer, other) => timer.atMs < other.atMs);
  /** When the wait under way ends, and its number. */
  #wakeAtMs = Infinity;
  #wait = 0;

  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer: Running = { atMs: performance.now() + delayMs, callback, place: -1 };
    this.#timers.add(timer);
    this.#arm();
    return { cancel: () => this.#timers.remove(timer) };
  }

  /** Sees to it that the wait under way ends with the earliest timer. */
  #arm(): void {
    const earliest = this.#timers.first;
    if (earliest === undefined || earliest.atMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = earliest.atMs;
    const wait = ++this.#wait;
    // Ends the wait before, whose number is not the last one any more.
    Atomics.notify(this.#cell, 0);
    // A wait of no time would be over before anybody else had a turn.
    const waitMs = Math.min(Math.max(1, earliest.atMs - performance.now()), LONGEST_WAIT_MS);
    void Promise.resolve(Atomics.waitAsync(this.#cell, 0, 0, waitMs).value).then(() => {
      if (wait === this.#wait) this.#wake();
    });
  }

  #wake(): void {
    this.#wakeAtMs = Infinity;
    const nowMs = performance.now();
    try {
      for (let due = this.#timers.first; due !== undefined && due.atMs <= nowMs; due = this.#timers.first) {
        this.#timers.remove(due);
        due.callback();
      }
    } finally {
      this.#arm();
    }
  }
}
