import type { ClusterState } from "../../cluster_state.ts";
import type { MetadataRecord } from "../../records.ts";
import type { Group } from "../group.ts";
import { groupRecord } from "../records.ts";
import type { TopicOffsets } from "./topic_offsets.ts";

/**
 * What there is to forget of a group by now (KIP-211), and the group itself when
 * that was the last of it. Offsets that a client gave a time of their own expire
 * by that, others `retentionMs` after the group's retention begins to count.
 */
export function decideExpiry(
  state: ClusterState,
  group: Group,
  nowMs: number,
  retentionMs: number,
): MetadataRecord[] {
  const { offsets } = state;
  const expired: { readonly topic: string; readonly partitions: readonly number[] }[] = [];
  let isLeft = offsets.hasPending(group.id);
  for (const [topic, held] of offsets.topicsOf(group.id)) {
    const partitions = expiredPartitions(state, group, topic, held, nowMs, retentionMs);
    if (partitions.length > 0) expired.push({ topic, partitions });
    if (partitions.length < held.count) isLeft = true;
  }
  const records: MetadataRecord[] = [];
  if (expired.length > 0) records.push({ type: "offsets_deleted", group: group.id, topics: expired });
  if (!isLeft && group.isEmpty) records.push(groupRecord(group.id, { type: "deleted" }));
  return records;
}

function expiredPartitions(
  state: ClusterState,
  group: Group,
  topic: string,
  held: TopicOffsets,
  nowMs: number,
  retentionMs: number,
): number[] {
  if (group.isSubscribedTo(state.topicById(topic)?.name ?? "")) return [];
  return held.partitions().filter((partition) => {
    const committed = held.find(partition);
    if (committed === undefined || state.offsets.isPending(group.id, topic, partition)) return false;
    const startMs = group.retentionStartMs(committed.committedMs);
    return startMs !== null && nowMs >= (committed.expireMs ?? startMs + retentionMs);
  });
}
