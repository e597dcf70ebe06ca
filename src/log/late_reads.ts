import type { PartitionLog } from "./partition_log.ts";

/** Reads that are kept at most; each holds what one read may bring. */
const KEPT_MAX = 16;

/** What was asked for. */
export interface Wanted {
  readonly fromOffset: number;
  readonly endOffset: number;
  readonly maxBytes: number;
}

interface LateRead<Result> {
  readonly wanted: Wanted;
  readonly result: Promise<Result>;
}

/**
 * Reads that took longer than who began them could wait, one for each partition, until somebody asks for the same:
 * however slow they are, their reader gets on.
 */
export class LateReads<Result> {
  readonly #reads = new Map<PartitionLog, LateRead<Result>>();

  keep(log: PartitionLog, wanted: Wanted, result: Promise<Result>): void {
    this.#reads.delete(log);
    this.#reads.set(log, { wanted, result });
    for (const oldest of this.#reads.keys()) {
      if (this.#reads.size <= KEPT_MAX) break;
      this.#reads.delete(oldest);
    }
  }

  /** Hands over the read that began at the same offset and brings no more than is wanted; `undefined` when there is none. */
  take(log: PartitionLog, { fromOffset, endOffset, maxBytes }: Wanted): Promise<Result> | undefined {
    const read = this.#reads.get(log);
    if (read === undefined || read.wanted.fromOffset !== fromOffset) return undefined;
    if (read.wanted.endOffset > endOffset || read.wanted.maxBytes > maxBytes) return undefined;
    this.#reads.delete(log);
    return read.result;
  }
}
