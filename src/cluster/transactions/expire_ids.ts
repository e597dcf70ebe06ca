import type { ClusterState } from "../cluster_state.ts";
import type { MetadataRecord } from "../records.ts";

/** The transactional ids that nobody has used for `expirationMs`; one with an open transaction never expires. */
export function decideIdExpiry(state: ClusterState, nowMs: number, expirationMs: number): MetadataRecord[] {
  const ids: string[] = [];
  for (const { id, isOpen, updatedMs } of state.transactions.all()) {
    if (!isOpen && updatedMs + expirationMs <= nowMs) ids.push(id);
  }
  return ids.length === 0 ? [] : [{ type: "txn_ids_expired", ids }];
}
