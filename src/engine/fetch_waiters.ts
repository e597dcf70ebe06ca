import type { Clock, Timer } from "../io/clock.ts";
import type { PartitionLog } from "../log/mod.ts";

/**
 * Partitions that all waiting fetches wait for together: a few hundred bytes each, for what was asked and what
 * would be answered.
 */
export const WAITING_PARTITIONS_MAX = 100_000;

interface Waiter {
  readonly logs: readonly PartitionLog[];
  readonly isReadCommitted: boolean;
  missingBytes: number;
  readonly timer: Timer;
  readonly resolve: () => void;
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
  readonly #byLog = new Map<PartitionLog, Set<Waiter>>();
  readonly #all = new Set<Waiter>();
  readonly #clock: Clock;
  readonly #maxPartitions: number;
  #partitions = 0;
  #closed = false;

  constructor(clock: Clock, options: { readonly maxPartitions?: number } = {}) {
    this.#clock = clock;
    this.#maxPartitions = options.maxPartitions ?? WAITING_PARTITIONS_MAX;
  }

  get size(): number {
    return this.#all.size;
  }

  /**
   * Waits until `missingBytes` have become visible in `logs`, or `maxWaitMs` have passed. Whoever waits for the most
   * partitions wakes early when all waiting fetches together wait for too many.
   */
  wait(
    logs: readonly PartitionLog[],
    missingBytes: number,
    maxWaitMs: number,
    { isReadCommitted = false }: { readonly isReadCommitted?: boolean } = {},
  ): Waiting {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter: Waiter = {
      logs,
      isReadCommitted,
      missingBytes,
      timer: this.#clock.setTimer(maxWaitMs, () => this.#finish(waiter)),
      resolve,
    };
    this.#all.add(waiter);
    this.#partitions += logs.length;
    for (const log of logs) {
      const waiters = this.#byLog.get(log);
      if (waiters === undefined) this.#byLog.set(log, new Set([waiter]));
      else waiters.add(waiter);
    }
    if (this.#closed) this.#finish(waiter);
    while (this.#partitions > this.#maxPartitions) this.#finish(this.#largest(waiter));
    return { done: promise, wake: () => this.#finish(waiter) };
  }

  /** `bytes` more of `log` can be read now, and `stableBytes` by readers of committed records. */
  visible(log: PartitionLog, bytes: number, stableBytes: number = bytes): void {
    const waiters = this.#byLog.get(log);
    if (waiters === undefined) return;
    for (const waiter of waiters) {
      waiter.missingBytes -= waiter.isReadCommitted ? stableBytes : bytes;
      if (waiter.missingBytes <= 0) this.#finish(waiter);
    }
  }

  /** Wakes whoever waits for `log`: it is gone, or otherwise not what it was. */
  changed(log: PartitionLog): void {
    for (const waiter of this.#byLog.get(log) ?? []) this.#finish(waiter);
  }

  /** Wakes everyone, now and from now on: the broker is stopping. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#all) this.#finish(waiter);
  }

  #largest(waiter: Waiter): Waiter {
    let largest = waiter;
    for (const other of this.#all) if (other.logs.length > largest.logs.length) largest = other;
    return largest;
  }

  #finish(waiter: Waiter): void {
    if (!this.#all.delete(waiter)) return;
    this.#partitions -= waiter.logs.length;
    waiter.timer.cancel();
    for (const log of waiter.logs) {
      const waiters = this.#byLog.get(log);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#byLog.delete(log);
    }
    waiter.resolve();
  }
}
