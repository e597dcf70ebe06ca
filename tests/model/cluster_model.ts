import assert from "node:assert/strict";
import type { MetadataRecord } from "../../src/cluster/mod.ts";
import { decodeMarks, decodeMetadata } from "../../src/engine/log_entries.ts";
import { EntryKind } from "../../src/engine/mod.ts";
import { BatchHeader, EndMarker, parseControlBatch } from "../../src/records/mod.ts";
import { readBatches } from "../support/requests.ts";
import type { LoggedEntry } from "./log_tap.ts";

/** A batch of a partition, data or marker. */
export interface ModelBatch {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly producerId: number;
  readonly epoch: number;
  readonly isTransactional: boolean;
  readonly marker: "commit" | "abort" | null;
  readonly values: readonly string[];
  readonly endLsn: number;
}

/** A transaction in one partition; `marker` is where it ends, `null` while it is open. */
export interface PartitionTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  marker: ModelBatch | null;
}

/** A transactional id. */
export interface ModelTransaction {
  readonly id: string;
  producerId: number;
  epoch: number;
  timeoutMs: number;
  /** When the open transaction began, `null` while there is none. */
  openMs: number | null;
  updatedMs: number;
  streams: Set<number>;
  groups: Set<string>;
}

/** An offset, in the order in which offsets were written. */
export interface ModelOffset {
  readonly offset: number;
  readonly order: number;
  readonly atMs: number;
}

interface PendingOffset extends ModelOffset {
  readonly producerId: number;
  readonly key: string;
}

/**
 * What the log's entries mean, in the plainest terms: lists that are walked from the
 * beginning whenever something is asked. It shares no rule with the broker.
 */
export class ClusterModel {
  readonly partitions = new Map<number, ModelBatch[]>();
  readonly topics = new Map<string, number[]>();
  readonly transactions = new Map<string, ModelTransaction>();
  readonly committed = new Map<string, ModelOffset>();
  pending: PendingOffset[] = [];
  nextProducerId = 0;
  #order = 0;

  /** Takes in the next entry. */
  take(entry: LoggedEntry): void {
    if (entry.kind === EntryKind.BATCH) return this.#append(entry.stream, entry.payload, entry);
    if (entry.kind === EntryKind.METADATA) {
      for (const record of decodeMetadata(entry.payload)) this.#record(record);
      return;
    }
    const { records, places } = decodeMarks(entry.payload);
    for (const { stream, at } of places) this.#append(stream, entry.payload.subarray(at), entry);
    for (const record of records) this.#record(record);
  }

  endOffset(stream: number): number {
    return this.#batches(stream).at(-1)?.endOffset ?? 0;
  }

  /** How far the partition is durable when the log is so up to `durableLsn`. */
  highWatermark(stream: number, durableLsn: number): number {
    return this.#batches(stream).findLast(({ endLsn }) => endLsn <= durableLsn)?.endOffset ?? 0;
  }

  /** All transactions that the partition has seen, in the order of their beginnings. */
  transactionsIn(stream: number): PartitionTransaction[] {
    const all: PartitionTransaction[] = [];
    for (const batch of this.#batches(stream)) {
      const { producerId } = batch;
      const open = all.find((each) => each.producerId === producerId && each.marker === null);
      if (batch.marker !== null) {
        if (open !== undefined) open.marker = batch;
      } else if (batch.isTransactional && open === undefined) {
        all.push({ producerId, firstOffset: batch.baseOffset, marker: null });
      }
    }
    return all;
  }

  /** The last stable offset while records are visible up to `highWatermark`. */
  lastStableOffset(stream: number, highWatermark: number): number {
    const undecided = this.transactionsIn(stream).filter(({ marker }) =>
      marker === null || marker.baseOffset >= highWatermark
    );
    return Math.min(highWatermark, ...undecided.map(({ firstOffset }) => firstOffset));
  }

