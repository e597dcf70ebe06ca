import type { PartitionLog } from "../log/mod.ts";

/** Somebody who wants to know when a partition is not what it was. */
export interface NewsListener {
  /** `bytes` more of it can be read, `stableBytes` by readers of committed records; no bound if it is gone. */
  news(bytes: number, stableBytes: number): void;
}

/**
 * Who wants to know of which partition: fetches that wait, and sessions that need not look at it before. Nobody is
 * asked but those whom it concerns, so partitions without news cost nothing.
 */
export class LogNews {
  readonly #listeners = new Map<PartitionLog, Set<NewsListener>>();

  listen(log: PartitionLog, listener: NewsListener): void {
    const listeners = this.#listeners.get(log);
    if (listeners === undefined) this.#listeners.set(log, new Set([listener]));
    else listeners.add(listener);
  }

  unlisten(log: PartitionLog, listener: NewsListener): void {
    const listeners = this.#listeners.get(log);
    if (listeners?.delete(listener) && listeners.size === 0) this.#listeners.delete(log);
  }

  /**
   * To be called whenever high watermark, last stable offset or log start of a partition have moved: `bytes` more of
   * it can be read now, and `stableBytes` by readers of committed records.
   */
  tell(log: PartitionLog, bytes: number, stableBytes: number = bytes): void {
    const listeners = this.#listeners.get(log);
    if (listeners === undefined) return;
    for (const listener of listeners) listener.news(bytes, stableBytes);
  }

  /** The partition is gone, or otherwise such that whoever waits for it has to look. */
  changed(log: PartitionLog): void {
    this.tell(log, Infinity);
  }
}
