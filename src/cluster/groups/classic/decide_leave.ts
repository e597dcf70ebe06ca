import { ErrorCode } from "../../../base/error_codes.ts";
import type { GroupChange } from "../records.ts";
import type { ClassicGroup } from "./classic_group.ts";
import { rebalance } from "./decide_generation.ts";
import type { Presence } from "./presence.ts";

/** Who is to leave: a member, or, without a member id, whoever has that instance id. */
export interface LeavingMember {
  readonly memberId: string;
  readonly instanceId: string | null;
}

export interface LeaveDecision {
  /** One for each who was to leave. */
  readonly errorCodes: readonly ErrorCode[];
  readonly changes: readonly GroupChange[];
}

/** Kafka's LeaveGroup, for classic groups. */
export function decideLeave(
  group: ClassicGroup | undefined,
  presence: Presence,
  leaving: readonly LeavingMember[],
  nowMs: number,
): LeaveDecision {
  const gone = new Set<string>();
  const errorCodes = leaving.map((identity) => {
    if (group === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    // An instance id that leaves before in the same request is nobody's any more.
    const holder = identity.instanceId === null ? undefined : group.staticMember(identity.instanceId);
    if (holder !== undefined && gone.has(holder.id)) return ErrorCode.UNKNOWN_MEMBER_ID;
    const found = find(group, presence, identity);
    if (typeof found === "number") return found;
    if (gone.has(found.memberId)) return ErrorCode.UNKNOWN_MEMBER_ID;
    gone.add(found.memberId);
    return ErrorCode.NONE;
  });
  return { errorCodes, changes: group === undefined || gone.size === 0 ? [] : expel(group, gone, nowMs) };
}

/** Takes members out of the group, among them perhaps some that are not in it yet; the others are to join again. */
export function expel(group: ClassicGroup, memberIds: Iterable<string>, nowMs: number): GroupChange[] {
  const changes: GroupChange[] = [];
  for (const memberId of memberIds) {
    if (group.member(memberId) !== undefined) changes.push({ type: "classic_left", memberId });
  }
  return group.isEmpty ? changes : [...changes, ...rebalance(group, nowMs)];
}

function find(
  group: ClassicGroup,
  presence: Presence,
  { memberId, instanceId }: LeavingMember,
): { readonly memberId: string } | ErrorCode {
  if (memberId === "") {
    const holder = instanceId === null ? undefined : group.staticMember(instanceId);
    return holder === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : { memberId: holder.id };
  }
  if (presence.pending.has(memberId)) return { memberId };
  const errorCode = group.validateMember(memberId, instanceId);
  return errorCode === ErrorCode.NONE ? { memberId } : errorCode;
}
