import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState } from "../cluster_state.ts";
import { type Decision, refuse } from "../decision.ts";
import type { MetadataRecord } from "../records.ts";
import { isExhausted, NO_EPOCH } from "./producer_epochs.ts";
import type { EndMark, ProducerIdentity } from "./records.ts";
import type { Transaction } from "./transaction.ts";

/** A decision that is no refusal. */
type Change = Exclude<Decision, { error: number }>;

/** The epoch of the one coordinator that there ever is. */
const COORDINATOR_EPOCH = 0;

/** A client's wish to end its transaction. */
export interface EndTransactionCommand {
  readonly id: string;
  readonly producerId: number;
  readonly epoch: number;
  readonly isCommit: boolean;
  /** Whether the client goes on with a new epoch (transaction version 2, KIP-890). */
  readonly bumpsEpoch: boolean;
}

/** What is decided, and who the producer is from then on; the latter says nothing beside a refusal. */
export interface EndDecision {
  readonly decision: Decision;
  readonly identity: { readonly producerId: number; readonly epoch: number };
}

/**
 * Decides how a client's transaction ends: its markers, its offsets and its state
 * are one entry of the log. With a new epoch at each end, a client that repeats a
 * request is told from one that ends its next transaction.
 */
export function decideEndTransaction(
  state: ClusterState,
  command: EndTransactionCommand,
  nowMs: number,
): EndDecision {
  const refused = (error: number, message: string): EndDecision => ({
    decision: refuse(error, message),
    identity: { producerId: -1, epoch: -1 },
  });
  const { id, producerId, epoch, isCommit, bumpsEpoch } = command;
  if (id === "") return refused(ErrorCode.INVALID_REQUEST, "The transactional id is empty.");
  const transaction = state.transactions.get(id);
  if (transaction === undefined) {
    return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING, `Nothing is known of the transactional id ${id}.`);
  }
  const retries = bumpsEpoch && isRetry(transaction, producerId, epoch);
  if (transaction.producerId !== producerId && !retries) {
    return refused(
      ErrorCode.INVALID_PRODUCER_ID_MAPPING,
      `The transactional id ${id} has another producer id than ${producerId}.`,
    );
  }
  if (transaction.epoch !== epoch && !retries) {
    return refused(ErrorCode.PRODUCER_FENCED, `The producer's epoch is ${transaction.epoch}, not ${epoch}.`);
  }
  const end = (): EndDecision => {
    const { change, identity } = endOf(state, transaction, command, nowMs);
    return { decision: change, identity };
  };
  if (transaction.isOpen) return end();
  const wasSame = transaction.state === (isCommit ? "CompleteCommit" : "CompleteAbort");
  if (wasSame && (retries || !bumpsEpoch)) {
    return { decision: { records: [] }, identity: transaction.identity };
  }
  // A client may abort what it has not begun, so that it need not know whether it has.
  if (bumpsEpoch && !isCommit && !retries) return end();
  return refused(ErrorCode.INVALID_TXN_STATE, `The transaction is in state ${transaction.state}.`);
}

/**
 * Whether the request is one that was carried out, or the answer to a transaction that was ended by its time-out.
 * The epoch that follows may also be another client's, who has taken over: that one was not given it for this epoch.
 */
function isRetry(transaction: Transaction, producerId: number, epoch: number): boolean {
  const { state, identity } = transaction;
  if ((state !== "CompleteCommit" && state !== "CompleteAbort") || identity.lastEpoch !== epoch) return false;
  const isNextEpoch = identity.producerId === producerId && identity.epoch === epoch + 1;
  const isNextProducer = identity.previousProducerId === producerId && isExhausted(epoch) &&
    identity.epoch === 0;
  return isNextEpoch || isNextProducer;
}

function endOf(
  state: ClusterState,
  transaction: Transaction,
  { isCommit, bumpsEpoch }: Pick<EndTransactionCommand, "isCommit" | "bumpsEpoch">,
  nowMs: number,
): { readonly change: Change; readonly identity: ProducerIdentity } {
  const { identity, epoch, producerId } = transaction;
  const records: MetadataRecord[] = [];
  let next: ProducerIdentity = identity;
  if (bumpsEpoch && isExhausted(epoch)) {
    records.push({ type: "producer_ids_allocated", next: state.nextProducerId + 1 });
    next = { producerId: state.nextProducerId, epoch: 0, lastEpoch: epoch, previousProducerId: producerId };
  } else if (bumpsEpoch) next = { ...identity, epoch: epoch + 1, lastEpoch: epoch };
  records.push({ type: "txn_ended", id: transaction.id, isCommit, identity: next, atMs: nowMs });
  const marks = marksOf(transaction, bumpsEpoch ? epoch + 1 : epoch, isCommit);
  return { change: { records, marks }, identity: next };
}

/**
 * Aborts an open transaction without its client's doing. The epoch goes up, so
 * that whatever its producer has still under way is refused.
 */
export function fencingAbort(state: ClusterState, transaction: Transaction, nowMs: number): Change {
  return endOf(state, transaction, { isCommit: false, bumpsEpoch: true }, nowMs).change;
}

/** Decides on a transaction that has been open for longer than its client allowed. */
export function decideTimeout(state: ClusterState, id: string, nowMs: number): Decision {
  const transaction = state.transactions.get(id);
  const isDue = transaction !== undefined && transaction.isOpen && transaction.dueMs <= nowMs;
  return isDue ? fencingAbort(state, transaction, nowMs) : { records: [] };
}

function marksOf(transaction: Transaction, producerEpoch: number, isCommit: boolean): EndMark[] {
  const { producerId } = transaction;
  return Array.from(transaction.streams, (stream) => ({
    stream,
    producerId,
    producerEpoch,
    coordinatorEpoch: COORDINATOR_EPOCH,
    isCommit,
  }));
}

/** The identity that a producer begins with. */
export function firstIdentity(producerId: number): ProducerIdentity {
  return { producerId, epoch: 0, lastEpoch: NO_EPOCH, previousProducerId: -1 };
}
