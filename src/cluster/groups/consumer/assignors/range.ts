import type { Assignment } from "../assignment.ts";
import type { Assignor, AssignorInput, AssignorMember } from "./assignor.ts";

/**
 * Each topic's partitions in runs, one run a subscriber, the first subscribers one
 * longer where it does not come out even. Topics with as many partitions and the
 * same subscribers are split alike, so that their keys can be joined. It does not
 * look at who had what.
 */
export const rangeAssignor: Assignor = { name: "range", assign };

function assign({ members, partitionCounts }: AssignorInput): ReadonlyMap<string, Assignment> {
  const sorted = [...members].sort(inOrder);
  const assigned = new Map<string, Map<string, readonly number[]>>();
  for (const [topicId, count] of partitionCounts) {
    const subscribers = sorted.filter(({ topicIds }) => topicIds.has(topicId));
    const least = Math.floor(count / subscribers.length);
    const longer = count % subscribers.length;
    let next = 0;
    for (const [index, { memberId }] of subscribers.entries()) {
      const length = least + (index < longer ? 1 : 0);
      if (length === 0) break;
      const run = Array.from({ length }, (_, at) => next + at);
      next += length;
      const topics = assigned.get(memberId) ?? new Map<string, readonly number[]>();
      assigned.set(memberId, topics.set(topicId, run));
    }
  }
  return assigned;
}

/** Static members first, by the names they keep: a restart then moves nothing. */
function inOrder(a: AssignorMember, b: AssignorMember): number {
  if (a.instanceId !== null && b.instanceId !== null) return compare(a.instanceId, b.instanceId);
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return compare(a.memberId, b.memberId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
