import type { GroupChange } from "../records.ts";
import type { ConsumerGroup } from "./consumer_group.ts";
import { downgrade, isDowngrade } from "./downgrade.ts";
import type { ConsumerLimits } from "./limits.ts";
import { hashTopics, infosOf, patternsOf, type TopicCatalog } from "./subscriptions.ts";

/** What removals are judged by. */
export interface RemovalContext {
  readonly catalog: TopicCatalog;
  readonly limits: ConsumerLimits;
  readonly nowMs: number;
}

/**
 * Takes members out: they have left, or were not heard of for too long. The others
 * get what was theirs with the next epoch, or, when none but members of the classic
 * protocol are left, as a classic group.
 */
export function removeMembers(
  group: ConsumerGroup,
  memberIds: ReadonlySet<string>,
  { catalog, limits, nowMs }: RemovalContext,
): GroupChange[] {
  if (memberIds.size === 0) return [];
  if (isDowngrade(group, memberIds, limits)) {
    return downgrade(group, memberIds, catalog, { nowMs, isRebalancing: true });
  }
  const changes: GroupChange[] = Array.from(
    memberIds,
    (memberId) => ({ type: "consumer_left", memberId, timeMs: nowMs }),
  );
  const staying = [...infosOf(group, { without: memberIds })];
  const patterns = patternsOf(staying);
  for (const pattern of group.patterns().keys()) {
    if (!patterns.has(pattern)) changes.push({ type: "consumer_pattern_dropped", pattern });
  }
  const topicsHash = hashTopics(staying, group, catalog);
  changes.push({ type: "consumer_epoch", epoch: group.epoch + 1, topicsHash, timeMs: nowMs });
  return changes;
}
