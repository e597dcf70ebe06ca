import { ErrorCode } from "../../../base/error_codes.ts";
import type { GroupChange } from "../records.ts";
import { ClassicGroup } from "./classic_group.ts";
import {
  type ClassicMember,
  memberBytes,
  type MemberProtocol,
  NO_ASSIGNMENT,
  sameProtocols,
  saveMember,
} from "./classic_member.ts";
import { rebalance } from "./decide_generation.ts";
import type { Presence } from "./presence.ts";
import { electProtocol } from "./protocols.ts";

/** What the operator allows classic groups. */
export interface ClassicLimits {
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Members of one group. */
  readonly maxSize: number;
  /** So long the first generation of an empty group waits for more members. */
  readonly initialRebalanceDelayMs: number;
}

/** Somebody wants to be in the next generation. */
export interface JoinCommand {
  readonly groupId: string;
  /** Empty for whoever is new. */
  readonly memberId: string;
  /** The id that a new member would get. */
  readonly newMemberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly MemberProtocol[];
  /** New members get an id first and join with it (KIP-394). */
  readonly requiresKnownMemberId: boolean;
  /** The client understands that it leads and need not assign (KIP-814). */
  readonly canSkipAssignment: boolean;
}

/** What comes of it, beside the changes of the group. */
export type JoinOutcome =
  | { readonly kind: "refused"; readonly errorCode: ErrorCode; readonly memberId: string }
  /** The client is told its id and is to come again. */
  | { readonly kind: "id_given"; readonly memberId: string }
  /** The answer comes with the next generation. */
  | { readonly kind: "waits"; readonly memberId: string; readonly isNew: boolean }
  /** The present generation is the answer. */
  | {
    readonly kind: "as_is";
    readonly memberId: string;
    readonly leaderId: string | null;
    readonly skipAssignment: boolean;
  };

export interface JoinDecision {
  readonly outcome: JoinOutcome;
  readonly changes: readonly GroupChange[];
}

/** All that a join is judged by. */
export interface JoinContext {
  /** `undefined` when there is none, or an empty one of another kind. */
  readonly group: ClassicGroup | undefined;
  readonly presence: Presence;
  readonly limits: ClassicLimits;
  /** Whether there is memory for so much more. */
  readonly hasRoomFor: (bytes: number) => boolean;
  /** Whether one more id may be given out that nobody has joined with yet. */
  readonly mayGiveId: boolean;
  readonly nowMs: number;
}

/** Kafka's JoinGroup, for classic groups. */
export function decideJoin(command: JoinCommand, context: JoinContext): JoinDecision {
  const { limits, nowMs } = context;
  const { groupId, memberId, sessionTimeoutMs } = command;
  if (groupId === "") return refused(ErrorCode.INVALID_GROUP_ID, memberId);
  if (sessionTimeoutMs < limits.minSessionTimeoutMs || sessionTimeoutMs > limits.maxSessionTimeoutMs) {
    return refused(ErrorCode.INVALID_SESSION_TIMEOUT, memberId);
  }
  if (context.group !== undefined) return decideInGroup(context.group, command, context);
  if (memberId !== "") return refused(ErrorCode.UNKNOWN_MEMBER_ID, memberId);

  const created = { type: "classic_created", generation: 0, timeMs: nowMs } as const;
  const group = new ClassicGroup(groupId, created);
  if (!context.hasRoomFor(group.heldBytes)) return tooMuch();
  const decision = decideInGroup(group, command, context);
  if (decision.outcome.kind === "refused") return decision;
  return { ...decision, changes: [created, ...decision.changes] };
}

function decideInGroup(group: ClassicGroup, command: JoinCommand, context: JoinContext): JoinDecision {
  const { memberId, protocolType, protocols } = command;
  if (!isAccepted(group, memberId, context)) return refused(ErrorCode.GROUP_MAX_SIZE_REACHED, "");
  if (!group.supports(protocolType, protocols.map(({ name }) => name))) {
    return refused(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId);
  }
  if (memberId === "") return joinAsNew(group, command, context);
  // Static members are given no id to join with: whoever brings both has made one of them up.
  const isAwaited = command.instanceId === null && context.presence.pending.has(memberId);
  if (isAwaited) return add(group, memberId, command, context);
  return joinAgain(group, command, context);
}

function joinAsNew(group: ClassicGroup, command: JoinCommand, context: JoinContext): JoinDecision {
  const { instanceId, newMemberId } = command;
  const holder = instanceId === null ? undefined : group.staticMember(instanceId);
  if (holder !== undefined) return replace(group, holder, command, context);
  if (instanceId !== null || !command.requiresKnownMemberId) return add(group, newMemberId, command, context);
  if (!context.mayGiveId) return tooMuch();
  return { outcome: { kind: "id_given", memberId: newMemberId }, changes: [] };
}

