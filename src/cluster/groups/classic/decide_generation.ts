import type { GroupChange } from "../records.ts";
import type { ClassicGroup } from "./classic_group.ts";
import type { ClassicMember } from "./classic_member.ts";
import type { Presence } from "./presence.ts";
import { electProtocol } from "./protocols.ts";

/** What begins a rebalance, where one is not under way. */
export function rebalance(group: ClassicGroup, nowMs: number): GroupChange[] {
  return group.phase === "PreparingRebalance" ? [] : [{ type: "classic_rebalancing", timeMs: nowMs }];
}

/** Whether everyone who is awaited has joined. */
export function isComplete(group: ClassicGroup, presence: Presence): boolean {
  return group.phase === "PreparingRebalance" && !presence.isGathering &&
    presence.joined.size >= group.size && presence.pending.size === 0;
}

/**
 * Makes a generation of those who are there. Whoever has not joined is out, but
 * for static members (KIP-345), who stay until their session ends. While none
 * but such are in the group, there is no generation.
 */
export function decideGeneration(group: ClassicGroup, presence: Presence, nowMs: number): GroupChange[] {
  const members = Array.from(group.members());
  const isThere = (id: string) => presence.joined.has(id);
  const stays = ({ id, instanceId }: ClassicMember) => isThere(id) || instanceId !== null;
  const staying = members.filter(stays);
  const changes: GroupChange[] = members.filter((member) => !stays(member))
    .map(({ id }) => ({ type: "classic_left", memberId: id }));
  const leader = staying.find(({ id }) => id === group.leaderId && isThere(id)) ??
    staying.find(({ id }) => isThere(id));
  if (leader === undefined && staying.length > 0) return changes;
  changes.push({
    type: "classic_generation",
    generation: group.generation + 1,
    protocol: electProtocol(staying),
    leaderId: leader?.id ?? null,
    timeMs: nowMs,
  });
  return changes;
}
