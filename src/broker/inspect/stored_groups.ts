import type { ClusterState, Group } from "../../cluster/mod.ts";
import {
  ClassicGroup,
  ConsumerGroup,
  electAssignor,
  metadataOf,
  partitionsOf,
  rangeAssignor,
  uniformAssignor,
} from "../../cluster/groups/mod.ts";
import { byTopic, memberBytes, subscriptionOf } from "./member_bytes.ts";
import type { CommittedFacts, GroupFacts, GroupSummary, MemberFacts } from "./view.ts";

/** All groups, in the order of their names. */
export function storedGroups(state: ClusterState): GroupSummary[] {
  return Array.from(state.groups, summary).sort((a, b) => a.group < b.group ? -1 : 1);
}

/** A group as DescribeGroups or ConsumerGroupDescribe would tell of it, and its offsets. */
export function storedGroup(state: ClusterState, id: string): GroupFacts | null {
  const group = state.groups.get(id);
  if (group === undefined) return null;
  const described = group instanceof ClassicGroup
    ? { assignor: stableProtocol(group) ?? "", members: classicMembers(group) }
    : group instanceof ConsumerGroup
    ? { assignor: namedAssignor(group), members: consumerMembers(state, group) }
    : { assignor: "", members: [] };
  return { ...summary(group), ...described, committed: committed(state, id) };
}

function summary({ id, kind, stateName, protocolType }: Group): GroupSummary {
  return { group: id, kind, state: stateName, protocolType: protocolType ?? "" };
}

/** What members say about themselves counts in terms of a protocol that they have agreed upon. */
function stableProtocol({ phase, protocol }: ClassicGroup): string | null {
  return phase === "Stable" ? protocol : null;
}

function classicMembers(group: ClassicGroup): MemberFacts[] {
  const protocol = stableProtocol(group);
  return Array.from(group.members(), (member) => ({
    memberId: member.id,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    epoch: null,
    ...memberBytes(group.protocolType ?? "", metadataOf(member, protocol), member.assignment),
  }));
}

/** As a broker says that has the assignors which one has unless it is told otherwise. */
function namedAssignor(group: ConsumerGroup): string {
  const infos = Array.from(group.members(), ({ info }) => info);
  return electAssignor(infos, [uniformAssignor, rangeAssignor])?.name ?? "";
}

function consumerMembers(state: ClusterState, group: ConsumerGroup): MemberFacts[] {
  return Array.from(group.members(), ({ info, epoch, assigned, revoking }) => ({
    memberId: info.id,
    instanceId: info.instanceId,
    clientId: info.clientId,
    clientHost: info.clientHost,
    epoch,
    subscription: subscriptionOf(info.topics, info.pattern),
    // What it is giving up, it may still have.
    assignment: Array.from(partitionsOf(assigned, revoking)).flatMap(([topicId, partitions]) => {
      const topic = state.topicById(topicId)?.name;
      return topic === undefined ? [] : [{ topic, partitions }];
    }).sort(byTopic),
  }));
}

function committed(state: ClusterState, group: string): CommittedFacts[] {
  const found: CommittedFacts[] = [];
  for (const [topicId, offsets] of state.offsets.topicsOf(group)) {
    const topic = state.topicById(topicId)?.name;
    if (topic === undefined) continue;
    for (const partition of offsets.partitions()) {
      const at = offsets.find(partition);
      if (at === undefined) continue;
      const { offset: committedOffset, leaderEpoch, metadata } = at;
      found.push({ topic, partition, committedOffset, leaderEpoch, metadata });
    }
  }
  return found.sort((a, b) => byTopic(a, b) || a.partition - b.partition);
}
