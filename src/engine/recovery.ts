import { ClusterState, type MetadataRecord } from "../cluster/mod.ts";
import { assert } from "../base/assert.ts";
import type { Clock } from "../io/clock.ts";
import { lacksRecords, lacksRecordsBetween, leaveGapsToObjects, type PartitionLog } from "../log/mod.ts";
import { BatchHeader } from "../records/outside.ts";
import type { DamagedPlace, RecoveredEntry } from "../wal/mod.ts";
import { decodeMarks, decodeMetadata, EntryKind } from "./log_entries.ts";
import { PartitionLogs } from "./partition_logs.ts";
import type { BrokerSnapshot } from "./snapshot_store.ts";

/**
 * Rebuilds the broker's state: what the snapshot holds, then every later entry of
 * the log through the same functions that applied it when it was written. Older
 * entries only tell where their batches lie.
 */
export class Replay {
  readonly state: ClusterState;
  readonly logs: PartitionLogs;
  readonly #clock: Clock;
  readonly #header = new BatchHeader();
  #replayedBatches = 0;

  constructor(snapshot: BrokerSnapshot | null, clock: Clock) {
    this.state = snapshot === null ? new ClusterState() : ClusterState.restore(snapshot.cluster);
    this.logs = PartitionLogs.restore(snapshot?.logs ?? [], this.state);
    this.#clock = clock;
  }

  /** Batches that came from the log and not from the snapshot. */
  get replayedBatches(): number {
    return this.#replayedBatches;
  }

  /**
   * To be asked when all has been told: partitions that lack records. The log itself cannot know what is needed of
   * what lies below the snapshot, and what of that is in objects. `damaged` are places of it that could not be read.
   */
  incomplete(
    damaged: readonly DamagedPlace[] = [],
  ): { readonly name: string; readonly log: PartitionLog }[] {
    for (const log of this.logs) leaveGapsToObjects(log);
    const incomplete = [];
    for (const topic of this.state.topics()) {
      for (const { index, stream } of topic.partitions) {
        const log = this.logs.of(stream);
        const isMissing = lacksRecords(log) ||
          damaged.some(({ fromLsn, toLsn }) => lacksRecordsBetween(log, fromLsn, toLsn));
        if (isMissing) incomplete.push({ name: `${topic.name}-${index}`, log });
      }
    }
    return incomplete;
  }

  /** Takes the log's next entry. */
  entry(entry: RecoveredEntry): void {
    switch (entry.kind) {
      case EntryKind.METADATA:
        if (!entry.replay) return;
        return this.#apply(decodeMetadata(entry.payload));
      case EntryKind.BATCH:
        return this.#batch(entry);
      case EntryKind.MARKS:
        return this.#marks(entry);
      default:
        assert(false, `log entry at ${entry.lsn} is of kind ${entry.kind}, which this version does not know`);
    }
  }

  #batch(entry: RecoveredEntry): void {
    const log = this.logs.find(entry.stream);
    // Batches of topics deleted since stay in the log until their segment goes.
    if (log === undefined && !entry.replay) return;
    assert(log !== undefined, `log entry at ${entry.lsn} belongs to a partition that exists`);
    const header = this.#header.read(entry.payload, 0);
    if (!entry.replay) return log.index(header, entry.lsn, this.#clock.nowMs());
    this.logs.append(this.state, log, header, entry.lsn, this.#clock.nowMs());
    this.#replayedBatches++;
  }

  #marks({ payload, lsn, replay }: RecoveredEntry): void {
    const { records, places } = decodeMarks(payload);
    const nowMs = this.#clock.nowMs();
    for (const { stream, at } of places) {
      const header = this.#header.read(payload, at);
      if (replay) this.logs.appendMark(this.logs.of(stream), header, payload, at, lsn + at, nowMs);
      else this.logs.find(stream)?.index(header, lsn + at, nowMs);
    }
    if (!replay) return;
    this.#apply(records);
  }

  /** Objects that die here may have been deleted or not when the log was written: who looks for orphans finds them. */
  #apply(records: readonly MetadataRecord[]): void {
    const nowMs = this.#clock.nowMs();
    for (const record of records) this.logs.apply(this.state, record, nowMs);
  }
}
