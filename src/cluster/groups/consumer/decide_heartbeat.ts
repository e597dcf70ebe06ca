import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import { ClassicGroup } from "../classic/classic_group.ts";
import type { Group } from "../group.ts";
import type { GroupChange } from "../records.ts";
import { type Assignment, type Holdings, holds, partitionsOf, sameHoldings } from "./assignment.ts";
import { ConsumerGroup } from "./consumer_group.ts";
import {
  AWAY,
  blankInfo,
  type ConsumerMember,
  type MemberInfo,
  newMember,
  progressed,
  sameTopics,
} from "./consumer_member.ts";
import { removeMembers } from "./remove_members.ts";
import { hasRoomFor, type StepContext, takeStep } from "./take_step.ts";
import { replaceMember } from "./replace_member.ts";
import { upgrade } from "./upgrade.ts";

/** A member says that it lives, and perhaps something about itself. `null` and −1: as before. */
export interface HeartbeatCommand {
  readonly groupId: string;
  /** Made by the client; by the broker when it is empty. */
  readonly memberId: string;
  /** 0 to join, −1 to leave, −2 to leave for a while as a static member. */
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly topics: readonly string[] | null;
  /** Empty for none. */
  readonly pattern: string | null;
  readonly assignor: string | null;
  /** What the member holds. */
  readonly owned: Assignment | null;
  readonly clientId: string;
  readonly clientHost: string;
}

/** What the member is told. */
export interface HeartbeatReply {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** All that it may consume; `null`: as before. */
  readonly assignment: Assignment | null;
}

/** All that a heartbeat is judged by. */
export interface HeartbeatContext extends StepContext {
  /** The group of that name. */
  readonly group: Group | undefined;
  /** The id of a member that brings none. */
  readonly newMemberId: string;
}

export interface HeartbeatDecision {
  readonly reply: HeartbeatReply | Refusal;
  readonly changes: readonly GroupChange[];
  /** Whether the group's topics have been looked at. */
  readonly hasCheckedTopics: boolean;
  /** Patterns of the group whose topics have to be looked up. */
  readonly unresolved: readonly string[];
}

/** A member that joins says so with this epoch. */
const JOINING = 0;

/** Kafka's ConsumerGroupHeartbeat (KIP-848), once the request is known to be in form. */
export function decideHeartbeat(command: HeartbeatCommand, context: HeartbeatContext): HeartbeatDecision {
  if (command.memberEpoch < JOINING) return decideLeave(command, context);
  const opened = openGroup(command, context);
  if ("error" in opened) return refused(opened);
  const { group, changes } = opened;
  const { limits } = context;
  const isFull = group.size >= limits.maxSize && group.member(command.memberId) === undefined;
  if (isFull) return refused(tooLarge(limits.maxSize));
  const memberId = command.memberId === "" ? context.newMemberId : command.memberId;
  const found = findMember(group, memberId, command);
  if ("error" in found) return refused(found);

  const { member } = found;
  const step = { group: found.group, member, info: tell(member.info, command), owned: command.owned };
  if (!hasRoomFor(step, context)) return refused(tooLarge(limits.maxSize));
  const mustCheckTopics = context.mustCheckTopics || opened.isNew;
  const taken = takeStep(step, { ...context, mustCheckTopics });
  if ("error" in taken) return refused(taken);
  const isTold = command.memberEpoch === JOINING || saysAll(command) ||
    !sameHoldings(member.assigned, taken.member.assigned);
  return {
    reply: {
      memberId,
      memberEpoch: taken.member.epoch,
      heartbeatIntervalMs: limits.heartbeatIntervalMs,
      assignment: isTold ? partitionsOf(taken.member.assigned) : null,
    },
    changes: [...changes, ...found.changes, ...taken.changes],
    hasCheckedTopics: taken.hasCheckedTopics,
    unresolved: taken.unresolved,
  };
}

function tooLarge(maxSize: number): Refusal {
  const message = `The consumer group has reached its maximum capacity of ${maxSize} members.`;
  return refuse(ErrorCode.GROUP_MAX_SIZE_REACHED, message);
}

/** The group that a member is in or joins, if need be made of nothing or of a classic one. */
function openGroup(
  { groupId, memberEpoch }: HeartbeatCommand,
  { group, catalog, limits, nowMs }: HeartbeatContext,
):
  | { readonly group: ConsumerGroup; readonly changes: readonly GroupChange[]; readonly isNew: boolean }
  | Refusal {
  if (group instanceof ConsumerGroup) return { group, changes: [], isNew: false };
  if (memberEpoch !== JOINING) {
    const because = group === undefined ? "not found" : "not a consumer group";
    return refuse(
      ErrorCode.GROUP_ID_NOT_FOUND,
      group === undefined ? `Consumer group ${groupId} ${because}.` : `Group ${groupId} is ${because}.`,
    );
  }
  if (group instanceof ClassicGroup && !group.isEmpty) {
    const upgraded = upgrade(group, catalog, limits, nowMs);
    return "error" in upgraded ? upgraded : { ...upgraded, isNew: true };
  }
  const created = { type: "consumer_created", epoch: 1, topicsHash: "", timeMs: nowMs } as const;
  return { group: new ConsumerGroup(groupId, created), changes: [created], isNew: true };
}

interface FoundMember {
  readonly member: ConsumerMember;
  /** The group, with what has changed already. */
  readonly group: ConsumerGroup;
  readonly changes: readonly GroupChange[];
}

