import type { ProducerIdentity } from "./records.ts";

/**
 * As Kafka's tools show them. There is no state between the decision to end a
 * transaction and its end: both are one write.
 */
export type TransactionState = "Empty" | "Ongoing" | "CompleteCommit" | "CompleteAbort";

const NO_STREAMS: ReadonlySet<number> = new Set();
const NO_GROUPS: ReadonlySet<string> = new Set();

/** Plain form for snapshots. */
export interface TransactionSnapshot {
  readonly id: string;
  readonly identity: ProducerIdentity;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  readonly startMs: number;
  readonly updatedMs: number;
  readonly streams: readonly number[];
  readonly groups: readonly string[];
}

/** A transactional id: its producer, and the transaction that this one has open or had last. */
export class Transaction {
  readonly id: string;
  #identity: ProducerIdentity;
  #timeoutMs: number;
  #state: TransactionState = "Empty";
  #startMs = -1;
  #updatedMs: number;
  #streams = NO_STREAMS as Set<number>;
  #groups = NO_GROUPS as Set<string>;

  constructor(id: string, identity: ProducerIdentity, timeoutMs: number, atMs: number) {
    this.id = id;
    this.#identity = identity;
    this.#timeoutMs = timeoutMs;
    this.#updatedMs = atMs;
  }

  get identity(): ProducerIdentity {
    return this.#identity;
  }

  get producerId(): number {
    return this.#identity.producerId;
  }

  get epoch(): number {
    return this.#identity.epoch;
  }

  /** Longest time that a transaction may be open, ms. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  get state(): TransactionState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state === "Ongoing";
  }

  /** Wall clock when the transaction began that is open or was last, -1 when there is none. */
  get startMs(): number {
    return this.#startMs;
  }

  /** Wall clock of the last change. */
  get updatedMs(): number {
    return this.#updatedMs;
  }

  /** The partitions of the open transaction, by stream. */
  get streams(): ReadonlySet<number> {
    return this.#streams;
  }

  /** The groups for which the open transaction commits offsets. */
  get groups(): ReadonlySet<string> {
    return this.#groups;
  }

  /** When the open transaction is aborted, wall clock. */
  get dueMs(): number {
    return this.#startMs + this.#timeoutMs;
  }

  /** For {@link Transactions} alone, as all that follows. */
  initialize(identity: ProducerIdentity, timeoutMs: number, atMs: number): void {
    this.#close("Empty", identity, atMs);
    this.#timeoutMs = timeoutMs;
    this.#startMs = -1;
  }

  addStream(stream: number, atMs: number): void {
    this.#begin(atMs);
    if (this.#streams === NO_STREAMS) this.#streams = new Set();
    this.#streams.add(stream);
  }

  addGroup(group: string, atMs: number): void {
    this.#begin(atMs);
    if (this.#groups === NO_GROUPS) this.#groups = new Set();
    this.#groups.add(group);
  }

  dropStream(stream: number): void {
    this.#streams.delete(stream);
  }

  end(isCommit: boolean, identity: ProducerIdentity, atMs: number): void {
    // One that was aborted before it began has its start here, as in Kafka.
    if (!this.isOpen) this.#startMs = atMs;
    this.#close(isCommit ? "CompleteCommit" : "CompleteAbort", identity, atMs);
  }

  snapshot(): TransactionSnapshot {
    return {
      id: this.id,
      identity: this.#identity,
      timeoutMs: this.#timeoutMs,
      state: this.#state,
      startMs: this.#startMs,
      updatedMs: this.#updatedMs,
      streams: [...this.#streams],
      groups: [...this.#groups],
    };
  }

  static restore(saved: TransactionSnapshot): Transaction {
    const transaction = new Transaction(saved.id, saved.identity, saved.timeoutMs, saved.updatedMs);
    transaction.#state = saved.state;
    transaction.#startMs = saved.startMs;
    if (saved.streams.length > 0) transaction.#streams = new Set(saved.streams);
    if (saved.groups.length > 0) transaction.#groups = new Set(saved.groups);
    return transaction;
  }

  #begin(atMs: number): void {
    if (!this.isOpen) this.#startMs = atMs;
    this.#state = "Ongoing";
    this.#updatedMs = atMs;
  }

  #close(state: TransactionState, identity: ProducerIdentity, atMs: number): void {
    this.#state = state;
    this.#identity = identity;
    this.#updatedMs = atMs;
    this.#streams = NO_STREAMS as Set<number>;
    this.#groups = NO_GROUPS as Set<string>;
  }
}
