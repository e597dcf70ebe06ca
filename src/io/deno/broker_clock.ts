import type { Clock, Timer } from "../clock.ts";

/** The longest wait that the runtime takes; longer ones are made of several. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** A timer that runs; `place` is where it stands in the heap, −1 when it no longer does. */
interface Running {
  readonly atMs: number;
  readonly callback: () => void;
  place: number;
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
  /** A binary heap, the earliest first. */
  readonly #heap: Running[] = [];
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
    this.#put(timer, this.#heap.length);
    this.#rise(timer);
    this.#arm();
    return { cancel: () => this.#remove(timer) };
  }

  /** Sees to it that the wait under way ends with the earliest timer. */
  #arm(): void {
    const [earliest] = this.#heap;
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
      for (let [due] = this.#heap; due !== undefined && due.atMs <= nowMs; [due] = this.#heap) {
        this.#remove(due);
        due.callback();
      }
    } finally {
      this.#arm();
    }
  }

  #remove(timer: Running): void {
    const { place } = timer;
    if (place < 0) return;
    timer.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(timer: Running): void {
    for (;;) {
      const parent = this.#heap[(timer.place - 1) >> 1];
      if (timer.place === 0 || parent === undefined || parent.atMs <= timer.atMs) return;
      this.#swap(timer, parent);
    }
  }

  #sink(timer: Running): void {
    for (;;) {
      const left = this.#heap[2 * timer.place + 1];
      const right = this.#heap[2 * timer.place + 2];
      const child = right !== undefined && left !== undefined && right.atMs < left.atMs ? right : left;
      if (child === undefined || timer.atMs <= child.atMs) return;
      this.#swap(timer, child);
    }
  }

  #swap(a: Running, b: Running): void {
    const { place } = a;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(timer: Running, place: number): void {
    this.#heap[place] = timer;
    timer.place = place;
  }
}
