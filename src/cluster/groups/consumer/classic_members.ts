import { assert } from "../../../base/assert.ts";
import { ErrorCode } from "../../../base/error_codes.ts";
import type { JoinCommand } from "../classic/decide_join.ts";
import type { LeavingMember } from "../classic/decide_leave.ts";
import type { SyncCommand } from "../classic/decide_sync.ts";
import type { GroupChange } from "../records.ts";
import { partitionsOf } from "./assignment.ts";
import type { ConsumerGroup } from "./consumer_group.ts";
import { blankInfo, type ConsumerMember, type MemberInfo, newMember } from "./consumer_member.ts";
import { downgrade, isDowngrade } from "./downgrade.ts";
import { decodeSubscription, encodeAssignment, type Subscription, toTopicIds } from "./embedded_protocol.ts";
import { type RemovalContext, removeMembers } from "./remove_members.ts";
import { replaceMember } from "./replace_member.ts";
import type { SavedClassicSide } from "./records.ts";
import type { TopicCatalog } from "./subscriptions.ts";
import { hasRoomFor, type StepContext, takeStep } from "./take_step.ts";

/**
 * Members of a consumer group that speak the classic protocol: what JoinGroup,
 * SyncGroup, Heartbeat and LeaveGroup mean to them. Nobody leads, and nobody waits
 * for others: the broker assigns, and a member's epoch is its generation.
 */

/** What a member that joins is told. */
export interface ClassicJoinDecision {
  readonly errorCode: ErrorCode;
  readonly memberId: string;
  readonly generation: number;
  readonly protocol: string | null;
  readonly changes: readonly GroupChange[];
  /** Whether the group's topics have been looked at. */
  readonly hasCheckedTopics: boolean;
  readonly unresolved: readonly string[];
}

/** Kafka's JoinGroup, for consumer groups that have members. */
export function decideClassicJoin(
  group: ConsumerGroup,
  command: JoinCommand,
  context: StepContext,
): ClassicJoinDecision {
  const { limits } = context;
  const { instanceId } = command;
  const isUnknown = command.memberId === "";
  const memberId = isUnknown ? command.newMemberId : command.memberId;
  const isNew = group.member(memberId) === undefined;
  if (isNew && group.size >= limits.maxSize) {
    return joinRefused(ErrorCode.GROUP_MAX_SIZE_REACHED, command.memberId);
  }
  const [preferred] = command.protocols;
  const subscription = preferred === undefined ? null : decodeSubscription(preferred.metadata);
  const isRefused = limits.migration === "disabled" || !supportsProtocols(group, command);
  if (isRefused || preferred === undefined || subscription === null) {
    return joinRefused(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, command.memberId);
  }
  if (isUnknown && instanceId === null && command.requiresKnownMemberId) {
    return joinRefused(ErrorCode.MEMBER_ID_REQUIRED, memberId);
  }

  const holder = group.staticMember(instanceId);
  if (instanceId !== null && !isUnknown) {
    if (holder === undefined) return joinRefused(ErrorCode.UNKNOWN_MEMBER_ID, memberId);
    if (holder.info.id !== memberId) return joinRefused(ErrorCode.FENCED_INSTANCE_ID, memberId);
  }
  const isReplacement = holder !== undefined && holder.info.id !== memberId;
  const found = isReplacement
    ? replaceMember(group, holder, memberId)
    : { group, member: group.member(memberId) ?? newMember(blankInfo(memberId)), changes: [] };
  const info = infoOf(found.member.info, command, subscription);
  const owned = toTopicIds(subscription.owned, context.catalog);
  const step = { ...found, info, owned };
  if (!hasRoomFor(step, context)) return joinRefused(ErrorCode.GROUP_MAX_SIZE_REACHED, memberId);
  const taken = takeStep(step, context);
  assert(!("error" in taken), "only a pattern can be refused, and there is none");
  let changes: readonly GroupChange[] = [...found.changes, ...taken.changes];
  // The last one of the consumer protocol has come back with the classic one.
  if (isReplacement && isDowngrade(group, new Set([holder.info.id]), limits, 1)) {
    const next = group.copy();
    for (const change of changes) next.apply(change);
    const isRebalancing = taken.hasNewSubscription;
    const { catalog, nowMs } = context;
    changes = downgrade(next, new Set(), catalog, { nowMs, isRebalancing });
  }
  return {
    errorCode: ErrorCode.NONE,
    memberId,
    generation: taken.member.epoch,
    protocol: preferred.name,
    changes,
    hasCheckedTopics: taken.hasCheckedTopics,
    unresolved: taken.unresolved,
  };
}

