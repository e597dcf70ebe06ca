import { assert, unreachable } from "../base/assert.ts";
import type { ConfigRecord, ConfigsSnapshot } from "./configs/records.ts";
import { SetConfigs } from "./configs/set_configs.ts";
import { Groups } from "./groups/groups.ts";
import { Offsets, type OffsetsSnapshot } from "./groups/offsets/offsets.ts";
import type { GroupRecord, GroupSnapshot } from "./groups/records.ts";
import type { MetadataRecord } from "./records.ts";
import type { SecuritySnapshot } from "./security/records.ts";
import { Security } from "./security/security.ts";
import { collisionKey } from "./topics/topic_name.ts";
import { Topic } from "./topics/topic.ts";
import type { TransactionRecord } from "./transactions/records.ts";
import type { TransactionSnapshot } from "./transactions/transaction.ts";
import { Transactions } from "./transactions/transactions.ts";

/** The whole of {@link ClusterState} as plain data, for snapshots. */
export interface ClusterSnapshot {
  readonly topics: readonly {
    readonly name: string;
    readonly id: string;
    readonly configs: Readonly<Record<string, string>>;
    readonly streams: readonly number[];
  }[];
  readonly nextStream: number;
  readonly nextProducerId: number;
  readonly leaderEpoch: number;
  readonly groups: readonly GroupSnapshot[];
  readonly offsets: OffsetsSnapshot;
  readonly transactions: readonly TransactionSnapshot[];
  /** Snapshots of versions that could not set any have none. */
  readonly configs?: ConfigsSnapshot;
  /** Nor users and rights. */
  readonly security?: SecuritySnapshot;
}

/**
 * What the broker knows beside records. Changed by {@link apply} alone, but for one thing: a batch of a transaction
 * that stands in the log is by itself the fact that its partition belongs to it (`Transactions.written`).
 */
export class ClusterState {
  readonly #topics = new Map<string, Topic>();
  readonly #topicsById = new Map<string, Topic>();
  readonly #topicsByCollisionKey = new Map<string, Topic>();
  #partitionCount = 0;
  #topicsVersion = 0;
  #nextStream = 1;
  #nextProducerId = 0;
  #leaderEpoch = 0;
  #configs = new SetConfigs();
  #groups = new Groups();
  #offsets = new Offsets();
  #transactions = new Transactions();
  #security = new Security();

