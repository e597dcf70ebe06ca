import type { ClassicMember } from "../classic/classic_member.ts";
import { saveMember } from "../classic/classic_member.ts";
import { electProtocol } from "../classic/protocols.ts";
import type { GroupChange } from "../records.ts";
import type { Assignment } from "./assignment.ts";
import type { ConsumerGroup } from "./consumer_group.ts";
import type { ConsumerMember } from "./consumer_member.ts";
import { decodeSubscription, encodeAssignment } from "./embedded_protocol.ts";
import { type ConsumerLimits, mayDowngrade } from "./limits.ts";
import type { TopicCatalog } from "./subscriptions.ts";

/**
 * Whether the group is to go on as a classic one when these members are out and `joining`
 * classic ones are in: there are none but such left.
 */
export function isDowngrade(
  group: ConsumerGroup,
  leaving: ReadonlySet<string>,
  limits: ConsumerLimits,
  joining = 0,
): boolean {
  let left = joining;
  for (const { info } of group.members()) {
    if (leaving.has(info.id)) continue;
    if (info.classic === null) return false;
    left++;
  }
  return left > 0 && left <= limits.classicMaxSize && mayDowngrade(limits);
}

/**
 * Makes a classic group of the members that stay: a generation with what each is to have.
 * With `isRebalancing` they are asked to join again at once.
 */
export function downgrade(
  group: ConsumerGroup,
  leaving: ReadonlySet<string>,
  catalog: TopicCatalog,
  options: { readonly nowMs: number; readonly isRebalancing: boolean },
): GroupChange[] {
  const timeMs = options.nowMs;
  const members: ClassicMember[] = [];
  for (const member of group.members()) {
    const { id } = member.info;
    const classic = leaving.has(id) ? null : classicMember(member, group.target(id), catalog);
    if (classic !== null) members.push(classic);
  }
  const assignments = members.map(({ id, assignment }) => [id, assignment.toBase64()] as const);
  const changes: GroupChange[] = [
    { type: "classic_created", generation: group.epoch - 1, timeMs },
    ...members.map((member) => ({
      type: "classic_joined" as const,
      protocolType: group.protocolType,
      member: saveMember(member),
    })),
    {
      type: "classic_generation",
      generation: group.epoch,
      protocol: electProtocol(members),
      leaderId: members[0]?.id ?? null,
      timeMs,
    },
    { type: "classic_assigned", assignments, timeMs },
  ];
  if (options.isRebalancing) changes.push({ type: "classic_rebalancing", timeMs });
  return changes;
}

function classicMember(
  { info }: ConsumerMember,
  target: Assignment,
  catalog: TopicCatalog,
): ClassicMember | null {
  if (info.classic === null) return null;
  const protocols = info.classic.protocols.map(([name, metadata]) => ({
    name,
    metadata: Uint8Array.fromBase64(metadata),
  }));
  const version = decodeSubscription(protocols[0]?.metadata ?? new Uint8Array(0))?.version ?? 0;
  return {
    id: info.id,
    instanceId: info.instanceId,
    clientId: info.clientId,
    clientHost: info.clientHost,
    rebalanceTimeoutMs: info.rebalanceTimeoutMs,
    sessionTimeoutMs: info.classic.sessionTimeoutMs,
    protocols,
    assignment: encodeAssignment(target, catalog, version),
  };
}
