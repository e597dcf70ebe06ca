import assert from "node:assert/strict";
import type { ClusterState, MetadataRecord } from "../../src/cluster/mod.ts";
import { ClassicGroup, ConsumerGroup } from "../../src/cluster/groups/mod.ts";
import { decodeMarks, decodeMetadata } from "../../src/engine/log_entries.ts";
import { EntryKind } from "../../src/engine/mod.ts";
import { BatchHeader, EndMarker, parseControlBatch } from "../../src/records/mod.ts";
import type { ClusterModel, ModelTransaction } from "./cluster_model.ts";
import type { LoggedEntry } from "./log_tap.ts";

/** Who a program says it is. */
export interface Claim {
  readonly id: string;
  readonly producerId: number;
  readonly epoch: number;
}

/** What is being asked for: whatever is written has to come of it, or of time. */
export type Asking =
  | { readonly what: "nothing" | "topics" | "offset delete" | "group delete" }
  /** Whether the program goes on with an identity that it had: then it may be told again what it was told. */
  | { readonly what: "init"; readonly id: string; readonly goesOn: boolean }
  | { readonly what: "add" | "write" | "offsets"; readonly claim: Claim }
  | {
    readonly what: "end";
    readonly claim: Claim;
    readonly isCommit: boolean;
    readonly transactionVersion: 1 | 2;
  }
  | {
    readonly what: "commit";
    readonly group: string;
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly generation: number;
    readonly topicId: string;
    readonly partition: number;
  };

/** What time alone may bring about. */
export interface Times {
  readonly offsetsRetentionMs: number;
  readonly idExpirationMs: number;
}

type TransactionEnd = Extract<MetadataRecord, { type: "txn_ended" }>;

/**
 * Looks at each entry before anything comes of it: whether what was asked for, or
 * time, may lead to that, by what the model knows.
 */
export class Judge {
  asking: Asking = { what: "nothing" };
  readonly #model: ClusterModel;
  readonly #state: ClusterState;
  readonly #times: Times;

  constructor(model: ClusterModel, state: ClusterState, times: Times) {
    this.#model = model;
    this.#state = state;
    this.#times = times;
  }

  judge(entry: LoggedEntry): void {
    if (entry.kind === EntryKind.BATCH) return this.#batch(entry);
    if (entry.kind === EntryKind.METADATA) {
      for (const record of decodeMetadata(entry.payload)) this.#record(record, [], entry.atMs);
      return;
    }
    const { records, places } = decodeMarks(entry.payload);
    const marks = places.map(({ stream, at }) => {
      const header = new BatchHeader().read(entry.payload, at);
      return { stream, header, mark: parseControlBatch(entry.payload, at, header) };
    });
    for (const record of records) this.#record(record, marks, entry.atMs);
  }

