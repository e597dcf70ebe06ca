/**
 * The rules of the cluster: topics, configs, producer ids, groups and transactions, pure and
 * synchronous.
 *
 * A rule looks at {@link ClusterState} and a command and answers with a
 * {@link Decision}: the metadata records that make it so, or a Kafka error. The
 * engine writes the records to the log and hands them to `ClusterState.apply`,
 * the only function that changes state, so that live and replayed state cannot
 * drift apart.
 *
 * Nothing here waits, reads a clock or knows the wire.
 */
export { ClusterState } from "./cluster_state.ts";
export type { ClusterSnapshot } from "./cluster_state.ts";
export type { MetadataRecord } from "./records.ts";
export { refuse } from "./decision.ts";
export type { Decision, Refusal } from "./decision.ts";
export { Topic } from "./topics/topic.ts";
export type { Partition } from "./topics/topic.ts";
export { topicNameProblem } from "./topics/topic_name.ts";
export { decideCreateTopic } from "./topics/create_topic.ts";
export type { CreateTopicCommand, TopicLimits } from "./topics/create_topic.ts";
export { decideDeleteTopic } from "./topics/delete_topic.ts";
export { decideCreatePartitions } from "./topics/create_partitions.ts";
export { decideProducerIdBlock, PRODUCER_ID_BLOCK } from "./producers/allocate_ids.ts";
export { TOPIC_CONFIGS, topicConfigProblem } from "./configs/topic_configs.ts";
export type { ConfigType, TopicConfigDef, TopicSettings } from "./configs/topic_configs.ts";
export type { Group, GroupKind } from "./groups/group.ts";
export { groupRecord } from "./groups/records.ts";
export type { GroupChange, GroupRecord } from "./groups/records.ts";
export { Groups } from "./groups/groups.ts";
export type { CommittedOffset, TopicOffsets } from "./groups/offsets/topic_offsets.ts";
export { decideOffsetCommit, decideTxnOffsetCommit } from "./groups/offsets/commit_offsets.ts";
export type { OffsetLimits, OffsetsDecision } from "./groups/offsets/commit_offsets.ts";
export { decideOffsetDelete } from "./groups/offsets/delete_offsets.ts";
export { decideExpiry } from "./groups/offsets/expire_offsets.ts";
export * from "./transactions/mod.ts";
export { ClassicGroup } from "./groups/classic/classic_group.ts";
export type { ClassicMember, MemberProtocol } from "./groups/classic/classic_member.ts";
export { metadataOf } from "./groups/classic/classic_member.ts";
export { decideJoin } from "./groups/classic/decide_join.ts";
export type { ClassicLimits, JoinCommand, JoinOutcome } from "./groups/classic/decide_join.ts";
export { decideGeneration, isComplete } from "./groups/classic/decide_generation.ts";
export { decideLeave, expel } from "./groups/classic/decide_leave.ts";
export type { LeavingMember } from "./groups/classic/decide_leave.ts";
export { decideSync, judgeHeartbeat } from "./groups/classic/decide_sync.ts";
export type { SyncCommand } from "./groups/classic/decide_sync.ts";
export { Presence } from "./groups/classic/presence.ts";
export { ConsumerGroup } from "./groups/consumer/consumer_group.ts";
export type { ConsumerMember } from "./groups/consumer/consumer_member.ts";
export type { Assignment } from "./groups/consumer/assignment.ts";
export { partitionsOf } from "./groups/consumer/assignment.ts";
export type { Assignor } from "./groups/consumer/assignors/assignor.ts";
export { rangeAssignor } from "./groups/consumer/assignors/range.ts";
export { uniformAssignor } from "./groups/consumer/assignors/uniform.ts";
export { heartbeatProblem } from "./groups/consumer/check_request.ts";
export {
  decideClassicJoin,
  decideClassicLeave,
  judgeClassicHeartbeat,
  judgeClassicSync,
} from "./groups/consumer/classic_members.ts";
export { decideHeartbeat } from "./groups/consumer/decide_heartbeat.ts";
export type { HeartbeatCommand, HeartbeatReply } from "./groups/consumer/decide_heartbeat.ts";
export { decideResolved } from "./groups/consumer/decide_resolved.ts";
export type { ConsumerLimits, MigrationPolicy } from "./groups/consumer/limits.ts";
export { TopicPattern } from "./groups/consumer/regex/topic_pattern.ts";
export { removeMembers } from "./groups/consumer/remove_members.ts";
export { electAssignor } from "./groups/consumer/retarget.ts";
