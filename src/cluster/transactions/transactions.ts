import { assert, unreachable } from "../../base/assert.ts";
import type { TransactionRecord } from "./records.ts";
import { Transaction, type TransactionSnapshot } from "./transaction.ts";

/** All transactional ids that are known. Changed by `ClusterState` alone. */
export class Transactions {
  readonly #byId = new Map<string, Transaction>();
  readonly #byProducer = new Map<number, Transaction>();
  readonly #open = new Set<Transaction>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Transaction | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Transaction> {
    return this.#byId.values();
  }

  /** Those with an open transaction. */
  get open(): ReadonlySet<Transaction> {
    return this.#open;
  }

  apply(record: TransactionRecord): void {
    switch (record.type) {
      case "txn_producer_initialized":
        return this.#initialize(record);
      case "txn_partitions_added":
        for (const stream of record.streams) this.#addStream(this.#existing(record.id), stream, record.atMs);
        return;
      case "txn_group_added":
        return this.#addGroup(this.#existing(record.id), record.group, record.atMs);
      case "txn_ended": {
        const transaction = this.#existing(record.id);
        this.#change(transaction, () => transaction.end(record.isCommit, record.identity, record.atMs));
        return;
      }
      case "txn_ids_expired":
        for (const id of record.ids) this.#forget(this.#existing(id));
        return;
      default:
        unreachable(record);
    }
  }

  /** A batch of the producer's transaction stands in the log: live, and when replaying. */
  written(producerId: number, stream: number, atMs: number): void {
    const transaction = this.#byProducer.get(producerId);
    if (transaction !== undefined) this.#addStream(transaction, stream, atMs);
  }

  /** Offsets of the producer's transaction stand in the log. */
  offsetsWritten(producerId: number, group: string, atMs: number): void {
    const transaction = this.#byProducer.get(producerId);
    if (transaction !== undefined) this.#addGroup(transaction, group, atMs);
  }

  /** The partitions are deleted: open transactions end without them. */
  forgetStreams(streams: readonly number[]): void {
    for (const transaction of this.#open) {
      for (const stream of streams) if (transaction.streams.has(stream)) transaction.dropStream(stream);
    }
  }

  snapshot(): TransactionSnapshot[] {
    return Array.from(this.#byId.values(), (transaction) => transaction.snapshot());
  }

  static restore(saved: readonly TransactionSnapshot[]): Transactions {
    const transactions = new Transactions();
    for (const one of saved) transactions.#register(Transaction.restore(one));
    return transactions;
  }

  #initialize(record: Extract<TransactionRecord, { type: "txn_producer_initialized" }>): void {
    const { id, identity, timeoutMs, atMs } = record;
    const known = this.#byId.get(id);
    if (known === undefined) this.#register(new Transaction(id, identity, timeoutMs, atMs));
    else this.#change(known, () => known.initialize(identity, timeoutMs, atMs));
  }

  #addStream(transaction: Transaction, stream: number, atMs: number): void {
    transaction.addStream(stream, atMs);
    this.#open.add(transaction);
  }

  #addGroup(transaction: Transaction, group: string, atMs: number): void {
    transaction.addGroup(group, atMs);
    this.#open.add(transaction);
  }

  /** A change after which no transaction is open, and the producer id may be another. */
  #change(transaction: Transaction, change: () => void): void {
    this.#byProducer.delete(transaction.producerId);
    this.#open.delete(transaction);
    change();
    this.#byProducer.set(transaction.producerId, transaction);
  }

  #register(transaction: Transaction): void {
    this.#byId.set(transaction.id, transaction);
    this.#byProducer.set(transaction.producerId, transaction);
    if (transaction.isOpen) this.#open.add(transaction);
  }

  #forget(transaction: Transaction): void {
    this.#byId.delete(transaction.id);
    this.#byProducer.delete(transaction.producerId);
    this.#open.delete(transaction);
  }

  #existing(id: string): Transaction {
    const transaction = this.#byId.get(id);
    assert(transaction !== undefined, `transactional id ${id} is known`);
    return transaction;
  }
}
