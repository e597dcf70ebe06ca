import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState, OffsetsAsked, OffsetsDecision } from "../../cluster/mod.ts";
import type { Engine } from "../../engine/mod.ts";

/**
 * Runs a rule about offsets and answers an error code for each partition, in the
 * order of the request. What cannot be written now is an error that clients retry.
 */
export async function decideOffsets(
  engine: Engine,
  rule: (state: ClusterState, nowMs: number) => OffsetsDecision,
): Promise<readonly (readonly number[])[]> {
  let errors: OffsetsDecision["errors"] = [];
  const refusal = await engine.execute((state) => {
    const decided = rule(state, engine.clock.nowMs());
    errors = decided.errors;
    return decided.decision;
  });
  if (refusal === null) return errors;
  const isTooLarge = refusal.error === ErrorCode.MESSAGE_TOO_LARGE;
  const why = isTooLarge ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE : ErrorCode.COORDINATOR_NOT_AVAILABLE;
  return errors.map((codes) => codes.map((code) => code || why));
}

/** A partition of a commit, as both commits have it, in the terms of the rules. */
export function offsetAsked(partition: {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}): OffsetsAsked["partitions"][number] {
  return {
    partition: partition.partitionIndex,
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata,
  };
}

interface Topic {
  readonly partitions: readonly unknown[];
}

/** The same code for each partition of a request. */
export function codesOfAll(topics: readonly Topic[], code: number): readonly (readonly number[])[] {
  return topics.map(({ partitions }) => partitions.map(() => code));
}

/** Codes of a request for some of whose topics there is no right: `decided` has those of the others, in their order. */
export function withRefused(
  topics: readonly Topic[],
  isAllowed: readonly boolean[],
  decided: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const others = decided.values();
  return codesOfAll(topics, ErrorCode.TOPIC_AUTHORIZATION_FAILED).map((refused, index) =>
    isAllowed[index] === true ? others.next().value ?? [] : refused
  );
}

/** What became of a topic's partitions, in the order of the request. */
export function partitionErrors(
  partitions: readonly { readonly partitionIndex: number }[],
  codes: readonly number[],
): { readonly partitionIndex: number; readonly errorCode: number }[] {
  return partitions.map(({ partitionIndex }, at) => ({ partitionIndex, errorCode: codes[at]! }));
}
