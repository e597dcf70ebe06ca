import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState } from "../cluster_state.ts";
import { type Decision, refuse } from "../decision.ts";
import type { MetadataRecord } from "../records.ts";
import { fencingAbort, firstIdentity } from "./end_transaction.ts";
import { isExhausted, NO_EPOCH } from "./producer_epochs.ts";
import type { EndMark, ProducerIdentity } from "./records.ts";
import type { Transaction } from "./transaction.ts";

/** What the operator allows. */
export interface TransactionLimits {
  /** The longest time for which a transaction may be open, ms (`transaction.max.timeout.ms`). */
  readonly maxTimeoutMs: number;
  /** Most transactional ids in all: each takes a few hundred bytes until it expires. */
  readonly maxIds: number;
  /** Most partitions and groups of one transaction: its end is one entry of the log. */
  readonly maxPartitions: number;
}

export interface InitProducerCommand {
  readonly id: string;
  readonly timeoutMs: number;
  /** Who the client believes to be; `null` for one that has just begun, which fences any other (KIP-360). */
  readonly expected: { readonly producerId: number; readonly epoch: number } | null;
}

/** What is decided, and the identity that the client gets; the latter says nothing beside a refusal. */
export interface InitDecision {
  readonly decision: Decision;
  readonly identity: { readonly producerId: number; readonly epoch: number };
}

/** Longest transactional id, in characters: all of them are kept in memory. */
const ID_LENGTH_MAX = 1000;

type Refused = Extract<Decision, { error: number }>;

/**
 * Decides on the identity of a transactional producer. An open transaction of its
 * predecessor is aborted in the same write, markers and all: whoever is answered
 * knows that nothing of it will ever be seen.
 */
export function decideInitProducer(
  state: ClusterState,
  command: InitProducerCommand,
  limits: TransactionLimits,
  nowMs: number,
): InitDecision {
  const refused = (refusal: Refused): InitDecision => ({
    decision: refusal,
    identity: { producerId: -1, epoch: -1 },
  });
  const { id, timeoutMs } = command;
  if (id === "") return refused(refuse(ErrorCode.INVALID_REQUEST, "The transactional id is empty."));
  if (id.length > ID_LENGTH_MAX) {
    return refused(refuse(
      ErrorCode.INVALID_REQUEST,
      `A transactional id may have ${ID_LENGTH_MAX} characters, not ${id.length}.`,
    ));
  }
  if (timeoutMs <= 0 || timeoutMs > limits.maxTimeoutMs) {
    return refused(refuse(
      ErrorCode.INVALID_TRANSACTION_TIMEOUT,
      `The time-out of a transaction must be 1 to ${limits.maxTimeoutMs} ms.`,
    ));
  }
  const known = state.transactions.get(id);
  if (known === undefined && state.transactions.size >= limits.maxIds) {
    return refused(
      refuse(ErrorCode.POLICY_VIOLATION, `There are ${limits.maxIds} transactional ids already.`),
    );
  }
  const next = nextIdentity(state, known, command);
  if ("error" in next) return refused(next);

  const records: MetadataRecord[] = [];
  let marks: readonly EndMark[] = [];
  if (known?.isOpen) {
    const abort = fencingAbort(state, known, nowMs);
    records.push(...abort.records);
    marks = abort.marks ?? [];
  }
  if (next.producerId === state.nextProducerId) {
    records.push({ type: "producer_ids_allocated", next: state.nextProducerId + 1 });
  }
  records.push({ type: "txn_producer_initialized", id, identity: next, timeoutMs, atMs: nowMs });
  return { decision: { records, marks }, identity: next };
}

/** Who the producer is to be: the next epoch, or a fresh producer id when there is none left. */
function nextIdentity(
  state: ClusterState,
  known: Transaction | undefined,
  { expected }: InitProducerCommand,
): ProducerIdentity | Refused {
  if (known === undefined) return firstIdentity(state.nextProducerId);
  const { identity } = known;
  const { producerId, epoch, lastEpoch, previousProducerId } = identity;
  const renewed = (last: number): ProducerIdentity => ({
    producerId: state.nextProducerId,
    epoch: 0,
    lastEpoch: last,
    previousProducerId: producerId,
  });
  if (expected === null) {
    // An open transaction is aborted with the next epoch, so the client's is the one after that.
    const used = known.isOpen ? epoch + 1 : epoch;
    return isExhausted(used) ? renewed(NO_EPOCH) : { ...identity, epoch: used + 1, lastEpoch: NO_EPOCH };
  }
  const isItself = expected.producerId === producerId && expected.epoch === epoch;
  if (isItself) {
    return isExhausted(epoch) ? renewed(epoch) : { ...identity, epoch: epoch + 1, lastEpoch: epoch };
  }
  const isFormerProducer = expected.producerId === previousProducerId && isExhausted(expected.epoch);
  const isRetry = !known.isOpen && expected.epoch === lastEpoch &&
    (expected.producerId === producerId || isFormerProducer);
  return isRetry ? identity : refuse(
    ErrorCode.PRODUCER_FENCED,
    "Another producer with the same transactional id has taken over.",
  );
}
