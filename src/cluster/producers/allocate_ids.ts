import type { ClusterState } from "../cluster_state.ts";
import type { MetadataRecord } from "../records.ts";

/** Producer ids are made durable by the block, so that most clients cost no write. */
export const PRODUCER_ID_BLOCK = 1000;

/** The record that takes the next block of producer ids. */
export function decideProducerIdBlock(state: ClusterState): MetadataRecord {
  return { type: "producer_ids_allocated", next: state.nextProducerId + PRODUCER_ID_BLOCK };
}
