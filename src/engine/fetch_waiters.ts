import type { Clock, Timer } from "../io/clock.ts";
import type { PartitionLog } from "../log/mod.ts";
import type { FetchContext } from "./fetch_sessions.ts";
import type { LogNews, NewsListener } from "./log_news.ts";

/**
 * Partitions that all waiting fetches wait for together: a few hundred bytes each, for what was asked and what
 * would be answered.
 */
const WAITING_PARTITIONS_MAX = 100_000;

/** What a fetch waits for. */
export interface Wanted {
  /** The partitions that it has looked at. */
  readonly logs: readonly PartitionLog[];
  /** Tells of the others in its session. */
  readonly context?: FetchContext;
  readonly isReadCommitted?: boolean;
  readonly missingBytes: number;
  readonly maxWaitMs: number;
}

/** A wait that has begun. */
export interface Waiting {
  readonly done: Promise<void>;
  /** Ends it early. Idempotent. */
  readonly wake: () => void;
}

/**
 * Fetches that wait for records (long polls). A waiter costs nothing until one
 * of its partitions gets visible records; it wakes once they add up to what it
 * lacks, or when its time is over.
 */
export class FetchWaiters {
  readonly #all = new Set<Waiter>();
  readonly #clock: Clock;
  readonly #news: LogNews;
  readonly #maxPartitions: number;
  #partitions = 0;
  #closed = false;

  constructor(clock: Clock, news: LogNews, options: { readonly maxPartitions?: number } = {}) {
    this.#clock = clock;
    this.#news = news;
    this.#maxPartitions = options.maxPartitions ?? WAITING_PARTITIONS_MAX;
  }

  get size(): number {
    return this.#all.size;
  }

  /**
   * Waits until so many bytes have become visible, or the time is over. Whoever waits for the most partitions wakes
   * early when all waiting fetches together wait for too many.
   */
  wait(wanted: Wanted): Waiting {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { logs, context, maxWaitMs } = wanted;
    const finish = () => {
      if (!this.#all.delete(waiter)) return;
      this.#partitions -= logs.length;
      timer.cancel();
      for (const log of logs) this.#news.unlisten(log, waiter);
      context?.listen(undefined);
      resolve();
    };
    const waiter = new Waiter(wanted, finish);
    const timer: Timer = this.#clock.setTimer(maxWaitMs, finish);
    this.#all.add(waiter);
    this.#partitions += logs.length;
    for (const log of logs) this.#news.listen(log, waiter);
    context?.listen(waiter);
    if (this.#closed) finish();
    while (this.#partitions > this.#maxPartitions) this.#largest(waiter).finish();
    return { done: promise, wake: finish };
  }

  /** Wakes everyone, now and from now on: the broker is stopping. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#all) waiter.finish();
  }

  #largest(waiter: Waiter): Waiter {
    let largest = waiter;
    for (const other of this.#all) if (other.partitions > largest.partitions) largest = other;
    return largest;
  }
}

class Waiter implements NewsListener {
  readonly partitions: number;
  readonly #isReadCommitted: boolean;
  #missingBytes: number;

  constructor(wanted: Wanted, readonly finish: () => void) {
    this.partitions = wanted.logs.length;
    this.#isReadCommitted = wanted.isReadCommitted ?? false;
    this.#missingBytes = wanted.missingBytes;
  }

  news(bytes: number, stableBytes: number): void {
    this.#missingBytes -= this.#isReadCommitted ? stableBytes : bytes;
    if (this.#missingBytes <= 0) this.finish();
  }
}
