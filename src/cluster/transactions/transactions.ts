import { assert, unreachable } from "../../base/assert.ts";
import type { TransactionRecord } from "./records.ts";
import { Transaction, type TransactionSnapshot } from "./transaction.ts";

/** Memory that partitions and groups of all open transactions may take: what would be more is refused. */
const MEMBERS_BYTES_MAX = 64 * 1024 * 1024;
/** A partition of a transaction, and a group without its name, about. */
const STREAM_BYTES = 48;
const GROUP_BYTES = 64;

/** All transactional ids that are known. Changed by `ClusterState` alone. */
export class Transactions {
  readonly #byId = new Map<string, Transaction>();
  readonly #byProducer = new Map<number, Transaction>();
  readonly #open = new Set<Transaction>();
  #membersBytes = 0;

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

  /** Memory that partitions and groups of open transactions take, about. */
  get membersBytes(): number {
    return this.#membersBytes;
  }

  /** Whether there is memory for so many more partitions, and for a group of that name. */
  hasRoomFor(streamCount: number, group?: string): boolean {
    const bytes = streamCount * STREAM_BYTES + (group === undefined ? 0 : groupBytes(group));
    return this.#membersBytes + bytes <= MEMBERS_BYTES_MAX;
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
    const gone = new Set(streams);
    for (const transaction of this.#open) {
      for (const stream of transaction.streams) {
        if (!gone.has(stream)) continue;
        transaction.dropStream(stream);
        this.#membersBytes -= STREAM_BYTES;
      }
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
    if (!transaction.streams.has(stream)) this.#membersBytes += STREAM_BYTES;
    transaction.addStream(stream, atMs);
    this.#open.add(transaction);
  }

  #addGroup(transaction: Transaction, group: string, atMs: number): void {
    if (!transaction.groups.has(group)) this.#membersBytes += groupBytes(group);
    transaction.addGroup(group, atMs);
    this.#open.add(transaction);
  }

  /** A change after which no transaction is open, and the producer id may be another. */
  #change(transaction: Transaction, change: () => void): void {
    this.#byProducer.delete(transaction.producerId);
    this.#open.delete(transaction);
    this.#membersBytes -= membersBytes(transaction);
    change();
    this.#byProducer.set(transaction.producerId, transaction);
  }

  #register(transaction: Transaction): void {
    this.#byId.set(transaction.id, transaction);
    this.#byProducer.set(transaction.producerId, transaction);
    if (transaction.isOpen) this.#open.add(transaction);
    this.#membersBytes += membersBytes(transaction);
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

function membersBytes({ streams, groups }: Transaction): number {
  let bytes = streams.size * STREAM_BYTES;
  for (const group of groups) bytes += groupBytes(group);
  return bytes;
}

function groupBytes(group: string): number {
  return GROUP_BYTES + group.length;
}
