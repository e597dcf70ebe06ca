import { Heap, type HeapItem } from "../base/heap.ts";
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

interface Entry extends HeapItem {
  /** When its place in the heap says that it should be looked at; never after `dueMs`. */
  queuedMs: number;
  /** When it is due; infinite when it is not set. */
  dueMs: number;
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
  readonly #queue = new Heap<Entry>((entry, other) => entry.queuedMs < other.queuedMs);
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
    const entry: Entry = { queuedMs: Infinity, dueMs: Infinity, place: -1, onDue };
    return {
      set: (delayMs) => this.#set(entry, this.#clock.monotonicMs() + delayMs),
      clear: () => this.#clear(entry),
    };
  }

  /** Places in the queue: those of deadlines that are set, and some of others. */
  get queued(): number {
    return this.#queue.size;
  }

  /** Nothing is due any more, now and from now on. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#queue.takeAll();
  }

  #set(entry: Entry, dueMs: number): void {
    const isQueued = entry.place >= 0;
    if (isQueued && entry.dueMs === Infinity) this.#cleared--;
    entry.dueMs = dueMs;
    if (this.#closed || (isQueued && entry.queuedMs <= dueMs)) return;
    entry.queuedMs = dueMs;
    if (isQueued) this.#queue.moved(entry);
    else this.#queue.add(entry);
    this.#arm();
  }

  #clear(entry: Entry): void {
    if (entry.place >= 0 && entry.dueMs !== Infinity) this.#cleared++;
    entry.dueMs = Infinity;
    if (this.#cleared > CLEARED_MAX && this.#cleared > this.#queue.size / 2) this.#sweep();
  }

  /** Takes out all that is not set any more. */
  #sweep(): void {
    this.#cleared = 0;
    for (const entry of this.#queue.takeAll()) if (entry.dueMs !== Infinity) this.#queue.add(entry);
  }

  #arm(): void {
    const nextMs = this.#queue.first?.queuedMs ?? Infinity;
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
    const queue = this.#queue;
    for (let entry = queue.first; entry !== undefined && entry.queuedMs <= nowMs; entry = queue.first) {
      queue.remove(entry);
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
}
