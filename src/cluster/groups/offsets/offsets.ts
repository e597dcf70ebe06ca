import type { OffsetRecord, OffsetRow } from "./records.ts";
import { PendingOffsets, type PendingSnapshot } from "./pending_offsets.ts";
import { type CommittedOffset, TopicOffsets, type TopicOffsetsSnapshot } from "./topic_offsets.ts";

/** The whole of {@link Offsets} as plain data, for snapshots. */
export interface OffsetsSnapshot {
  readonly groups: readonly { readonly group: string; readonly topics: readonly TopicOffsetsSnapshot[] }[];
  readonly pending: PendingSnapshot;
}

/** About what an offset takes, measured: its row. */
export const OFFSET_BYTES = 48;
/** The same of a topic that a group has offsets in: its rows' object, and its place in the maps. */
export const TOPIC_BYTES = 320;
/** The same of an offset that waits for the end of its transaction, with all around it. */
const PENDING_BYTES = 400;
export const BYTES_PER_CHARACTER = 2;

/**
 * Where every group has got to, and what open transactions have yet to commit.
 * Changed by `ClusterState.apply` alone.
 */
export class Offsets {
  readonly #groups = new Map<string, Map<string, TopicOffsets>>();
  #pending = new PendingOffsets();
  #count = 0;
  #topicCount = 0;
  #metadataCharacters = 0;

  /** Memory that all of it takes, about. */
  get heldBytes(): number {
    const characters = this.#metadataCharacters + this.#pending.metadataCharacters;
    return this.#count * OFFSET_BYTES + this.#topicCount * TOPIC_BYTES + this.#pending.count * PENDING_BYTES +
      characters * BYTES_PER_CHARACTER;
  }

  /** Groups that have committed offsets. */
  groupIds(): IterableIterator<string> {
    return this.#groups.keys();
  }

  /** What the group has committed, by topic id. */
  topicsOf(group: string): ReadonlyMap<string, TopicOffsets> {
    return this.#groups.get(group) ?? NO_TOPICS;
  }

  committed(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#groups.get(group)?.get(topic)?.find(partition);
  }

  /** Whether an open transaction has written an offset there. */
  isPending(group: string, topic: string, partition: number): boolean {
    return this.#pending.has(group, topic, partition);
  }

  /** Whether an open transaction has written any offset of the group. */
  hasPending(group: string): boolean {
    return this.#pending.hasGroup(group);
  }

  apply(record: OffsetRecord): void {
    switch (record.type) {
      case "offsets_committed":
        return eachRow(record, (topic, partition, offset) => {
          this.#set(record.group, topic, partition, offset);
          this.#pending.outdate(record.group, topic, partition);
        });
      case "txn_offsets_written":
        return eachRow(record, (topic, partition, offset) => {
          this.#pending.write(record.producerId, record.group, topic, partition, offset);
        });
      case "offsets_deleted":
        for (const { topic, partitions } of record.topics) {
          for (const partition of partitions) this.#delete(record.group, topic, partition);
        }
    }
  }

  /** What the producer's transaction has written becomes committed, or is forgotten. */
  endTransaction(producerId: number, isCommit: boolean): void {
    for (const { group, topic, partition, offset } of this.#pending.end(producerId, isCommit)) {
      this.#set(group, topic, partition, offset);
    }
  }

  /** Forgets all of a topic that is deleted. */
  deleteTopic(topic: string): void {
    for (const group of this.#groups.keys()) this.#deleteAll(group, topic);
    this.#pending.deleteTopic(topic);
  }

  /** Forgets all of a group that is deleted. */
  deleteGroup(group: string): void {
    for (const topic of this.topicsOf(group).keys()) this.#deleteAll(group, topic);
    this.#pending.deleteGroup(group);
  }

  snapshot(): OffsetsSnapshot {
    return {
      groups: Array.from(this.#groups, ([group, topics]) => ({
        group,
        topics: Array.from(topics, ([topic, offsets]) => offsets.snapshot(topic)),
      })),
      pending: this.#pending.snapshot(),
    };
  }

  static restore(snapshot: OffsetsSnapshot): Offsets {
    const offsets = new Offsets();
    for (const { group, topics } of snapshot.groups) {
      const restored = topics.map((saved) => [saved.topic, TopicOffsets.restore(saved)] as const);
      offsets.#groups.set(group, new Map(restored));
      offsets.#topicCount += restored.length;
      for (const [, topic] of restored) {
        offsets.#count += topic.count;
        offsets.#metadataCharacters += topic.metadataCharacters;
      }
    }
    offsets.#pending = PendingOffsets.restore(snapshot.pending);
    return offsets;
  }

  #set(group: string, topic: string, partition: number, offset: CommittedOffset): void {
    let topics = this.#groups.get(group);
    if (topics === undefined) this.#groups.set(group, topics = new Map());
    let offsets = topics.get(topic);
    if (offsets === undefined) {
      topics.set(topic, offsets = new TopicOffsets());
      this.#topicCount++;
    }
    this.#account(offsets, () => offsets.set(partition, offset));
  }

  #delete(group: string, topic: string, partition: number): void {
    const offsets = this.#groups.get(group)?.get(topic);
    if (offsets !== undefined) {
      this.#account(offsets, () => offsets.delete(partition));
      this.#dropEmpty(group, topic, offsets);
    }
    this.#pending.deletePartition(group, topic, partition);
  }

  #deleteAll(group: string, topic: string): void {
    const offsets = this.#groups.get(group)?.get(topic);
    if (offsets === undefined) return;
    this.#account(offsets, () => offsets.clear());
    this.#dropEmpty(group, topic, offsets);
  }

  #dropEmpty(group: string, topic: string, offsets: TopicOffsets): void {
    const topics = this.#groups.get(group);
    if (offsets.count === 0 && topics?.delete(topic)) this.#topicCount--;
    if (topics?.size === 0) this.#groups.delete(group);
  }

  /** Keeps the sums in step with what `change` does to one group's offsets in one topic. */
  #account(offsets: TopicOffsets, change: () => void): void {
    this.#count -= offsets.count;
    this.#metadataCharacters -= offsets.metadataCharacters;
    change();
    this.#count += offsets.count;
    this.#metadataCharacters += offsets.metadataCharacters;
  }
}

const NO_TOPICS: ReadonlyMap<string, TopicOffsets> = new Map();

type Rows = Extract<OffsetRecord, { readonly type: "offsets_committed" | "txn_offsets_written" }>;

/** Calls `take` for each offset of the record. */
function eachRow(
  record: Rows,
  take: (topic: string, partition: number, offset: CommittedOffset) => void,
): void {
  const expireMs = "expireMs" in record ? record.expireMs ?? null : null;
  const committed = ([, offset, leaderEpoch, metadata = ""]: OffsetRow): CommittedOffset => ({
    ...{ offset, leaderEpoch, metadata },
    ...{ committedMs: record.atMs, expireMs },
  });
  for (const { topic, rows } of record.topics) {
    for (const row of rows) take(topic, row[0], committed(row));
  }
}
