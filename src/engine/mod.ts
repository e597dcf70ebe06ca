/**
 * The single writer: one loop that owns all state.
 *
 * - {@link Engine.execute} runs a rule of the cluster, writes what it decided to
 *   the log and applies it, in one step; `records/` does the same for
 *   record batches, without a copy but the one into the log.
 * - Visibility follows durability: a partition's high watermark moves when the
 *   log says that its batches are durable, and wakes the fetches that wait.
 * - State is the newest snapshot plus the log since; {@link Replay} rebuilds it
 *   through the functions that made it.
 * - What happens by time alone hangs on {@link Deadlines}, all on one timer: sessions of members, transactions
 *   that are open for too long, offsets, ids and delegation tokens that expire. It ends in a rule that runs like any other.
 * - Who waits for whom in a group is no state and is known in `groups/` only, a room that is loaded when asked
 *   for, as is `records/`, which looks into batches. `transactions/` runs the rules of transactions.
 * - Who may do what is asked of {@link Authorizer}, and who wanted or changed what is told by {@link Audit}: `security/`.
 *
 * What the log does not keep goes to the object tier: `tier/`, a room that is loaded when there is something for it to
 * do; {@link TierGate} is what is there of it before.
 *
 * Nothing awaits between looking at state and changing it. Where the log has no room a rule is run again, later:
 * it looks at all that it judges by itself, for topics and groups may be gone by then. Nothing that is long keeps
 * others waiting: it is done in turns ({@link Pauses}). Bounds: fetch sessions
 * (1,000; 50,000 partitions), partitions that fetches wait for (100,000), appends
 * that wait for room (64 MiB), the log's own budgets; those of the rules stand in the cluster.
 */
export { Engine } from "./engine.ts";
export type { Waiting } from "./fetch_waiters.ts";
export { OffsetExpiry } from "./offset_expiry.ts";
export type { AbortedTransaction, BatchRange, ColdBatches, PartitionLog } from "../log/mod.ts";
export { Traffic } from "../log/mod.ts";
export { Pauses } from "./pauses.ts";
export { PartitionLogs } from "./partition_logs.ts";
export type { TierParts, TierSettings } from "./tier_gate.ts";
export { loadTier } from "./tier/load.ts";
export { EntryKind } from "./log_entries.ts";
export { Replay } from "./recovery.ts";
export { type BrokerSnapshot, parseSnapshot, SNAPSHOT_FORMAT, SnapshotStore } from "./snapshot_store.ts";
export type { TransactionSettings } from "./transactions/transaction_coordinator.ts";
export type { FetchContext, FetchedPartition, SessionPartition } from "./fetch_sessions.ts";
export type { GroupSettings } from "./groups/group_coordinator.ts";
export { loadGroups } from "./groups/load.ts";
export type { Awaited } from "./groups/classic_groups.ts";
export type { JoinAnswer, SyncAnswer } from "./groups/live_group.ts";
export type { Charge } from "./quotas/charge.ts";
export { QuotaGate } from "./quotas/quota_gate.ts";
export { Audit } from "./security/audit.ts";
export { type Authorizer, OPEN_AUTHORIZER, type Requester } from "./security/authorizer.ts";
export { openAuthorizer } from "./security/load.ts";
export type { AclSettings } from "./security/acl_authorizer.ts";
export { openTokens } from "./security/open_tokens.ts";
export type { TokenCredential, TokenKeeper } from "./security/token_keeper.ts";
