/**
 * The rules of the cluster: topics, configs, producer ids, groups and transactions, pure and
 * synchronous.
 *
 * A rule looks at {@link ClusterState} and a command and answers with a
 * {@link Decision}: the metadata records that make it so, or a Kafka error. The
 * engine writes the records to the log and hands them to `ClusterState.apply`,
 * the only function that changes state, so that live and replayed state cannot
 * drift apart. One fact needs no record: a batch of a transaction that stands in
 * the log (`Transactions.written`).
 *
 * Nothing here waits, reads a clock or knows the wire.
 *
 * The rules of groups have a door of their own, `groups/mod.ts`: a broker without groups does not load them. So do
 * those of configs, `configs/mod.ts`: what topics obey is known from the beginning, the rest when somebody asks.
 */
export { ClusterState } from "./cluster_state.ts";
export type { ClusterSnapshot } from "./cluster_state.ts";
export type { MetadataRecord, TierRecord } from "./records.ts";
export { refuse } from "./decision.ts";
export type { Decision, Refusal } from "./decision.ts";
export { Topic } from "./topics/topic.ts";
export type { Partition } from "./topics/topic.ts";
export { topicNameProblem } from "./topics/topic_name.ts";
export { decideCreateTopic, replicasProblem } from "./topics/create_topic.ts";
export type { CreateTopicCommand, TopicLimits } from "./topics/create_topic.ts";
export { decideDeleteTopic } from "./topics/delete_topic.ts";
export { decideDeleteRecords } from "./topics/delete_records.ts";
export { decideCreatePartitions } from "./topics/create_partitions.ts";
export { decideProducerIdBlock, PRODUCER_ID_BLOCK } from "./producers/allocate_ids.ts";
export type { TopicSettings } from "./configs/topic_configs.ts";
export type { Group } from "./groups/group.ts";
export { groupRecord } from "./groups/records.ts";
export type { GroupChange } from "./groups/records.ts";
export { type CommittedOffset, offsetsWithin } from "./groups/offsets/topic_offsets.ts";
export type { OffsetLimits, OffsetsAsked, OffsetsDecision } from "./groups/offsets/commit_offsets.ts";
export { decideExpiry } from "./groups/offsets/expire_offsets.ts";
export * from "./transactions/mod.ts";
export type { ClassicMember } from "./groups/classic/classic_member.ts";
export type { ClassicLimits, JoinCommand, JoinOutcome } from "./groups/classic/decide_join.ts";
export type { LeavingMember } from "./groups/classic/decide_leave.ts";
export type { SyncCommand } from "./groups/classic/decide_sync.ts";
export type { ConsumerMember } from "./groups/consumer/consumer_member.ts";
export type { Assignment } from "./groups/consumer/assignment.ts";
export type { HeartbeatCommand, HeartbeatReply } from "./groups/consumer/decide_heartbeat.ts";
export type { ConsumerLimits, MigrationPolicy } from "./groups/consumer/limits.ts";
