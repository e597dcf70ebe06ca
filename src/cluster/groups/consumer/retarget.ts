import { type Assignment, NO_ASSIGNMENT, sameAssignment, saveAssignment } from "./assignment.ts";
import type { Assignor, AssignorMember } from "./assignors/assignor.ts";
import type { ConsumerGroup } from "./consumer_group.ts";
import type { MemberInfo } from "./consumer_member.ts";
import type { ConsumerChange } from "./records.ts";
import { infosOf, type TopicCatalog, topicIdsOf } from "./subscriptions.ts";

/** What makes the targets of an epoch. */
export interface Retarget {
  readonly group: ConsumerGroup;
  /** The member as it is to be. */
  readonly info: MemberInfo;
  readonly epoch: number;
  readonly nowMs: number;
  readonly catalog: TopicCatalog;
  /** The first one is taken when no member asks for one. */
  readonly assignors: readonly Assignor[];
}

/** New targets for everyone. Only those that change are told. */
export function retarget({ group, info, epoch, nowMs, catalog, assignors }: Retarget): ConsumerChange[] {
  const infos = [...infosOf(group, { info })];
  const sets = new Map<string, ReadonlySet<string>>();
  const members = infos.map((each): AssignorMember => {
    // Members with equal subscriptions share one set: most groups have but one.
    const key = each.pattern + "\n" + each.topics.join("\n");
    const topicIds = sets.get(key) ?? topicIdsOf(each, group, catalog);
    sets.set(key, topicIds);
    return { memberId: each.id, instanceId: each.instanceId, topicIds, previous: group.target(each.id) };
  });
  const partitionCounts = new Map<string, number>();
  for (const ids of sets.values()) {
    for (const id of ids) partitionCounts.set(id, catalog.topicById(id)?.partitions.length ?? 0);
  }

  const assigned = electAssignor(infos, assignors)?.assign({ members, partitionCounts });
  const changes: ConsumerChange[] = [];
  for (const { memberId, previous } of members) {
    const target: Assignment = assigned?.get(memberId) ?? NO_ASSIGNMENT;
    if (sameAssignment(previous, target)) continue;
    changes.push({ type: "consumer_target", memberId, partitions: saveAssignment(target) });
  }
  changes.push({ type: "consumer_assigned", epoch, assignedMs: nowMs });
  return changes;
}

/** The assignor that most members ask for; the operator's first one when nobody does. */
export function electAssignor(
  infos: Iterable<MemberInfo>,
  assignors: readonly Assignor[],
): Assignor | undefined {
  const votes = new Map<string, number>();
  for (const { assignor } of infos) {
    if (assignor !== null) votes.set(assignor, (votes.get(assignor) ?? 0) + 1);
  }
  let elected = assignors[0];
  let most = 0;
  for (const assignor of assignors) {
    const count = votes.get(assignor.name) ?? 0;
    if (count <= most) continue;
    elected = assignor;
    most = count;
  }
  return elected;
}
