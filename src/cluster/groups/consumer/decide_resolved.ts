import { type ConsumerGroup, patternBytes } from "./consumer_group.ts";
import { sameTopics } from "./consumer_member.ts";
import type { ConsumerChange } from "./records.ts";
import { hashTopics, infosOf, patternsOf } from "./subscriptions.ts";
import type { StepContext } from "./take_step.ts";

/**
 * The topics of a group's patterns have been looked up: `resolved` by pattern, sorted.
 * If they, or the group's topics, are not those of before, the group goes to another epoch.
 * What there is no memory for stays as it was, and is looked up again later.
 */
export function decideResolved(
  group: ConsumerGroup,
  resolved: ReadonlyMap<string, readonly string[]>,
  { catalog, nowMs, hasRoomFor }: Pick<StepContext, "catalog" | "nowMs" | "hasRoomFor">,
): ConsumerChange[] {
  const subscribed = patternsOf(infosOf(group, {}));
  const changes: ConsumerChange[] = [];
  let hasOthers = false;
  let addedBytes = 0;
  for (const [pattern, topics] of resolved) {
    // Everyone may have gone over to others meanwhile.
    if (!subscribed.has(pattern)) continue;
    const moreBytes = patternBytes({ topics }) - patternBytes(group.pattern(pattern));
    if (moreBytes > 0 && !hasRoomFor(addedBytes + moreBytes)) continue;
    addedBytes += moreBytes;
    hasOthers ||= !sameTopics(topics, group.pattern(pattern)?.topics ?? []);
    changes.push({ type: "consumer_pattern_resolved", pattern, topics, resolvedMs: nowMs });
  }
  const next = group.copy();
  for (const change of changes) next.apply(change);
  const topicsHash = hashTopics(infosOf(next, {}), next, catalog);
  if (!hasOthers && topicsHash === group.topicsHash) return changes;
  return [...changes, { type: "consumer_epoch", epoch: group.epoch + 1, topicsHash, timeMs: nowMs }];
}