/** The member that this is, a new one if it joins. */
function findMember(
  group: ConsumerGroup,
  memberId: string,
  command: HeartbeatCommand,
): FoundMember | Refusal {
  const { instanceId, memberEpoch } = command;
  const isJoining = memberEpoch === JOINING;
  const fresh = newMember(blankInfo(memberId));
  if (instanceId === null) {
    const member = group.member(memberId) ?? (isJoining ? fresh : notMember(group, memberId));
    if ("error" in member) return member;
    return wrongEpoch(member, command) ?? { member, group, changes: [] };
  }
  const holder = group.staticMember(instanceId);
  if (isJoining) {
    if (holder === undefined) return { member: group.member(memberId) ?? fresh, group, changes: [] };
    const isReleased = holder.epoch === AWAY || holder.info.classic !== null;
    if (isReleased) return replaceMember(group, holder, memberId);
    return refuse(
      ErrorCode.UNRELEASED_INSTANCE_ID,
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is ` +
        `owned by ${holder.info.id} member.`,
    );
  }
  const member = staticMember(group, memberId, instanceId);
  if ("error" in member) return member;
  return wrongEpoch(member, command) ?? { member, group, changes: [] };
}

/** The static member that this is by both its names. */
function staticMember(group: ConsumerGroup, memberId: string, instanceId: string): ConsumerMember | Refusal {
  const holder = group.staticMember(instanceId);
  if (holder === undefined) {
    return refuse(ErrorCode.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
  }
  if (holder.info.id === memberId) return holder;
  return refuse(
    ErrorCode.FENCED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${instanceId} was fenced by member ${holder.info.id}.`,
  );
}

function notMember(group: ConsumerGroup, memberId: string): Refusal {
  return refuse(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${group.id}.`);
}

/** A member must be in the epoch that it was told last, or in the one before, when the answer was lost. */
function wrongEpoch(member: ConsumerMember, { memberEpoch, owned }: HeartbeatCommand): Refusal | undefined {
  if (memberEpoch === JOINING || memberEpoch === member.epoch) return undefined;
  const isLost = memberEpoch < member.epoch && memberEpoch === member.previousEpoch;
  if (isLost && owned !== null && isWithin(owned, member.assigned)) return undefined;
  const than = memberEpoch > member.epoch ? "greater" : "smaller";
  return refuse(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${than} member epoch (${memberEpoch}) than the one known by the group ` +
      `coordinator (${member.epoch}). The member must abandon all its partitions and rejoin.`,
  );
}

function isWithin(owned: Assignment, assigned: Holdings): boolean {
  for (const [topicId, partitions] of owned) {
    if (!partitions.every((partition) => holds(assigned, topicId, partition))) return false;
  }
  return true;
}

/** What is known of a member, with what it says now. The same object, if that is nothing new. */
function tell(info: MemberInfo, command: HeartbeatCommand): MemberInfo {
  const topics = command.topics === null ? info.topics : [...new Set(command.topics)].sort();
  const told: MemberInfo = {
    id: info.id,
    instanceId: command.instanceId ?? info.instanceId,
    rackId: command.rackId ?? info.rackId,
    clientId: command.clientId,
    clientHost: command.clientHost,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs === -1
      ? info.rebalanceTimeoutMs
      : command.rebalanceTimeoutMs,
    topics,
    pattern: command.pattern ?? info.pattern,
    assignor: command.assignor ?? info.assignor,
    classic: null,
  };
  const isSame = told.instanceId === info.instanceId && told.rackId === info.rackId &&
    told.clientId === info.clientId && told.clientHost === info.clientHost &&
    told.rebalanceTimeoutMs === info.rebalanceTimeoutMs && told.pattern === info.pattern &&
    told.assignor === info.assignor && info.classic === null && sameTopics(topics, info.topics);
  return isSame ? info : told;
}

/** Whether the member says everything: then it does not know what it was told before. */
function saysAll({ rebalanceTimeoutMs, topics, pattern, owned }: HeartbeatCommand): boolean {
  return rebalanceTimeoutMs !== -1 && (topics !== null || pattern !== null) && owned !== null;
}

function decideLeave(command: HeartbeatCommand, context: HeartbeatContext): HeartbeatDecision {
  const { groupId, memberId, memberEpoch, instanceId } = command;
  const { group } = context;
  if (!(group instanceof ConsumerGroup)) {
    const because = group === undefined ? "not found" : "is not a consumer group";
    return refused(refuse(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} ${because}.`));
  }
  const member = instanceId === null
    ? group.member(memberId) ?? notMember(group, memberId)
    : staticMember(group, memberId, instanceId);
  if ("error" in member) return refused(member);
  const reply = { memberId, memberEpoch, heartbeatIntervalMs: 0, assignment: null };
  if (instanceId === null || memberEpoch !== AWAY) {
    return decided(reply, removeMembers(group, new Set([memberId]), context));
  }
  // It keeps what it has, but for what it was giving up.
  const away = { ...member, epoch: AWAY, revoking: new Map() };
  return decided(reply, [progressed(memberId, away)]);
}

function refused(refusal: Refusal): HeartbeatDecision {
  return decided(refusal, []);
}

function decided(reply: HeartbeatReply | Refusal, changes: readonly GroupChange[]): HeartbeatDecision {
  return { reply, changes, hasCheckedTopics: false, unresolved: [] };
}
