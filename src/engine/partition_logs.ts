import { assert } from "../base/assert.ts";
import type { ClusterState, MetadataRecord } from "../cluster/mod.ts";
import { PartitionLog, type PartitionLogSnapshot } from "../log/mod.ts";

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
