import { ErrorCode } from "../../base/error_codes.ts";
import {
  type ClusterState,
  decideAddGroup,
  decideAddPartitions,
  decideEndTransaction,
  decideIdExpiry,
  decideInitProducer,
  decideTimeout,
  type Decision,
  type EndMark,
  type EndTransactionCommand,
  type InitProducerCommand,
  type Refusal,
  refuse,
  type TransactionLimits,
  type TransactionMember,
} from "../../cluster/mod.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";
import { Pauses } from "../pauses.ts";

/** What the operator decides about transactions. */
export interface TransactionSettings extends TransactionLimits {
  /** Transactional ids that nobody has used for this long are forgotten (`transactional.id.expiration.ms`). */
  readonly idExpirationMs: number;
}

/** Who a producer is after what it asked for. */
export interface GivenIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

/** Longest time between two looks for transactions that are open for too long; none while none is open. */
const TIMEOUT_CHECK_MS = 1000;
/** Time between two looks for transactional ids to forget, as in Kafka. */
const EXPIRY_CHECK_MS = 60 * 60 * 1000;

/** Runs the rules of transactions, and sees to what happens by time alone. */
export class TransactionCoordinator {
  readonly limits: TransactionLimits;
  readonly #engine: Engine;
  readonly #idExpirationMs: number;
  readonly #timeoutCheck: Deadline;
  readonly #expiryCheck: Deadline;
  #isWatching = false;
  #isExpiring = false;

  constructor(engine: Engine, settings: TransactionSettings) {
    this.#engine = engine;
    this.limits = settings;
    this.#idExpirationMs = settings.idExpirationMs;
    this.#timeoutCheck = engine.deadlines.create(() => void this.#abortTimedOut());
    this.#expiryCheck = engine.deadlines.create(() => void this.#expireIds());
  }

  /** Takes over what recovery found. */
  start(): void {
    this.watch();
  }

  /**
   * To be called when a transaction may have begun: one that stays open for too long will be aborted, and its id
   * forgotten when nobody uses it any more.
   */
  watch(): void {
    const { open, size } = this.#engine.state.transactions;
    if (size > 0 && !this.#isExpiring) {
      this.#isExpiring = true;
      this.#expiryCheck.set(EXPIRY_CHECK_MS);
    }
    if (this.#isWatching || open.size === 0) return;
    this.#isWatching = true;
    const nowMs = this.#engine.clock.nowMs();
    let delayMs = TIMEOUT_CHECK_MS;
    for (const { dueMs } of open) delayMs = Math.min(delayMs, dueMs - nowMs);
    this.#timeoutCheck.set(Math.max(0, delayMs));
  }

  /** Gives a transactional producer its identity; a transaction that is open is aborted with it. */
  async initProducer(command: InitProducerCommand): Promise<GivenIdentity | Refusal> {
    let identity: GivenIdentity = NOBODY;
    const refusal = await this.#execute((state, nowMs) => {
      const decided = decideInitProducer(state, command, this.limits, nowMs);
      identity = decided.identity;
      return decided.decision;
    });
    return refusal ?? identity;
  }

  /** Ends a transaction: its markers, its offsets and its state are one entry of the log. */
  async endTransaction(command: EndTransactionCommand): Promise<GivenIdentity | Refusal> {
    let identity: GivenIdentity = NOBODY;
    const refusal = await this.#execute((state, nowMs) => {
      const decided = decideEndTransaction(state, command, nowMs);
      identity = decided.identity;
      return decided.decision;
    });
    return refusal ?? identity;
  }

  /** Takes partitions, by stream, into a transaction. */
  addPartitions(member: TransactionMember, streams: readonly number[]): Promise<Refusal | null> {
    return this.#execute((state, nowMs) => {
      // Their topic may have been deleted while the log had no room.
      if (streams.some((stream) => this.#engine.logs.find(stream) === undefined)) {
        return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The partition is no more.");
      }
      return decideAddPartitions(state, member, streams, this.limits, nowMs);
    });
  }

  /** Takes a group into a transaction. */
  addGroup(member: TransactionMember, group: string): Promise<Refusal | null> {
    return this.#execute((state, nowMs) => decideAddGroup(state, member, group, this.limits, nowMs));
  }

  /** Writes the end of a transaction in one partition because an operator asks for it, whatever is known of it. */
  writeMark(mark: EndMark, bumpsEpoch: boolean): Promise<Refusal | null> {
    return this.#execute(() => {
      const log = this.#engine.logs.find(mark.stream);
      const errorCode = log?.checkMark(mark, bumpsEpoch) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      if (errorCode !== ErrorCode.NONE) return refuse(errorCode, "The partition knows better.");
      return { records: [], marks: [mark] };
    });
  }

  #execute(rule: (state: ClusterState, nowMs: number) => Decision): Promise<Refusal | null> {
    return this.#engine.execute((state) => rule(state, this.#engine.clock.nowMs()));
  }

  /** What a full log refuses is tried again the next time. */
  async #abortTimedOut(): Promise<void> {
    const nowMs = this.#engine.clock.nowMs();
    const due = [...this.#engine.state.transactions.open].filter(({ dueMs }) => dueMs <= nowMs);
    const pauses = new Pauses(this.#engine.clock);
    for (const { id } of due) {
      await pauses.next();
      await this.#execute((state, now) => decideTimeout(state, id, now));
    }
    this.#isWatching = false;
    // What could not be aborted now is due already: not to be tried without end.
    if (due.some(({ isOpen, dueMs }) => isOpen && dueMs <= nowMs)) {
      this.#isWatching = true;
      this.#timeoutCheck.set(TIMEOUT_CHECK_MS);
    } else this.watch();
  }

  async #expireIds(): Promise<void> {
    let expired = 0;
    const refusal = await this.#execute((state, nowMs) => {
      const records = decideIdExpiry(state, nowMs, this.#idExpirationMs);
      expired = records.length;
      return { records };
    });
    // As long as there are some the next ones follow at once.
    if (expired > 0 && refusal === null) return this.#expiryCheck.set(0);
    this.#isExpiring = false;
    this.watch();
  }
}

const NOBODY: GivenIdentity = { producerId: -1, epoch: -1 };
