import { ErrorCode } from "../../base/error_codes.ts";
import { type ClusterState, type Decision, type MetadataRecord, refuse } from "../../cluster/mod.ts";
import type { Call } from "../api.ts";

const NOT_PAID = refuse(ErrorCode.THROTTLING_QUOTA_EXCEEDED, "The throttling quota has been exceeded.");

/**
 * The rule `decide`, which changes topics, with the client's quota for that (KIP-599): each partition that is made or
 * deleted counts. From version `strictFrom` of the API on a change beyond the quota is refused; before, it is made,
 * and the client has to pause. However often the rule is run, it is paid for once.
 */
export function paid(
  { charge, version }: Call,
  strictFrom: number,
  decide: (state: ClusterState) => Decision,
): (state: ClusterState) => Decision {
  if (charge === null) return decide;
  let isPaid = false;
  return (state) => {
    const decision = decide(state);
    if (isPaid || "error" in decision) return decision;
    isPaid = charge.change(partitionsIn(decision.records, state), version >= strictFrom);
    return isPaid ? decision : NOT_PAID;
  };
}

function partitionsIn(records: readonly MetadataRecord[], state: ClusterState): number {
  let partitions = 0;
  for (const record of records) {
    if (record.type === "topic_created") partitions += record.partitions;
    else if (record.type === "partitions_created") partitions += record.count;
    else if (record.type === "topic_deleted") {
      partitions += state.topicById(record.id)?.partitions.length ?? 0;
    }
  }
  return partitions;
}
