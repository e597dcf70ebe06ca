import { ErrorCode } from "../../../base/error_codes.ts";
import type { GroupChange } from "../records.ts";
import type { ClassicGroup } from "./classic_group.ts";

/** A member of a generation asks for its assignment; the leader brings everyone's. */
export interface SyncCommand {
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
  /** What the client believes was agreed upon; `null` when it does not say (KIP-559). */
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[];
}

/** `NONE`: the member's present assignment is the answer, now or when the leader has brought it. */
export interface SyncDecision {
  readonly errorCode: ErrorCode;
  readonly changes: readonly GroupChange[];
}

/** Kafka's SyncGroup, for classic groups. */
export function decideSync(
  group: ClassicGroup | undefined,
  command: SyncCommand,
  context: { readonly hasRoomFor: (bytes: number) => boolean; readonly nowMs: number },
): SyncDecision {
  const errorCode = judgeSync(group, command);
  if (
    errorCode !== ErrorCode.NONE || group?.phase !== "CompletingRebalance" ||
    group.leaderId !== command.memberId
  ) {
    return { errorCode, changes: [] };
  }
  const given = new Map(command.assignments.map(({ memberId, assignment }) => [memberId, assignment]));
  const assignments: [memberId: string, assignment: string][] = [];
  let bytes = 0;
  for (const { id } of group.members()) {
    const assignment = given.get(id);
    if (assignment === undefined || assignment.length === 0) continue;
    assignments.push([id, assignment.toBase64()]);
    bytes += assignment.length;
  }
  if (!context.hasRoomFor(bytes)) return { errorCode: ErrorCode.GROUP_MAX_SIZE_REACHED, changes: [] };
  return { errorCode, changes: [{ type: "classic_assigned", assignments, timeMs: context.nowMs }] };
}

/** Kafka's Heartbeat, for classic groups. */
export function judgeHeartbeat(
  group: ClassicGroup | undefined,
  memberId: string,
  instanceId: string | null,
  generation: number,
): ErrorCode {
  const errorCode = judgeMember(group, memberId, instanceId, generation);
  return errorCode === ErrorCode.NONE && group?.phase === "PreparingRebalance"
    ? ErrorCode.REBALANCE_IN_PROGRESS
    : errorCode;
}

function judgeSync(group: ClassicGroup | undefined, command: SyncCommand): ErrorCode {
  if (command.groupId === "") return ErrorCode.INVALID_GROUP_ID;
  const { memberId, instanceId, generation, protocolType, protocol } = command;
  const errorCode = judgeMember(group, memberId, instanceId, generation);
  if (group === undefined || errorCode !== ErrorCode.NONE) return errorCode;
  if (differs(protocolType, group.protocolType) || differs(protocol, group.protocol)) {
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  }
  return group.phase === "PreparingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

/** Whether this is a member of this generation. */
function judgeMember(
  group: ClassicGroup | undefined,
  memberId: string,
  instanceId: string | null,
  generation: number,
): ErrorCode {
  if (group === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  const errorCode = group.validateMember(memberId, instanceId);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  return generation === group.generation ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
}

function differs(believed: string | null, actual: string | null): boolean {
  return believed !== null && actual !== null && believed !== actual;
}