  topic(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  topicById(id: string): Topic | undefined {
    return this.#topicsById.get(id);
  }

  /** The topic whose name differs from `name` in `.` and `_` at most. */
  collidingTopic(name: string): Topic | undefined {
    return this.#topicsByCollisionKey.get(collisionKey(name));
  }

  topics(): IterableIterator<Topic> {
    return this.#topics.values();
  }

  /** Another number after each change of topics or partitions. Not durable: it begins at 0 with the process. */
  get topicsVersion(): number {
    return this.#topicsVersion;
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  /** The stream number that the next partition gets; 0 is the metadata's own. */
  get nextStream(): number {
    return this.#nextStream;
  }

  get nextProducerId(): number {
    return this.#nextProducerId;
  }

  /** The leader epoch of every partition: one broker leads them all. */
  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  /** Where every group has got to. */
  get offsets(): Offsets {
    return this.#offsets;
  }

  /** Transactional producers and what they have open. */
  get transactions(): Transactions {
    return this.#transactions;
  }

  /** What clients have set of brokers, groups and client metrics. */
  get configs(): SetConfigs {
    return this.#configs;
  }

  /** Users, rights and quotas. */
  get security(): Security {
    return this.#security;
  }

  /** The groups that have members, or had some, or have offsets. */
  get groups(): Groups {
    return this.#groups;
  }

  /** The only way to change state: live, and when replaying. */
  apply(record: MetadataRecord): void {
    switch (record.type) {
      case "topic_created":
        return this.#createTopic(record);
      case "topic_deleted":
        return this.#deleteTopic(record.id);
      case "partitions_created":
        return this.#addPartitions(this.#existing(record.id), record.firstStream, record.count);
      case "configs_changed":
        return this.#changeConfigs(record);
      case "producer_ids_allocated":
        this.#nextProducerId = record.next;
        return;
      case "leader_epoch_raised":
        assert(record.epoch > this.#leaderEpoch, "leader epochs only grow");
        this.#leaderEpoch = record.epoch;
        return;
      case "group":
        return this.#applyToGroup(record);
      case "txn_offsets_written":
        this.#transactions.offsetsWritten(record.producerId, record.group, record.atMs);
        this.#groups.ensure(record.group, record.atMs);
        return this.#offsets.apply(record);
      case "offsets_committed":
        this.#groups.ensure(record.group, record.atMs);
        return this.#offsets.apply(record);
      case "offsets_deleted":
        return this.#offsets.apply(record);
      case "txn_ended":
        return this.#endTransaction(record);
      case "txn_producer_initialized":
      case "txn_partitions_added":
      case "txn_group_added":
      case "txn_ids_expired":
        return this.#transactions.apply(record);
      case "scram_credential_set":
      case "scram_credential_removed":
      case "delegation_token_set":
      case "delegation_tokens_removed":
      case "acls_created":
      case "acls_deleted":
      case "client_quota_changed":
        return this.#security.apply(record);
      case "objects_stored":
      case "objects_replaced":
      case "log_start_moved":
        // Of records, not of the cluster: the logs apply them.
        return;
      default:
        unreachable(record);
    }
  }

  snapshot(): ClusterSnapshot {
    return {
      topics: Array.from(this.#topics.values(), (topic) => ({
        name: topic.name,
        id: topic.id,
        configs: Object.fromEntries(topic.configs),
        streams: topic.partitions.map((partition) => partition.stream),
      })),
      nextStream: this.#nextStream,
      nextProducerId: this.#nextProducerId,
      leaderEpoch: this.#leaderEpoch,
      groups: this.#groups.snapshot(),
      offsets: this.#offsets.snapshot(),
      transactions: this.#transactions.snapshot(),
      configs: this.#configs.snapshot(),
      security: this.#security.snapshot(),
    };
  }

  static restore(snapshot: ClusterSnapshot): ClusterState {
    const state = new ClusterState();
    state.#configs = SetConfigs.restore(snapshot.configs ?? []);
    for (const saved of snapshot.topics) {
      const topic = new Topic(saved.name, saved.id, saved.configs, state.#configs);
      for (const stream of saved.streams) topic.addPartitions(stream, 1);
      state.#register(topic);
      state.#partitionCount += saved.streams.length;
    }
    state.#nextStream = snapshot.nextStream;
    state.#nextProducerId = snapshot.nextProducerId;
    state.#leaderEpoch = snapshot.leaderEpoch;
    state.#groups = Groups.restore(snapshot.groups);
    state.#offsets = Offsets.restore(snapshot.offsets);
    state.#transactions = Transactions.restore(snapshot.transactions);
    if (snapshot.security !== undefined) state.#security = Security.restore(snapshot.security);
    return state;
  }

  #createTopic(record: Extract<MetadataRecord, { type: "topic_created" }>): void {
    assert(!this.#topics.has(record.name), `topic ${record.name} is created once`);
    const topic = new Topic(record.name, record.id, record.configs, this.#configs);
    this.#register(topic);
    this.#addPartitions(topic, record.firstStream, record.partitions);
  }

  #addPartitions(topic: Topic, firstStream: number, count: number): void {
    assert(firstStream === this.#nextStream, "stream numbers are given out in order");
    topic.addPartitions(firstStream, count);
    this.#nextStream += count;
    this.#partitionCount += count;
    this.#topicsVersion++;
  }

  #changeConfigs(record: ConfigRecord): void {
    if (record.of !== "topic") return this.#configs.apply(record.of, record);
    const topic = this.#topics.get(record.name);
    assert(topic !== undefined, `topic ${record.name} exists`);
    const before = topic.configChars;
    topic.changeConfigs(record.configs);
    this.#configs.countOfTopics(topic.configChars - before);
  }

  #applyToGroup(record: GroupRecord): void {
    this.#groups.apply(record);
    if (record.change.type === "deleted") this.#offsets.deleteGroup(record.groupId);
  }

  #deleteTopic(id: string): void {
    const topic = this.#existing(id);
    this.#topics.delete(topic.name);
    this.#topicsById.delete(id);
    this.#topicsByCollisionKey.delete(collisionKey(topic.name));
    this.#partitionCount -= topic.partitions.length;
    this.#configs.countOfTopics(-topic.configChars);
    this.#topicsVersion++;
    this.#offsets.deleteTopic(id);
    this.#transactions.forgetStreams(topic.partitions.map(({ stream }) => stream));
  }

  #endTransaction(record: Extract<TransactionRecord, { type: "txn_ended" }>): void {
    const producerId = this.#transactions.get(record.id)?.producerId;
    assert(producerId !== undefined, `transactional id ${record.id} is known`);
    this.#offsets.endTransaction(producerId, record.isCommit);
    this.#transactions.apply(record);
  }

  #existing(id: string): Topic {
    const topic = this.#topicsById.get(id);
    assert(topic !== undefined, `topic id ${id} exists`);
    return topic;
  }

  #register(topic: Topic): void {
    this.#configs.countOfTopics(topic.configChars);
    this.#topics.set(topic.name, topic);
    this.#topicsById.set(topic.id, topic);
    this.#topicsByCollisionKey.set(collisionKey(topic.name), topic);
  }
}