  #batch({ payload }: LoggedEntry): void {
    const { asking } = this;
    const { isTransactional, producerId, producerEpoch: epoch } = new BatchHeader().read(payload, 0);
    if (!isTransactional) return;
    assert.ok(asking.what === "write", "records come of a write");
    const transaction = this.#liveOf(asking.claim);
    assert.deepEqual([producerId, epoch], [transaction.producerId, transaction.epoch]);
  }

  #record(record: MetadataRecord, marks: readonly Mark[], nowMs: number): void {
    const { asking } = this;
    const model = this.#model;
    switch (record.type) {
      case "producer_ids_allocated":
        assert.ok(record.next > model.nextProducerId, "producer ids are given out once");
        return;
      case "txn_producer_initialized": {
        assert.ok(asking.what === "init" && asking.id === record.id, "who asks for an identity gets one");
        return this.#checkIdentity(model.transactions.get(record.id), record.identity, asking.goesOn ? 0 : 1);
      }
      case "txn_partitions_added":
      case "txn_group_added":
        assert.ok(asking.what === "add" && asking.claim.id === record.id);
        this.#liveOf(asking.claim);
        return;
      case "txn_ended":
        return this.#end(record, marks, nowMs);
      case "txn_ids_expired":
        for (const id of record.ids) {
          const { openMs, updatedMs } = model.transactions.get(id)!;
          assert.ok(openMs === null && nowMs - updatedMs >= this.#times.idExpirationMs, `${id} is in use`);
        }
        return;
      case "txn_offsets_written": {
        assert.ok(asking.what === "offsets", "pending offsets come of a TxnOffsetCommit");
        assert.equal(this.#liveOf(asking.claim).producerId, record.producerId);
        return;
      }
      case "offsets_committed":
        return this.#commit(record.group);
      case "offsets_deleted":
        return this.#deleteOffsets(record, nowMs);
    }
  }

  #end(record: TransactionEnd, marks: readonly Mark[], nowMs: number): void {
    const { asking } = this;
    const { id, isCommit, identity } = record;
    const transaction = this.#model.transactions.get(id);
    assert.ok(transaction !== undefined, "what ends was begun");
    const { openMs, timeoutMs, producerId, epoch } = transaction;
    const isDue = openMs !== null && nowMs >= openMs + timeoutMs;
    const isEnding = asking.what === "end" && asking.claim.id === id && asking.isCommit === isCommit;
    const isFencing = asking.what === "init" && asking.id === id && !isCommit && openMs !== null;
    if (isEnding && (isCommit || !isDue)) {
      assert.deepEqual(asking.claim, { id, producerId, epoch }, `${id} is fenced`);
    } else {assert.ok(
        isFencing || isEnding || (isDue && !isCommit),
        `${id} ends, and nobody who may has asked for it`,
      );}
    const isOfNothing = isEnding && asking.transactionVersion === 2 && !isCommit;
    assert.ok(openMs !== null || isOfNothing, "what is ended was open");
    const mayStay = asking.what === "end" && asking.claim.id === id && asking.transactionVersion === 1;
    this.#checkIdentity(transaction, identity, mayStay ? 0 : 1);
    const ended = marks.map(({ stream }) => stream).sort();
    assert.deepEqual(ended, [...transaction.streams].sort(), "each partition gets a marker");
    for (const { header, mark } of marks) {
      assert.deepEqual([header.producerId, mark?.marker === EndMarker.COMMIT], [
        transaction.producerId,
        isCommit,
      ]);
      assert.ok(header.producerEpoch >= transaction.epoch);
    }
  }

  /** Whoever commits is a member of the generation that it names; or names none, and nobody is in the group. */
  #commit(groupId: string): void {
    const { asking } = this;
    assert.ok(asking.what === "commit" && asking.group === groupId, "offsets come of a commit");
    const { memberId, generation, topicId, partition } = asking;
    const group = this.#state.groups.get(groupId);
    if (generation < 0) return assert.ok(group?.isEmpty ?? true, "somebody else is in the group");
    if (group instanceof ClassicGroup) {
      assert.ok(
        group.member(memberId) !== undefined && group.generation === generation,
        "an old claim commits",
      );
      return;
    }
    assert.ok(group instanceof ConsumerGroup, "a generation is a group's");
    const member = group.member(memberId);
    assert.ok(member !== undefined && generation <= member.epoch, "an old claim commits");
    const sinceEpoch = member.assigned.get(topicId)?.get(partition) ??
      member.revoking.get(topicId)?.get(partition) ?? Infinity;
    assert.ok(
      generation === member.epoch || sinceEpoch <= generation,
      "somebody else's partition is committed",
    );
  }

  #deleteOffsets(record: Extract<MetadataRecord, { type: "offsets_deleted" }>, nowMs: number): void {
    if (this.asking.what === "offset delete") return;
    const group = this.#state.groups.get(record.group);
    // As in Kafka the time of a classic group that had members counts from when the last one went (KIP-211).
    const emptyMs = group instanceof ClassicGroup && group.isEmpty && group.protocolType !== null
      ? group.sinceMs
      : Infinity;
    for (const { topic, partitions } of record.topics) {
      for (const partition of partitions) {
        const key = `${record.group} ${topic} ${partition}`;
        const { atMs } = this.#model.committed.get(key)!;
        assert.ok(
          nowMs - Math.min(atMs, emptyMs) >= this.#times.offsetsRetentionMs,
          "offsets are kept for their time",
        );
        assert.ok(!this.#model.isPending(key), "an offset that is about to change is kept");
      }
    }
  }

  /** The transactional id as it is, which the claim must agree with. */
  #liveOf({ id, producerId, epoch }: Claim): ModelTransaction {
    const transaction = this.#model.transactions.get(id);
    assert.ok(transaction !== undefined, `${id} is known`);
    assert.deepEqual([producerId, epoch], [transaction.producerId, transaction.epoch], `${id} is fenced`);
    return transaction;
  }

  #checkIdentity(
    before: ModelTransaction | undefined,
    { producerId, epoch }: { readonly producerId: number; readonly epoch: number },
    leastGrowth: 0 | 1,
  ): void {
    if (producerId !== before?.producerId) {
      assert.ok(producerId >= this.#model.nextProducerId, "a producer id is given out once");
    } else assert.ok(epoch >= before.epoch + leastGrowth, "epochs only grow");
  }
}

interface Mark {
  readonly stream: number;
  readonly header: BatchHeader;
  readonly mark: ReturnType<typeof parseControlBatch>;
}
