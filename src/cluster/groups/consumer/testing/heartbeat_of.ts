import type { HeartbeatCommand } from "../decide_heartbeat.ts";

/** A heartbeat of a member of `groupId` that says nothing but who it is, and what `said` adds. */
export function heartbeatOf(
  groupId: string,
  member: { readonly memberId: string; readonly epoch: number; readonly instanceId: string | null },
  said: Partial<HeartbeatCommand>,
): HeartbeatCommand {
  return {
    groupId,
    memberId: member.memberId,
    memberEpoch: member.epoch,
    instanceId: member.instanceId,
    rackId: null,
    rebalanceTimeoutMs: -1,
    topics: null,
    pattern: null,
    assignor: null,
    owned: null,
    clientId: "c",
    clientHost: "/h",
    ...said,
  };
}
