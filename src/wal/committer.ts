import { assert } from "../base/assert.ts";
import { Histogram, LATENCY_BOUNDS_SECONDS } from "../base/histogram.ts";
import type { Clock, Timer } from "../io/clock.ts";
import type { Tracer } from "../io/telemetry.ts";
import type { EntrySeal } from "./entry.ts";
import type { Segment } from "./segment.ts";
import { SEGMENT_HEADER_BYTES } from "./segment_header.ts";

/** Writes begin and end on this boundary, so that the system never has to read a page to fill its rest. */
export const PAGE_BYTES = 4096;

/** With this much waiting, a commit starts without any further wait. */
const GATHERED_BYTES_MAX = 1 << 20;

export interface CommitterOptions {
  readonly clock: Clock;
  readonly seal: EntrySeal;
  readonly syncIntervalMs: number;
  readonly tracer: Tracer | null;
  /** What is durable already. */
  readonly durableLsn: number;
  onDurable(durableLsn: number): void;
  onFailure(error: unknown): void;
}

interface Waiter {
  lsn: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: writes what is not durable yet and syncs it, one commit at a time. While a sync is
 * under way everything gathers for the next. A segment is wholly durable before a byte of the next
 * one is written.
 */
export class Committer {
  /** How long commits took, in seconds. */
  readonly commitSeconds = new Histogram(LATENCY_BOUNDS_SECONDS);
  readonly #options: CommitterOptions;
  /** Segments with entries that are not durable, oldest first; the last is the one appended to. */
  readonly #segments: Segment[] = [];
  readonly #waiters: Waiter[] = [];
  /** The last of them, for all who wait for what the next commit will take: it has not begun. */
  #gathering: Waiter | null = null;
  /** Where the commit under way, or the last one, ends. */
  #committedLsn = 0;
  #durableLsn: number;
  /** A commit is under way, or will be at the end of this turn. */
  #active = false;
  #timer: Timer | null = null;
  /** No more waiting for more: the log is closing. */
  #hurried = false;
  /** A commit is being written, in one with its sync. */
  #writing = false;
  /** Someone calls {@link write}: both ways at once, one could overtake the other. */
  #writesAhead = false;
  #failed = false;
  /** What waiters are told once it has. */
  #failure: unknown;
  #running: Promise<void> = Promise.resolve();
  #commitCount = 0;
  #syncedBytes = 0;
  #lastSyncMs = 0;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#durableLsn = options.durableLsn;
  }

  get durableLsn(): number {
    return this.#durableLsn;
  }

  get commitCount(): number {
    return this.#commitCount;
  }

  get syncedBytes(): number {
    return this.#syncedBytes;
  }

  get lastSyncMs(): number {
    return this.#lastSyncMs;
  }

