import type { Clock, Timer } from "../io/clock.ts";

/** One thing that happens at a time, unless it is put off or called off before. Set and cleared at no cost. */
export interface Deadline {
  /** Lets it happen `delayMs` from now, whenever it was due before. */
  set(delayMs: number): void;
  /** Lets it not happen. */
  clear(): void;
}

/** So long deadlines that pass together may keep all others waiting, ms. */
const TURN_MS = 10;
/** Cleared deadlines that may stand in the queue however few others there are. */
const CLEARED_MAX = 1000;

interface Entry {
  /** When its place in the heap says that it should be looked at; never after `dueMs`. */
  queuedMs: number;
  /** When it is due; infinite when it is not set. */
  dueMs: number;
  isQueued: boolean;
  readonly onDue: () => void;
}

/**
 * Many deadlines on one timer of the clock: ten thousand members that send
 * heartbeats cost a field each, and nothing while they are idle.
 *
 * Putting a deadline off only notes the new time; its place in the queue is
 * looked at when the old time comes. So is that of one that was cleared, unless
 * most of the queue is such: clients who come and go leave nothing behind.
 */
export class Deadlines {
  readonly #clock: Clock;
  /** A binary heap by `queuedMs`. */
  readonly #heap: Entry[] = [];
  #timer: Timer | null = null;
  #timerMs = Infinity;
  /** Entries in the heap that are not set any more. */
  #cleared = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A deadline that is not set yet. `onDue` is called once each time that it passes; it must not throw. What it sets
   * itself has its turn later, after whatever else can happen, even without a delay.
   */
  create(onDue: () => void): Deadline {
    const entry: Entry = { queuedMs: Infinity, dueMs: Infinity, isQueued: false, onDue };
    return {
      set: (delayMs) => this.#set(entry, this.#clock.monotonicMs() + delayMs),
      clear: () => this.#clear(entry),
    };
  }

  /** Places in the queue: those of deadlines that are set, and some of others. */
  get queued(): number {
    return this.#heap.length;
  }

  /** Nothing is due any more, now and from now on. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#heap.length = 0;
  }

  #set(entry: Entry, dueMs: number): void {
    if (entry.isQueued && entry.dueMs === Infinity) this.#cleared--;
    entry.dueMs = dueMs;
    if (this.#closed || (entry.isQueued && entry.queuedMs <= dueMs)) return;
    if (entry.isQueued) {
      // Brought forward, which is rare.
      const at = this.#heap.indexOf(entry);
      entry.queuedMs = dueMs;
      this.#up(at);
    } else {
      entry.isQueued = true;
      entry.queuedMs = dueMs;
      this.#heap.push(entry);
      this.#up(this.#heap.length - 1);
    }
    this.#arm();
  }

  #clear(entry: Entry): void {
    if (entry.isQueued && entry.dueMs !== Infinity) this.#cleared++;
    entry.dueMs = Infinity;
    if (this.#cleared > CLEARED_MAX && this.#cleared > this.#heap.length / 2) this.#sweep();
  }

  /** Takes out all that is not set any more. */
  #sweep(): void {
    const all = this.#heap.splice(0);
    this.#cleared = 0;
    for (const entry of all) {
      entry.isQueued = entry.dueMs !== Infinity;
      if (!entry.isQueued) continue;
      this.#heap.push(entry);
      this.#up(this.#heap.length - 1);
    }
  }

  #arm(): void {
    const nextMs = this.#heap[0]?.queuedMs ?? Infinity;
    if (nextMs >= this.#timerMs || this.#closed) return;
    this.#timer?.cancel();
    this.#timerMs = nextMs;
    this.#timer = this.#clock.setTimer(Math.max(0, nextMs - this.#clock.monotonicMs()), () => this.#run());
  }

  #run(): void {
    this.#timer = null;
    this.#timerMs = Infinity;
    const nowMs = this.#clock.monotonicMs();
    // Taken out first: what is set from here on has its turn later, or one without delay would never let go.
    const reached: Entry[] = [];
    for (let entry = this.#heap[0]; entry !== undefined && entry.queuedMs <= nowMs; entry = this.#heap[0]) {
      this.#pop();
      entry.isQueued = false;
      if (entry.dueMs === Infinity) this.#cleared--;
      else reached.push(entry);
    }
    for (const entry of reached) {
      const isTurnOver = this.#clock.monotonicMs() - nowMs >= TURN_MS;
      if (entry.dueMs <= nowMs && !this.#closed && !isTurnOver) {
        entry.dueMs = Infinity;
        entry.onDue();
      } else if (entry.dueMs < Infinity) this.#set(entry, entry.dueMs);
    }
    this.#arm();
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #up(at: number): void {
    const heap = this.#heap;
    const entry = heap[at]!;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]!.queuedMs <= entry.queuedMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #down(at: number): void {
    const heap = this.#heap;
    const entry = heap[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.queuedMs < heap[child]!.queuedMs) child++;
      if (heap[child]!.queuedMs >= entry.queuedMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}
