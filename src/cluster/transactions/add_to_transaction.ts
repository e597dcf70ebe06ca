import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState } from "../cluster_state.ts";
import { type Decision, refuse } from "../decision.ts";
import type { TransactionLimits } from "./init_producer.ts";
import type { Transaction } from "./transaction.ts";

/** Who wants to do something in its transaction. */
export interface TransactionMember {
  readonly id: string;
  readonly producerId: number;
  readonly epoch: number;
}

/** What a client knows of KIP-890, by the version of its request. */
export interface TransactionSkills {
  /** Whatever it writes to belongs to its transaction without having been added. */
  readonly addsImplicitly: boolean;
  /** It knows TRANSACTION_ABORTABLE. */
  readonly knowsAbortable: boolean;
}

/** Decides whether partitions come into a producer's transaction, which begins with them if none is open. */
export function decideAddPartitions(
  state: ClusterState,
  member: TransactionMember,
  streams: readonly number[],
  limits: TransactionLimits,
  nowMs: number,
): Decision {
  const found = find(state, member);
  if (typeof found === "number") return refuse(found, MESSAGES[found] ?? "");
  const isNew = (stream: number) => !found.streams.has(stream);
  if (found.isOpen && !streams.some(isNew)) return { records: [] };
  if (!hasRoom(state, found, limits, streams.filter(isNew).length)) return tooMany(limits);
  return { records: [{ type: "txn_partitions_added", id: member.id, streams, atMs: nowMs }] };
}

/** The same for a group whose offsets the transaction will commit. */
export function decideAddGroup(
  state: ClusterState,
  member: TransactionMember,
  group: string,
  limits: TransactionLimits,
  nowMs: number,
): Decision {
  const found = find(state, member);
  if (typeof found === "number") return refuse(found, MESSAGES[found] ?? "");
  if (found.isOpen && found.groups.has(group)) return { records: [] };
  if (!hasRoom(state, found, limits, 0, group)) return tooMany(limits);
  return { records: [{ type: "txn_group_added", id: member.id, group, atMs: nowMs }] };
}

/** The Kafka error for each partition that a member asks about, without adding any. */
export function verifyPartitions(
  state: ClusterState,
  member: TransactionMember,
  streams: readonly number[],
): number[] {
  const found = find(state, member);
  return streams.map((stream) => {
    if (typeof found === "number") return found;
    return found.streams.has(stream) ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE;
  });
}

/** The Kafka error for a batch that a producer writes in a transaction; `NONE` when it may. */
export function writeError(
  state: ClusterState,
  member: TransactionMember,
  stream: number,
  skills: TransactionSkills,
  limits: TransactionLimits,
): number {
  const found = findForWrite(state, member);
  if (typeof found === "number") return found;
  const isMember = found.streams.has(stream);
  return joinError(found, isMember, skills, () => hasRoom(state, found, limits, 1));
}

/** The Kafka error for offsets that a producer commits in a transaction; `NONE` when it may. */
export function offsetsError(
  state: ClusterState,
  member: TransactionMember,
  group: string,
  skills: TransactionSkills,
  limits: TransactionLimits,
): number {
  const found = findForWrite(state, member);
  if (typeof found === "number") return found;
  const isMember = found.groups.has(group);
  return joinError(found, isMember, skills, () => hasRoom(state, found, limits, 0, group));
}

const MESSAGES: Readonly<Record<number, string>> = {
  [ErrorCode.INVALID_REQUEST]: "The transactional id is empty.",
  [ErrorCode.INVALID_PRODUCER_ID_MAPPING]: "The transactional id does not have this producer id.",
  [ErrorCode.PRODUCER_FENCED]: "Another producer with the same transactional id has taken over.",
};

function find(state: ClusterState, { id, producerId, epoch }: TransactionMember): Transaction | number {
  if (id === "") return ErrorCode.INVALID_REQUEST;
  const transaction = state.transactions.get(id);
  if (transaction?.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  return transaction.epoch === epoch ? transaction : ErrorCode.PRODUCER_FENCED;
}

/** Of writes Kafka says INVALID_PRODUCER_EPOCH, after which clients may abort and go on. */
function findForWrite(state: ClusterState, member: TransactionMember): Transaction | number {
  const found = find(state, member);
  return found === ErrorCode.PRODUCER_FENCED ? ErrorCode.INVALID_PRODUCER_EPOCH : found;
}

function joinError(
  transaction: Transaction,
  isMember: boolean,
  { addsImplicitly, knowsAbortable }: TransactionSkills,
  isRoom: () => boolean,
): number {
  if (transaction.isOpen && isMember) return ErrorCode.NONE;
  if (addsImplicitly && isRoom()) return ErrorCode.NONE;
  return knowsAbortable ? ErrorCode.TRANSACTION_ABORTABLE : ErrorCode.INVALID_TXN_STATE;
}

/** Whether the transaction may have so many more partitions, and the group, and there is memory for them. */
function hasRoom(
  { transactions }: ClusterState,
  { streams, groups }: Transaction,
  limits: TransactionLimits,
  streamCount: number,
  group?: string,
): boolean {
  const count = streams.size + groups.size + streamCount + (group === undefined ? 0 : 1);
  return count <= limits.maxPartitions && transactions.hasRoomFor(streamCount, group);
}

function tooMany({ maxPartitions }: TransactionLimits): Decision {
  return refuse(
    ErrorCode.POLICY_VIOLATION,
    `A transaction may have ${maxPartitions} partitions and groups, and no more; all together have their limit, too.`,
  );
}
