import { ErrorCode } from "../../base/error_codes.ts";
import { KliteError } from "../../base/klite_error.ts";
import type { ColdBatches, Engine, PartitionLog, SessionPartition } from "../../engine/mod.ts";

/** Most bytes that are read from files and objects for one answer. */
const COLD_BYTES_MAX = 8 * 1024 * 1024;
/** How long an answer waits for a partition that is slow to read, as in Kafka (remote.fetch.max.wait.ms). */
const COLD_WAIT_MS = 500;

/** What a partition's fetch needs to be read. */
export interface ColdWish {
  readonly log: PartitionLog;
  readonly endOffset: number;
  readonly maxBytes: number;
}

/** What came of it: batches of that log, or the Kafka error that says why there are none. */
export type ColdResult =
  & { readonly log: PartitionLog }
  & (
    | { readonly found: ColdBatches; readonly errorCode: typeof ErrorCode.NONE }
    | { readonly found: null; readonly errorCode: number }
  );

/**
 * The reads from files and objects for one fetch, all at once, as many as there may be bytes.
 *
 * As in Kafka's remote reads (KIP-405), one slow partition holds up the others for so long and no longer; then it is
 * answered with nothing and asked for again. What it has read by then is kept for that. Other than in Kafka the answer
 * waits on while it would be empty: a consumer of a slow store gets on all the same.
 */
export class ColdReads {
  readonly #engine: Engine;
  readonly #hasOther: boolean;
  readonly #results = new Map<SessionPartition, ColdResult>();
  readonly #reads: ColdRead[] = [];

  /** `hasOther`: there is something to tell without them. */
  constructor(
    engine: Engine,
    wishes: readonly { readonly asked: SessionPartition; readonly wish: ColdWish }[],
    hasOther: boolean,
  ) {
    this.#engine = engine;
    this.#hasOther = hasOther;
    let bytesLeft = COLD_BYTES_MAX;
    for (const { asked, wish } of wishes) {
      if (bytesLeft <= 0) break;
      const maxBytes = Math.min(wish.maxBytes, bytesLeft);
      bytesLeft -= maxBytes;
      this.#reads.push(this.#begin(asked, { ...wish, maxBytes }));
    }
  }

  /** Resolves when it is time to answer, with what has been read by then. */
  async results(): Promise<ReadonlyMap<SessionPartition, ColdResult>> {
    const ends = this.#reads.map(({ asked, wish, result }) => this.#take(asked, wish.log, result));
    const { promise: isTime, resolve } = Promise.withResolvers<void>();
    const timer = this.#engine.clock.setTimer(COLD_WAIT_MS, resolve);
    try {
      await Promise.race([Promise.all(ends), isTime]);
    } finally {
      timer.cancel();
    }
    if (!this.#hasOther && this.#results.size === 0) await Promise.race(ends);
    const { late } = this.#engine.reader;
    for (const { asked, wish, result } of this.#reads) {
      if (!this.#results.has(asked)) late.keep(wish.log, { ...wish, fromOffset: asked.fetchOffset }, result);
    }
    return new Map(this.#results);
  }

  #begin(asked: SessionPartition, wish: ColdWish): ColdRead {
    const { reader } = this.#engine;
    const { log, endOffset, maxBytes } = wish;
    const fromOffset = asked.fetchOffset;
    const result = reader.late.take(log, { fromOffset, endOffset, maxBytes }) ??
      reader.read(log, fromOffset, endOffset, maxBytes);
    return { asked, wish, result };
  }

  async #take(asked: SessionPartition, log: PartitionLog, result: Promise<ColdBatches>): Promise<void> {
    try {
      this.#results.set(asked, { log, found: await result, errorCode: ErrorCode.NONE });
    } catch (error) {
      this.#results.set(asked, { log, found: null, errorCode: errorOfRead(error) });
    }
  }
}

/** A read under way. */
interface ColdRead {
  readonly asked: SessionPartition;
  readonly wish: ColdWish;
  readonly result: Promise<ColdBatches>;
}

/** The Kafka error for a read that failed. Anything but trouble of disk or store is a fault in klite. */
export function errorOfRead(error: unknown): number {
  if (!(error instanceof KliteError)) throw error;
  return error.code === "DATA_DAMAGED" ? ErrorCode.CORRUPT_MESSAGE : ErrorCode.KAFKA_STORAGE_ERROR;
}
