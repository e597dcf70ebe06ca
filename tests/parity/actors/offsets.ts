import type { OffsetCommitRequestInput } from "../../../src/protocol/generated/offset_commit_request.ts";
import type { TopicRef } from "../../support/requests.ts";

/** An offset in a partition. */
export interface OffsetAt {
  readonly topic: TopicRef;
  readonly partition?: number;
  readonly offset: number;
  readonly leaderEpoch?: number;
  readonly metadata?: string | null;
}

export interface CommitOptions {
  readonly version?: number;
  /** Versions 2–4: how long the broker is to keep the offsets. */
  readonly retentionTimeMs?: number;
}

const LEADER_EPOCH_FROM = 6;

/** An OffsetCommit for any version, by nobody in particular. */
export function commitInput(
  groupId: string,
  offsets: readonly OffsetAt[],
  { version = 9, retentionTimeMs }: CommitOptions = {},
): OffsetCommitRequestInput {
  return {
    groupId,
    ...(retentionTimeMs !== undefined && { retentionTimeMs }),
    topics: byTopic(offsets).map(([topic, rows]) => ({
      ...topic,
      partitions: rows.map(({ partition = 0, offset, leaderEpoch, metadata = "" }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedMetadata: metadata,
        ...(version >= LEADER_EPOCH_FROM && leaderEpoch !== undefined &&
          { committedLeaderEpoch: leaderEpoch }),
      })),
    })),
  };
}

/** Offsets in the order of their topics. */
export function byTopic(offsets: readonly OffsetAt[]): (readonly [TopicRef, readonly OffsetAt[]])[] {
  return [...Map.groupBy(offsets, ({ topic }) => topic)];
}
