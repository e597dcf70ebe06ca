import { assert } from "../base/assert.ts";
import type { ClusterState, MetadataRecord } from "../cluster/mod.ts";
import { PartitionLog, type PartitionLogSnapshot } from "../log/mod.ts";
import { type BatchHeader, parseControlBatch } from "../records/outside.ts";

/** The logs of all partitions, by stream, in step with the cluster's metadata. */
export class PartitionLogs {
  readonly #byStream = new Map<number, PartitionLog>();

  /** The log of a partition that exists. */
  of(stream: number): PartitionLog {
    const log = this.#byStream.get(stream);
    assert(log !== undefined, `stream ${stream} belongs to a partition`);
    return log;
  }

  /** The log, or `undefined` when its partition has been deleted. */
  find(stream: number): PartitionLog | undefined {
    return this.#byStream.get(stream);
  }

  /** Applies a metadata record to the state and to the logs; answers the logs that are no more. */
  apply(state: ClusterState, record: MetadataRecord): PartitionLog[] {
    const deleted = record.type === "topic_deleted" ? state.topicById(record.id)?.partitions ?? [] : [];
    const firstNew = state.nextStream;
    state.apply(record);
    for (let stream = firstNew; stream < state.nextStream; stream++) {
      this.#byStream.set(stream, new PartitionLog(stream));
    }
    return deleted.map(({ stream }) => {
      const log = this.of(stream);
      this.#byStream.delete(stream);
      return log;
    });
  }

  /**
   * Takes a batch that stands in the log at `lsn` into its partition, and into its producer's transaction:
   * live, and when replaying. Answers whether its producer's transaction begins there with it.
   */
  append(state: ClusterState, log: PartitionLog, header: BatchHeader, lsn: number, nowMs: number): boolean {
    const begins = log.append(header, lsn, nowMs);
    if (begins) state.transactions.written(header.producerId, log.stream, nowMs);
    return begins;
  }

  /** The same for the end of a transaction, the control batch at `at` of `bytes`. */
  appendMark(
    log: PartitionLog,
    header: BatchHeader,
    bytes: Uint8Array,
    at: number,
    lsn: number,
    nowMs: number,
  ): void {
    const mark = parseControlBatch(bytes, at, header);
    assert(mark !== null, "what ends a transaction says how");
    log.appendMark(header, mark, lsn, nowMs);
  }

  /** LSN of the oldest batch that anyone can still read; `none` when there is no batch. */
  oldestLsn(none: number): number {
    let oldest = none;
    for (const log of this.#byStream.values()) {
      if (log.batches.rows > 0) oldest = Math.min(oldest, log.batches.lsn(0));
    }
    return oldest;
  }

  /** Says that all that was replayed is durable, hence visible. */
  makeAllVisible(): void {
    for (const log of this.#byStream.values()) log.raiseHighWatermark(log.logEndOffset);
  }

  /** Plain data; forgets idempotent producers that have not written since `expireBeforeMs`. */
  snapshot(expireBeforeMs: number): PartitionLogSnapshot[] {
    return Array.from(this.#byStream.values(), (log) => {
      log.expireProducers(expireBeforeMs);
      return log.snapshot();
    });
  }

  static restore(snapshots: readonly PartitionLogSnapshot[]): PartitionLogs {
    const logs = new PartitionLogs();
    for (const snapshot of snapshots) logs.#byStream.set(snapshot.stream, PartitionLog.restore(snapshot));
    return logs;
  }
}
