import { Heap, type HeapItem } from "../../base/heap.ts";
import type { Clock, Timer } from "../clock.ts";

/** 2020-01-01, as good as any. */
const START_MS = 1_577_836_800_000;

interface Event extends HeapItem {
  readonly atMs: number;
  /** Breaks ties: first come, first served. */
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Time that passes only when nothing is left to do, and then jumps to the next event. Everything
 * simulated that takes time is an event of this queue; a run is a function of the seed alone.
 */
export class SimClock implements Clock {
  readonly #events = new Heap<Event>(isBefore);
  #elapsedMs: number;
  #order = 0;

  /** `elapsedMs` lets a world go on where another stopped. */
  constructor(elapsedMs = 0) {
    this.#elapsedMs = elapsedMs;
  }

  nowMs(): number {
    return START_MS + Math.floor(this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const event = {
      atMs: this.#elapsedMs + Math.max(delayMs, 0),
      order: this.#order++,
      callback,
      place: -1,
    };
    this.#events.add(event);
    return { cancel: () => this.#events.remove(event) };
  }

  /** Lets all that can go on without an event go on: the runtime gets here when no microtask is left. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets everything go on that can, then the next event happen; false when there is none. */
  async step(): Promise<boolean> {
    await this.settle();
    const event = this.#events.first;
    if (event === undefined) return false;
    this.#events.remove(event);
    this.#elapsedMs = event.atMs;
    event.callback();
    return true;
  }

  /** Until nothing is left to happen. */
  async runUntilIdle(): Promise<void> {
    while (await this.step());
  }

  /** Lets `durationMs` pass. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#elapsedMs + durationMs;
    const timer = this.setTimer(durationMs, () => {});
    while (this.#elapsedMs < endMs) await this.step();
    timer.cancel();
    await this.settle();
  }

  /** Lets things happen until `promise` settles, and answers or throws what it does. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = () => settled = true;
    promise.then(done, done);
    for (await this.settle(); !settled; await this.settle()) {
      if (await this.step() || settled) continue;
      throw new Error("the simulated world is idle, and what is awaited never comes");
    }
    return await promise;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
