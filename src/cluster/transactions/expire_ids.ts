import type { ClusterState } from "../cluster_state.ts";
import type { MetadataRecord } from "../records.ts";

/** Ids that one entry of the log forgets: they may be long, and an entry has a largest size. */
const IDS_AT_A_TIME = 1000;

/**
 * Transactional ids that nobody has used for `expirationMs`, as many as one entry of the log takes: to be asked again
 * until there are none. One with an open transaction never expires.
 */
export function decideIdExpiry(state: ClusterState, nowMs: number, expirationMs: number): MetadataRecord[] {
  const ids: string[] = [];
  for (const { id, isOpen, updatedMs } of state.transactions.all()) {
    if (ids.length === IDS_AT_A_TIME) break;
    if (!isOpen && updatedMs + expirationMs <= nowMs) ids.push(id);
  }
  return ids.length === 0 ? [] : [{ type: "txn_ids_expired", ids }];
}