  /** The batches with records in `[fromOffset, toOffset)`, and whether their transaction was committed, if any. */
  batchesIn(stream: number, fromOffset: number, toOffset: number) {
    const transactions = this.transactionsIn(stream);
    const batches = this.#batches(stream).filter(({ baseOffset, endOffset }) =>
      endOffset > fromOffset && baseOffset < toOffset
    );
    return batches.map((batch) => {
      const own = transactions.findLast(({ producerId, firstOffset }) =>
        producerId === batch.producerId && firstOffset <= batch.baseOffset
      );
      return { batch, isSeen: !batch.isTransactional || own?.marker?.marker === "commit" };
    });
  }

  ofProducer(producerId: number): ModelTransaction | undefined {
    return this.transactions.values().find((each) => each.producerId === producerId);
  }

  isPending(key: string): boolean {
    return this.pending.some((each) => each.key === key);
  }

  #batches(stream: number): ModelBatch[] {
    const batches = this.partitions.get(stream);
    assert.ok(batches !== undefined, `stream ${stream} is a partition's`);
    return batches;
  }

  #append(stream: number, bytes: Uint8Array, { endLsn, atMs }: LoggedEntry): void {
    const header = new BatchHeader().read(bytes, 0);
    const { producerId, producerEpoch: epoch, isTransactional, isControl } = header;
    const baseOffset = this.endOffset(stream);
    assert.equal(header.baseOffset, baseOffset, "offsets follow each other");
    let marker: ModelBatch["marker"] = null;
    let values: string[] = [];
    if (isControl) {
      marker = parseControlBatch(bytes, 0, header)?.marker === EndMarker.COMMIT ? "commit" : "abort";
    } else {
      const [batch] = readBatches(bytes.subarray(0, header.lengthBytes));
      values = batch?.records.map(({ value }) => value ?? "") ?? [];
    }
    const endOffset = header.lastOffset + 1;
    this.#batches(stream).push(
      { baseOffset, endOffset, producerId, epoch, isTransactional, marker, values, endLsn },
    );
    if (isTransactional && !isControl) this.#open(this.ofProducer(producerId), atMs)?.streams.add(stream);
  }

  #record(record: MetadataRecord): void {
    switch (record.type) {
      case "topic_created":
        this.topics.set(record.id, []);
        return this.#addPartitions(record.id, record.firstStream, record.partitions);
      case "partitions_created":
        return this.#addPartitions(record.id, record.firstStream, record.count);
      case "topic_deleted":
        return this.#deleteTopic(record.id);
      case "producer_ids_allocated":
        this.nextProducerId = record.next;
        return;
      case "txn_producer_initialized":
      case "txn_partitions_added":
      case "txn_group_added":
      case "txn_ended":
      case "txn_ids_expired":
        return this.#transaction(record);
      case "offsets_committed":
        return eachOffset(record, (key, offset) => {
          this.committed.set(key, { offset, order: this.#order++, atMs: record.atMs });
        });
      case "txn_offsets_written": {
        const { producerId, atMs } = record;
        this.#open(this.ofProducer(producerId), atMs)?.groups.add(record.group);
        return eachOffset(record, (key, offset) => {
          this.#forget((each) => each.producerId === producerId && each.key === key);
          this.pending.push({ producerId, key, offset, order: this.#order++, atMs });
        });
      }
      case "offsets_deleted":
        for (const { topic, partitions } of record.topics) {
          for (const partition of partitions) {
            const deleted = offsetKey(record.group, topic, partition);
            this.committed.delete(deleted);
            this.#forget(({ key }) => key === deleted);
          }
        }
        return;
      case "group":
        if (record.change.type === "deleted") {
          this.#deleteOffsets((key) => key.startsWith(`${record.groupId} `));
        }
    }
  }

  #transaction(
    record: Extract<MetadataRecord, { type: `txn_${string}` }>,
  ): void {
    switch (record.type) {
      case "txn_producer_initialized": {
        const { id, identity: { producerId, epoch }, timeoutMs, atMs: updatedMs } = record;
        this.transactions.set(id, {
          id,
          producerId,
          epoch,
          timeoutMs,
          openMs: null,
          updatedMs,
          ...nothing(),
        });
        return;
      }
      case "txn_partitions_added":
        for (const stream of record.streams) {
          this.#open(this.#known(record.id), record.atMs)?.streams.add(stream);
        }
        return;
      case "txn_group_added":
        this.#open(this.#known(record.id), record.atMs)?.groups.add(record.group);
        return;
      case "txn_ended": {
        const { identity, isCommit, atMs } = record;
        const transaction = this.#known(record.id);
        const written = this.pending.filter(({ producerId }) => producerId === transaction.producerId);
        this.#forget((each) => written.includes(each));
        for (const { key, ...offset } of isCommit ? written : []) {
          if ((this.committed.get(key)?.order ?? -1) < offset.order) this.committed.set(key, offset);
        }
        const { producerId, epoch } = identity;
        Object.assign(transaction, { producerId, epoch, openMs: null, updatedMs: atMs, ...nothing() });
        return;
      }
      case "txn_ids_expired":
        for (const id of record.ids) this.transactions.delete(id);
    }
  }

  #open(transaction: ModelTransaction | undefined, atMs: number): ModelTransaction | undefined {
    if (transaction === undefined) return undefined;
    transaction.openMs ??= atMs;
    transaction.updatedMs = atMs;
    return transaction;
  }

  #known(id: string): ModelTransaction {
    const transaction = this.transactions.get(id);
    assert.ok(transaction !== undefined, `${id} is known`);
    return transaction;
  }

  #addPartitions(topicId: string, firstStream: number, count: number): void {
    for (let stream = firstStream; stream < firstStream + count; stream++) {
      this.partitions.set(stream, []);
      this.topics.get(topicId)?.push(stream);
    }
  }

  #deleteTopic(topicId: string): void {
    for (const stream of this.topics.get(topicId) ?? []) {
      this.partitions.delete(stream);
      for (const { streams } of this.transactions.values()) streams.delete(stream);
    }
    this.topics.delete(topicId);
    this.#deleteOffsets((key) => key.split(" ")[1] === topicId);
  }

  #deleteOffsets(isMeant: (key: string) => boolean): void {
    for (const key of [...this.committed.keys()]) if (isMeant(key)) this.committed.delete(key);
    this.#forget(({ key }) => isMeant(key));
  }

  #forget(isMeant: (pending: PendingOffset) => boolean): void {
    this.pending = this.pending.filter((each) => !isMeant(each));
  }
}

/** Names an offset: neither groups nor topic ids have spaces here. */
export function offsetKey(group: string, topicId: string, partition: number): string {
  return `${group} ${topicId} ${partition}`;
}

/** What a transaction has a part in before it begins. */
function nothing(): Pick<ModelTransaction, "streams" | "groups"> {
  return { streams: new Set(), groups: new Set() };
}

type Offsets = Extract<MetadataRecord, { type: "offsets_committed" | "txn_offsets_written" }>;

function eachOffset({ group, topics }: Offsets, take: (key: string, offset: number) => void): void {
  for (const { topic, rows } of topics) {
    for (const [partition, offset] of rows) take(offsetKey(group, topic, partition), offset);
  }
}