function joinAgain(group: ClassicGroup, command: JoinCommand, context: JoinContext): JoinDecision {
  const { memberId } = command;
  const errorCode = group.validateMember(memberId, command.instanceId);
  const member = group.member(memberId);
  if (errorCode !== ErrorCode.NONE || member === undefined) return refused(errorCode, memberId);

  const isSame = sameProtocols(member.protocols, command.protocols);
  const isLeader = group.leaderId === memberId;
  // An answer was lost; or a follower asks in vain. A leader may know what no subscription shows, such as new partitions.
  if (isSame && (group.phase === "CompletingRebalance" || (group.phase === "Stable" && !isLeader))) {
    return asItIs(group, memberId);
  }
  const { clientId, clientHost, assignment } = member;
  const renewed = { ...memberOf(command, memberId), clientId, clientHost, assignment };
  if (!context.hasRoomFor(memberBytes(renewed) - memberBytes(member))) return tooMuch();
  const isChanged = !isSame || member.sessionTimeoutMs !== renewed.sessionTimeoutMs ||
    member.rebalanceTimeoutMs !== renewed.rebalanceTimeoutMs;
  return {
    outcome: { kind: "waits", memberId, isNew: false },
    changes: [...(isChanged ? [joined(command, renewed)] : []), ...rebalance(group, context.nowMs)],
  };
}

/** A new member; the group goes on to another generation. */
function add(
  group: ClassicGroup,
  memberId: string,
  command: JoinCommand,
  { hasRoomFor, nowMs }: JoinContext,
): JoinDecision {
  const member = memberOf(command, memberId);
  if (!hasRoomFor(memberBytes(member))) return tooMuch();
  return {
    outcome: { kind: "waits", memberId, isNew: true },
    changes: [joined(command, member), ...rebalance(group, nowMs)],
  };
}

/**
 * A static member (KIP-345) that has started anew gets a new id and keeps its
 * place. In a stable group whose protocol stays there is no rebalance: it gets
 * its old assignment, and is told who leads as suits its version (KIP-814).
 */
function replace(
  group: ClassicGroup,
  old: ClassicMember,
  command: JoinCommand,
  { hasRoomFor, nowMs }: JoinContext,
): JoinDecision {
  const memberId = command.newMemberId;
  const { clientId, clientHost, assignment } = old;
  const member = { ...memberOf(command, memberId), clientId, clientHost, assignment };
  if (!hasRoomFor(memberBytes(member) - memberBytes(old))) return tooMuch();
  const replaced = { type: "classic_replaced", oldMemberId: old.id, member: saveMember(member) } as const;
  const members = Array.from(group.members(), (each) => each === old ? member : each);
  if (group.phase !== "Stable" || electProtocol(members) !== group.protocol) {
    return {
      outcome: { kind: "waits", memberId, isNew: false },
      changes: [replaced, ...rebalance(group, nowMs)],
    };
  }
  const leads = group.leaderId === old.id;
  const skipAssignment = command.canSkipAssignment && leads;
  // Who cannot skip the assignment must not believe that it leads.
  const leaderId = skipAssignment ? memberId : group.leaderId;
  return { outcome: { kind: "as_is", memberId, leaderId, skipAssignment }, changes: [replaced] };
}

/**
 * Whether the group's size allows one more. While members are joining, those who have joined count: when the limit
 * has been lowered, the last to come are out.
 */
function isAccepted(group: ClassicGroup, memberId: string, { presence, limits }: JoinContext): boolean {
  switch (group.phase) {
    case "Empty":
      return true;
    case "PreparingRebalance":
      return presence.joined.has(memberId) || presence.joined.size < limits.maxSize;
    default:
      return group.member(memberId) !== undefined || group.size < limits.maxSize;
  }
}

function memberOf(command: JoinCommand, id: string): ClassicMember {
  const { instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = command;
  return {
    ...{ id, instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols },
    assignment: NO_ASSIGNMENT,
  };
}

function joined({ protocolType }: JoinCommand, member: ClassicMember): GroupChange {
  return { type: "classic_joined", protocolType, member: saveMember(member) };
}

function asItIs(group: ClassicGroup, memberId: string): JoinDecision {
  const { leaderId } = group;
  return { outcome: { kind: "as_is", memberId, leaderId, skipAssignment: false }, changes: [] };
}

function refused(errorCode: ErrorCode, memberId: string): JoinDecision {
  return { outcome: { kind: "refused", errorCode, memberId }, changes: [] };
}

function tooMuch(): JoinDecision {
  return refused(ErrorCode.GROUP_MAX_SIZE_REACHED, "");
}
