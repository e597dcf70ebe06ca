/**
 * The rules of groups, classic and consumer, and of the offsets that they commit. State is changed by
 * `ClusterState.apply` alone, as everywhere in the cluster; the types are at the cluster's own door.
 */
export { decideOffsetCommit, decideTxnOffsetCommit } from "./offsets/commit_offsets.ts";
export { decideOffsetDelete } from "./offsets/delete_offsets.ts";
export { ClassicGroup } from "./classic/classic_group.ts";
export { metadataOf } from "./classic/classic_member.ts";
export { decideJoin } from "./classic/decide_join.ts";
export { decideGeneration, isComplete } from "./classic/decide_generation.ts";
export { decideLeave, expel } from "./classic/decide_leave.ts";
export { decideSync, judgeHeartbeat } from "./classic/decide_sync.ts";
export { Presence } from "./classic/presence.ts";
export { ConsumerGroup } from "./consumer/consumer_group.ts";
export { partitionsOf } from "./consumer/assignment.ts";
export { rangeAssignor } from "./consumer/assignors/range.ts";
export { uniformAssignor } from "./consumer/assignors/uniform.ts";
export { heartbeatProblem } from "./consumer/check_request.ts";
export {
  decideClassicJoin,
  decideClassicLeave,
  judgeClassicHeartbeat,
  judgeClassicSync,
} from "./consumer/classic_members.ts";
export { decideHeartbeat } from "./consumer/decide_heartbeat.ts";
export { decideResolved } from "./consumer/decide_resolved.ts";
export { TopicPattern } from "./consumer/regex/topic_pattern.ts";
export { removeMembers } from "./consumer/remove_members.ts";
export { electAssignor } from "./consumer/retarget.ts";
