import type { Partition } from "../../src/cluster/mod.ts";
import type { Engine } from "../../src/engine/mod.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import type { ClusterModel } from "./cluster_model.ts";
import type { Asking } from "./judge.ts";

export const LIMITS = { metadataMax: 100, heldBytesMax: 1_000_000 };

/** Somebody who commits offsets, as it believes to be. */
export interface Committing {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

/** What those who act know of the world around them. It stays while brokers come and go. */
export interface Scene {
  readonly random: SimRandom;
  readonly engine: Engine;
  readonly model: ClusterModel;
  readonly nowMs: number;
  /** Whatever is known by now is so for good when the log is durable up to here. */
  readonly endLsn: number;
  /** Whether the log refuses to take more. */
  readonly isFull: boolean;
  /** Has something done by the broker, and lets the world go on until it is. */
  ask<Answer>(asking: Asking, act: (engine: Engine) => Promise<Answer>): Promise<Answer>;
  /** Calls `told` with an answer that may take long, unless the broker ends before. */
  later<Answer>(answer: Promise<Answer>, told: (answer: Answer) => void): void;
  exists(partition: Partition): boolean;
  somePartition(): Partition;
  someGroup(): string;
  /** A member of a group as it sees itself, or nobody. */
  someCommitter(): Committing;
  someOffset(): OffsetToCommit;
}

/** An offset of a partition that exists. */
export interface OffsetToCommit {
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
}

/** The offset as a request names it. */
export function asRequest({ topicId: id, partition, offset }: OffsetToCommit) {
  return [{ topic: { id }, partitions: [{ partition, offset, leaderEpoch: -1, metadata: null }] }];
}
