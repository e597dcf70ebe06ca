import { assert, unreachable } from "../base/assert.ts";
import type { ClusterState, MetadataRecord, TierRecord, Topic } from "../cluster/mod.ts";
import { type LogOwner, PartitionLog, type PartitionLogSnapshot, Traffic } from "../log/mod.ts";
import type { PartitionPlace } from "../objects/contract.ts";
import type { StoredObject } from "../objects/stored_object.ts";
import { type BatchHeader, parseControlBatch } from "../records/outside.ts";

/** Objects that nobody needs any more, once the record that says so is durable. */
export interface DeadObjects {
  readonly partition: PartitionPlace;
  readonly objects: readonly StoredObject[];
}

/** What a metadata record has done to the logs. */
export interface AppliedToLogs {
  /** Logs that are no more. */
  readonly gone: readonly PartitionLog[];
  /** Logs that begin later than they did. */
  readonly moved: readonly PartitionLog[];
  readonly dead: readonly DeadObjects[];
}

const NOTHING: AppliedToLogs = { gone: [], moved: [], dead: [] };

/** The logs of all partitions, by stream, in step with the cluster's metadata. */
export class PartitionLogs {
  /** What was written to and read from partitions that are deleted. */
  readonly goneTraffic = new Traffic();
  readonly #byStream = new Map<number, PartitionLog>();
  #skips = 0;

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

  [Symbol.iterator](): Iterator<PartitionLog> {
    return this.#byStream.values();
  }

  /** Counts log starts that have passed records of which no object was made: the next object leaves a gap. */
  get skips(): number {
    return this.#skips;
  }

  /** Whether any of them has objects. */
  get haveObjects(): boolean {
    return this.#byStream.values().some((log) => log.objects.count > 0);
  }

  /** Applies a metadata record to the state and to the logs: live, and when replaying. */
  apply(state: ClusterState, record: MetadataRecord, nowMs: number): AppliedToLogs {
    switch (record.type) {
      case "topic_deleted": {
        const partitions = state.topicById(record.id)?.partitions ?? [];
        state.apply(record);
        return this.#delete(partitions.map(({ stream }) => stream));
      }
      case "topic_created":
      case "partitions_created":
        state.apply(record);
        this.#open(state.topicById(record.id)!);
        return NOTHING;
      case "objects_stored":
      case "objects_replaced":
      case "log_start_moved":
        return this.#applyToLog(this.of(record.stream), record, nowMs);
      default:
        state.apply(record);
        return NOTHING;
    }
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

  /**
   * LSN of the oldest batch that anyone can still read: `neededLsn` of those that the log alone holds, `heldLsn` of those
   * that are stored, too, as well; `none` when there is none.
   */
  oldestLsns(none: number): { readonly neededLsn: number; readonly heldLsn: number } {
    let neededLsn = none;
    let heldLsn = none;
    for (const log of this.#byStream.values()) {
      if (log.batches.rows === 0) continue;
      neededLsn = Math.min(neededLsn, log.neededLsn(none));
      heldLsn = Math.min(heldLsn, log.batches.lsn(0));
    }
    return { neededLsn, heldLsn };
  }

  /** To be called when the log has let go of all below `oldestLsn`. */
  dropFreed(oldestLsn: number): void {
    for (const log of this.#byStream.values()) log.dropFreed(oldestLsn);
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

  static restore(snapshots: readonly PartitionLogSnapshot[], state: ClusterState): PartitionLogs {
    const logs = new PartitionLogs();
    const owners = new Map<number, LogOwner>();
    for (const topic of state.topics()) {
      for (const partition of topic.partitions) owners.set(partition.stream, partition);
    }
    assert(owners.size === snapshots.length, "the snapshot has a log for each partition");
    for (const snapshot of snapshots) {
      const owner = owners.get(snapshot.stream);
      assert(owner !== undefined, `stream ${snapshot.stream} of the snapshot belongs to a partition`);
      logs.#byStream.set(snapshot.stream, PartitionLog.restore(snapshot, owner));
    }
    return logs;
  }

  /** Makes the logs of a topic's partitions that have none. */
  #open(topic: Topic): void {
    for (const partition of topic.partitions) {
      if (this.#byStream.has(partition.stream)) continue;
      this.#byStream.set(partition.stream, new PartitionLog(partition.stream, partition));
    }
  }

  /** Whoever still reads them finds nothing in them any more. */
  #delete(streams: readonly number[]): AppliedToLogs {
    const gone = streams.map((stream) => this.of(stream));
    for (const { stream, traffic } of gone) {
      this.#byStream.delete(stream);
      if (traffic !== null) this.goneTraffic.add(traffic);
    }
    const dead = gone.flatMap((log) => deadOf(log, log.moveLogStart(log.logEndOffset)));
    return { gone, moved: [], dead };
  }

  #applyToLog(log: PartitionLog, record: TierRecord, nowMs: number): AppliedToLogs {
    switch (record.type) {
      case "objects_stored":
        return { ...NOTHING, dead: deadOf(log, log.objectsStored(record.objects, nowMs)) };
      case "objects_replaced": {
        const { fromOffset, toOffset, objects } = record;
        return { ...NOTHING, dead: deadOf(log, log.objectsReplaced(fromOffset, toOffset, objects)) };
      }
      case "log_start_moved":
        if (record.offset > log.storedEnd) this.#skips++;
        return { gone: [], moved: [log], dead: deadOf(log, log.moveLogStart(record.offset)) };
      default:
        return unreachable(record);
    }
  }
}

function deadOf(log: PartitionLog, objects: readonly StoredObject[]): DeadObjects[] {
  return objects.length === 0 ? [] : [{ partition: log.place, objects }];
}
