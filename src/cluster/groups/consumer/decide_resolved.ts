import type { ConsumerGroup } from "./consumer_group.ts";
import { sameTopics } from "./consumer_member.ts";
import type { ConsumerChange } from "./records.ts";
import { hashTopics, infosOf, patternsOf, type TopicCatalog } from "./subscriptions.ts";

/**
 * The topics of a group's patterns have been looked up: `resolved` by pattern, sorted.
 * If they, or the group's topics, are not those of before, the group goes to another epoch.
 */
export function decideResolved(
  group: ConsumerGroup,
  resolved: ReadonlyMap<string, readonly string[]>,
  catalog: TopicCatalog,
  nowMs: number,
): ConsumerChange[] {
  const subscribed = patternsOf(infosOf(group, {}));
  const changes: ConsumerChange[] = [];
  let hasOthers = false;
  for (const [pattern, topics] of resolved) {
    // Everyone may have gone over to others meanwhile.
    if (!subscribed.has(pattern)) continue;
    hasOthers ||= !sameTopics(topics, group.pattern(pattern)?.topics ?? []);
    changes.push({ type: "consumer_pattern_resolved", pattern, topics, resolvedMs: nowMs });
  }
  const next = group.copy();
  for (const change of changes) next.apply(change);
  const topicsHash = hashTopics(infosOf(next, {}), next, catalog);
  if (!hasOthers && topicsHash === group.topicsHash) return changes;
  return [...changes, { type: "consumer_epoch", epoch: group.epoch + 1, topicsHash, timeMs: nowMs }];
}