  /** From now on entries are appended to `segment`. */
  follow(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** An entry has been appended: see to it that it becomes durable. */
  request(): void {
    if (this.#active || this.#failed) return;
    if (this.#options.syncIntervalMs > 0 && this.#mayGather()) {
      if (this.#timer === null) this.#wait(this.#options.syncIntervalMs);
      return;
    }
    this.#timer?.cancel();
    this.#timer = null;
    this.#start();
  }

  whenDurable(lsn: number): Promise<void> {
    if (lsn <= this.#durableLsn) return Promise.resolve();
    if (this.#failed) return Promise.reject(this.#failure);
    const gathers = lsn > this.#committedLsn;
    if (gathers && this.#gathering !== null) {
      this.#gathering.lsn = Math.max(this.#gathering.lsn, lsn);
      return this.#gathering.promise;
    }
    const waiter: Waiter = { lsn, ...Promise.withResolvers<void>() };
    let at = this.#waiters.length;
    while (at > 0 && this.#waiters[at - 1]!.lsn > lsn) at--;
    this.#waiters.splice(at, 0, waiter);
    if (gathers) this.#gathering = waiter;
    return waiter.promise;
  }

  /**
   * Writes what was appended without waiting for a sync, as far as the order of segments allows. Answers up to
   * where the system has it all: a process that is killed does not take it along.
   */
  write(): number {
    this.#writesAhead = true;
    const segment = this.#failed || this.#writing ? null : this.#next();
    if (segment === null) return this.#durableLsn;
    const start = Math.max(segment.writtenPosition, segment.durablePosition);
    if (start < segment.endPosition) {
      const file = segment.hold();
      try {
        file.writeAtSync(...pagesOf(segment, start, segment.endPosition));
        segment.writtenPosition = segment.endPosition;
      } catch (error) {
        this.#options.onFailure(error);
        return this.#durableLsn;
      } finally {
        segment.release();
      }
    }
    return segment.endLsn;
  }

  /** Commits all that was appended, at once. The last call. */
  async flush(): Promise<void> {
    this.#hurried = true;
    this.#timer?.cancel();
    this.#timer = null;
    if (!this.#active && !this.#failed) this.#start();
    await this.#running;
  }

  /** Nothing is written or acknowledged any more. */
  fail(error: unknown): void {
    this.#failed = true;
    this.#failure = error;
    this.#timer?.cancel();
    this.#timer = null;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  #start(): void {
    this.#active = true;
    this.#running = Promise.resolve().then(() => this.#run());
  }

  #wait(delayMs: number): void {
    this.#timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timer = null;
      this.#start();
    });
  }

  #mayGather(): boolean {
    const endLsn = this.#segments.at(-1)?.endLsn ?? 0;
    return !this.#hurried && endLsn - this.#durableLsn < GATHERED_BYTES_MAX;
  }

  async #run(): Promise<void> {
    for (let segment = this.#next(); segment !== null; segment = this.#next()) {
      const end = segment.endPosition;
      try {
        await this.#commit(segment, end);
      } catch (error) {
        return this.#options.onFailure(error);
      }
      if (this.#failed) return;
      segment.durablePosition = end;
      this.#durableLsn = segment.lsnAt(end);
      this.#options.onDurable(this.#durableLsn);
      while (this.#waiters.length > 0 && this.#waiters[0]!.lsn <= this.#durableLsn) {
        this.#waiters.shift()!.resolve();
      }
      const delayMs = this.#options.syncIntervalMs - this.#lastSyncMs;
      if (delayMs > 0 && this.#next() !== null && this.#mayGather()) {
        this.#wait(delayMs);
        break;
      }
    }
    this.#active = false;
  }

  /** The oldest segment that has something to commit. */
  #next(): Segment | null {
    while (this.#segments.length > 1 && this.#segments[0]!.wholeIsDurable) this.#segments.shift();
    const segment = this.#segments[0];
    if (segment === undefined || segment.wholeIsDurable) return null;
    return segment.endPosition === SEGMENT_HEADER_BYTES ? null : segment;
  }

  async #commit(segment: Segment, end: number): Promise<void> {
    const { clock, seal, tracer } = this.#options;
    const { image, imageData, lastEntryPosition, durablePosition } = segment;
    assert(image !== null && imageData !== null, "what is not durable is in memory");
    // The commit before is durable by now, and this one proves it to whoever recovers the log.
    if (lastEntryPosition >= durablePosition && lastEntryPosition > 0) {
      seal.restamp(image, imageData, lastEntryPosition, this.#durableLsn);
    }
    this.#gathering = null;
    this.#committedLsn = segment.lsnAt(end);
    const file = segment.hold();
    const startMs = clock.monotonicMs();
    const span = tracer?.begin("log commit") ?? null;
    span?.set("klite.commit.bytes", end - durablePosition);
    try {
      if (this.#writesAhead) {
        file.writeAtSync(...pagesOf(segment, durablePosition, end));
        segment.writtenPosition = end;
        await file.sync();
      } else {
        this.#writing = true;
        await file.writeThrough(...pagesOf(segment, durablePosition, end));
        this.#writing = false;
      }
    } finally {
      segment.release();
      span?.end();
    }
    this.#lastSyncMs = clock.monotonicMs() - startMs;
    this.commitSeconds.observe(this.#lastSyncMs / 1000);
    this.#commitCount++;
    this.#syncedBytes += end - durablePosition;
  }
}

/** The pages of `segment` that hold [start, end), and where the first begins. */
function pagesOf({ image, capacityBytes }: Segment, start: number, end: number): [Uint8Array, number] {
  assert(image !== null, "what is not written is in memory");
  const from = roundDown(start);
  return [image.subarray(from, Math.min(roundDown(end + PAGE_BYTES - 1), capacityBytes)), from];
}

function roundDown(position: number): number {
  return Math.floor(position / PAGE_BYTES) * PAGE_BYTES;
}
