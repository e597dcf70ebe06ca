import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import type { ClassicGroup } from "../classic/classic_group.ts";
import { type ClassicMember, metadataOf } from "../classic/classic_member.ts";
import { type Assignment, heldSince, saveAssignment } from "./assignment.ts";
import { ConsumerGroup } from "./consumer_group.ts";
import { type MemberInfo, progressed } from "./consumer_member.ts";
import { decodeAssignment, decodeSubscription, toTopicIds } from "./embedded_protocol.ts";
import { type ConsumerLimits, mayUpgrade } from "./limits.ts";
import type { ConsumerChange } from "./records.ts";
import { hashTopics, type TopicCatalog } from "./subscriptions.ts";

/** A consumer group that is not yet, and the changes that make it. */
export interface Upgrade {
  readonly group: ConsumerGroup;
  readonly changes: readonly ConsumerChange[];
}

/**
 * Makes a consumer group of a classic one, for a member that speaks the consumer
 * protocol: with all members, and what each has. They go on with the classic protocol.
 */
export function upgrade(
  classic: ClassicGroup,
  catalog: TopicCatalog,
  limits: ConsumerLimits,
  nowMs: number,
): Upgrade | Refusal {
  const because = whyNot(classic, limits);
  if (because !== null) return cannot(classic.id, because);
  const epoch = classic.generation;
  const changes: ConsumerChange[] = [];
  const taken = new Set<string>();
  for (const member of classic.members()) {
    const subscription = decodeSubscription(
      metadataOf(member, classic.protocol ?? member.protocols[0]?.name ?? ""),
    );
    const assignment = decodeAssignment(member.assignment);
    if (subscription === null || assignment === null) {
      return cannot(classic.id, "the embedded consumer protocol is malformed");
    }
    if (assignment.hasUserData) {
      return cannot(
        classic.id,
        "an unsupported custom assignor is in use. Please refer to the documentation or switch to a default " +
          "assignor before re-attempting the upgrade",
      );
    }
    // The leader is a client: it may have assigned a partition twice.
    const assigned = withoutTaken(toTopicIds(assignment.partitions, catalog), taken);
    const info = infoOf(member, subscription.topics, subscription.rackId);
    const holdings = heldSince(assigned, epoch);
    changes.push(
      { type: "consumer_member", member: info },
      {
        type: "consumer_target",
        memberId: info.id,
        partitions: saveAssignment(assigned),
      },
      progressed(info.id, {
        epoch,
        previousEpoch: epoch,
        state: "stable",
        assigned: holdings,
        revoking: new Map(),
      }),
    );
  }
  changes.push({ type: "consumer_assigned", epoch, assignedMs: 0 });
  // In the middle of a rebalance nobody has what it is to have: the first step then makes another epoch.
  const topicsHash = classic.phase === "Stable" ? hashOf(changes, catalog) : "";
  const created = { type: "consumer_created", epoch, topicsHash, timeMs: nowMs } as const;
  const group = new ConsumerGroup(classic.id, created);
  for (const change of changes) group.apply(change);
  return { group, changes: [created, ...changes] };
}

function hashOf(changes: readonly ConsumerChange[], catalog: TopicCatalog): string {
  const infos = changes.flatMap((change) => change.type === "consumer_member" ? [change.member] : []);
  return hashTopics(infos, { pattern: () => undefined }, catalog);
}

function whyNot(classic: ClassicGroup, limits: ConsumerLimits): string | null {
  if (!mayUpgrade(limits)) return "online upgrade is disabled";
  if (!classic.usesConsumerProtocol) return "the group does not use the consumer embedded protocol";
  if (classic.size > limits.maxSize) return "the group size exceeds the consumer group maximum size";
  return null;
}

function cannot(groupId: string, because: string): Refusal {
  return refuse(
    ErrorCode.GROUP_ID_NOT_FOUND,
    `Cannot upgrade classic group ${groupId} to consumer group because ${because}.`,
  );
}

function infoOf(member: ClassicMember, topics: readonly string[], rackId: string | null): MemberInfo {
  return {
    id: member.id,
    instanceId: member.instanceId,
    rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    topics: [...new Set(topics)].sort(),
    pattern: "",
    assignor: null,
    classic: {
      sessionTimeoutMs: member.sessionTimeoutMs,
      protocols: member.protocols.map(({ name, metadata }) => [name, metadata.toBase64()] as const),
    },
  };
}

function withoutTaken(assignment: Assignment, taken: Set<string>): Assignment {
  const left = new Map<string, readonly number[]>();
  for (const [topicId, partitions] of assignment) {
    const free = partitions.filter((partition) => !taken.has(`${topicId}:${partition}`));
    for (const partition of free) taken.add(`${topicId}:${partition}`);
    if (free.length > 0) left.set(topicId, free);
  }
  return left;
}