/** Kafka's SyncGroup: what the member has. The answer's assignment is empty on errors. */
export function judgeClassicSync(
  group: ConsumerGroup,
  command: SyncCommand,
  catalog: TopicCatalog,
): { readonly errorCode: ErrorCode; readonly assignment: Uint8Array } {
  const found = findClassicMember(group, command.memberId, command.instanceId, command.generation);
  const none = new Uint8Array(0);
  if (typeof found === "number") return { errorCode: found, assignment: none };
  const { member, classic } = found;
  const [preferred] = classic.protocols;
  const { protocolType, protocol } = command;
  const isOther = (protocolType !== null && protocolType !== group.protocolType) ||
    (protocol !== null && protocol !== preferred?.[0]);
  if (isOther) return { errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL, assignment: none };
  if (group.assignmentEpoch > member.epoch && member.state !== "unrevoked_partitions") {
    return { errorCode: ErrorCode.REBALANCE_IN_PROGRESS, assignment: none };
  }
  const metadata = Uint8Array.fromBase64(preferred?.[1] ?? "");
  const version = decodeSubscription(metadata)?.version ?? 0;
  return {
    errorCode: ErrorCode.NONE,
    assignment: encodeAssignment(partitionsOf(member.assigned), catalog, version),
  };
}

/** Kafka's Heartbeat: whether the member is to join again, to give up partitions or to get more. */
export function judgeClassicHeartbeat(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
  generation: number,
): ErrorCode {
  const found = findClassicMember(group, memberId, instanceId, generation);
  if (typeof found === "number") return found;
  const { member } = found;
  // Where there are no others whose heartbeats bring the next assignment about, somebody has to join for it.
  const mustJoin = member.epoch < group.assignmentEpoch || isStuck(group) ||
    member.state === "unrevoked_partitions" ||
    (member.state === "unreleased_partitions" && isReleased(group, member));
  return mustJoin ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

/** Kafka's LeaveGroup: members of both protocols can be taken out. */
export function decideClassicLeave(
  group: ConsumerGroup,
  leaving: readonly LeavingMember[],
  context: RemovalContext,
): { readonly errorCodes: readonly ErrorCode[]; readonly changes: readonly GroupChange[] } {
  const gone = new Set<string>();
  const errorCodes = leaving.map(({ memberId, instanceId }) => {
    const member = instanceId === null ? group.member(memberId) : group.staticMember(instanceId);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    const { id } = member.info;
    if (instanceId !== null && memberId !== "" && memberId !== id) return ErrorCode.FENCED_INSTANCE_ID;
    gone.add(id);
    return ErrorCode.NONE;
  });
  return { errorCodes, changes: removeMembers(group, gone, context) };
}

/** Whether the member speaks Kafka's consumer protocol, and one of its assignors is known to all classic members. */
function supportsProtocols(group: ConsumerGroup, { protocolType, protocols }: JoinCommand): boolean {
  if (protocolType !== group.protocolType || protocols.length === 0) return false;
  const others: SavedClassicSide[] = [];
  for (const { info } of group.members()) if (info.classic !== null) others.push(info.classic);
  return protocols.some(({ name }) =>
    others.every((other) => other.protocols.some(([known]) => known === name))
  );
}

function infoOf(before: MemberInfo, command: JoinCommand, subscription: Subscription): MemberInfo {
  return {
    id: before.id,
    instanceId: command.instanceId ?? before.instanceId,
    rackId: subscription.rackId === null || subscription.rackId === "" ? before.rackId : subscription.rackId,
    clientId: command.clientId,
    clientHost: command.clientHost,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs,
    topics: [...new Set(subscription.topics)].sort(),
    pattern: "",
    assignor: before.assignor,
    classic: {
      sessionTimeoutMs: command.sessionTimeoutMs,
      protocols: command.protocols.map(({ name, metadata }) => [name, metadata.toBase64()] as const),
    },
  };
}

/** The member of the classic protocol that this is, in its generation. */
function findClassicMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
  generation: number,
): { readonly member: ConsumerMember; readonly classic: SavedClassicSide } | ErrorCode {
  const member = instanceId === null ? group.member(memberId) : group.staticMember(instanceId);
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  if (member.info.id !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
  const { classic } = member.info;
  if (classic === null) return ErrorCode.UNKNOWN_MEMBER_ID;
  return generation === member.epoch ? { member, classic } : ErrorCode.ILLEGAL_GENERATION;
}

/** Whether an assignment is due, and there are none but members of the classic protocol. */
function isStuck(group: ConsumerGroup): boolean {
  if (group.epoch === group.assignmentEpoch) return false;
  for (const { info } of group.members()) if (info.classic === null) return false;
  return true;
}

/** Whether all that the member is still to get is free. */
function isReleased(group: ConsumerGroup, member: ConsumerMember): boolean {
  for (const [topicId, partitions] of group.target(member.info.id)) {
    const epochs = member.assigned.get(topicId);
    if (partitions.some((partition) => !epochs?.has(partition) && !group.isFree(topicId, partition))) {
      return false;
    }
  }
  return true;
}

function joinRefused(errorCode: ErrorCode, memberId: string): ClassicJoinDecision {
  return {
    errorCode,
    memberId,
    generation: -1,
    protocol: null,
    changes: [],
    hasCheckedTopics: false,
    unresolved: [],
  };
}
