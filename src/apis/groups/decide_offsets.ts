import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState, OffsetsDecision } from "../../cluster/mod.ts";
import type { Engine } from "../../engine/mod.ts";

/**
 * Runs a rule about offsets and answers an error code for each partition, in the
 * order of the request. What cannot be written is an error that clients retry.
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
  return errors.map((codes) => codes.map((code) => code || ErrorCode.COORDINATOR_NOT_AVAILABLE));
}
