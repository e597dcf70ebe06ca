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

/** What became of a topic's partitions, in the order of the request. */
export function partitionErrors(
  partitions: readonly { readonly partitionIndex: number }[],
  codes: readonly number[],
): { readonly partitionIndex: number; readonly errorCode: number }[] {
  return partitions.map(({ partitionIndex }, at) => ({ partitionIndex, errorCode: codes[at]! }));
}
