import { KliteError } from "../../base/klite_error.ts";
import type { ClusterState, Partition, Topic } from "../../cluster/mod.ts";
import type { PartitionLogs, Replay } from "../../engine/mod.ts";
import { OffsetLookup } from "../../engine/records/mod.ts";
import type { Clock } from "../../io/clock.ts";
import type { KliteEvent } from "../../io/events.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import { BatchReader, type LogBytes, type PartitionLog, type StoredReader } from "../../log/mod.ts";
import { objectKey } from "../../objects/object_keys.ts";
import { ObjectReader } from "../../objects/object_reader.ts";
import { BatchHeader } from "../../records/outside.ts";
import { readFooter } from "../restore/object_batches.ts";
import { storedAcls, storedQuotas, storedTokens, storedUsers } from "./security_facts.ts";
import { storedGroup, storedGroups } from "./stored_groups.ts";
import type {
  AclFacts,
  BatchFound,
  ClusterView,
  GroupFacts,
  GroupSummary,
  PartitionFacts,
  ProducerFacts,
  QuotaFacts,
  TokenFacts,
  TopicFacts,
  TransactionFacts,
  UserFacts,
} from "./view.ts";

/** Bytes of objects that are kept in memory: there is one reader, who goes forward. */
const READ_AHEAD_BYTES = 8 * 1024 * 1024;
/** Bytes read at a time; a larger batch comes alone. */
const READ_BYTES = 1024 * 1024;

export interface StoredViewParts {
  readonly source: string;
  readonly clusterId: string;
  readonly replay: Replay;
  readonly log: LogBytes;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly problems: readonly string[];
}

/** What a data directory or a bucket says, through the state that a broker would start from. */
export class StoredView implements ClusterView {
  readonly source: string;
  readonly problems: string[];
  readonly #state: ClusterState;
  readonly #logs: PartitionLogs;
  readonly #reader: BatchReader;
  readonly #store: ObjectStore;
  readonly #clusterId: string;
  /** Transactions that seem to have begun since then have begun at a time that nobody wrote down. */
  readonly #openedMs: number;

  constructor({ source, clusterId, replay, log, store, clock, problems }: StoredViewParts, openedMs: number) {
    this.source = source;
    this.problems = [...problems];
    this.#state = replay.state;
    this.#logs = replay.logs;
    this.#logs.makeAllVisible();
    this.#store = store;
    this.#clusterId = clusterId;
    const objects = new ObjectReader({ store, clock, clusterId, readAheadBytes: READ_AHEAD_BYTES });
    const stored: StoredReader = {
      read: (job) => objects.read(job),
      find: (job) => objects.find(job),
      // Nothing is mended here.
      logDamaged: () => {},
    };
    this.#reader = new BatchReader({ wal: log, stored, clock, events: (event) => this.#heed(event) });
    this.#openedMs = openedMs;
  }

  topicNames(): Promise<readonly string[]> {
    return Promise.resolve(Array.from(this.#state.topics(), ({ name }) => name).sort());
  }

  async topics(names: readonly string[] | null): Promise<readonly TopicFacts[]> {
    const sorted = names?.toSorted() ?? await this.topicNames();
    return sorted.flatMap((name) => {
      const topic = this.#state.topic(name);
      return topic === undefined ? [] : [this.#facts(topic)];
    });
  }

  groups(): Promise<readonly GroupSummary[]> {
    return Promise.resolve(storedGroups(this.#state));
  }

  group(id: string): Promise<GroupFacts | null> {
    return Promise.resolve(storedGroup(this.#state, id));
  }

  transactions(isAll: boolean): Promise<readonly TransactionFacts[]> {
    const { transactions } = this.#state;
    const asked = isAll ? transactions.all() : transactions.open.values();
    const topics = Array.from(this.#state.topics());
    const facts = Array.from(asked, (transaction): TransactionFacts => {
      const { id: transactionalId, state, producerId, epoch: producerEpoch, timeoutMs } = transaction;
      const { startMs, streams } = transaction;
      return {
        ...{ transactionalId, state, producerId, producerEpoch, timeoutMs },
        startMs: startMs <= 0 || startMs >= this.#openedMs ? null : startMs,
        partitions: topics.flatMap(({ name, partitions }) => {
          const inside = partitions.filter(({ stream }) => streams.has(stream)).map(({ index }) => index);
          return inside.length === 0 ? [] : [{ topic: name, partitions: inside }];
        }).sort((a, b) => a.topic < b.topic ? -1 : 1),
      };
    });
    return Promise.resolve(facts.sort((a, b) => a.transactionalId < b.transactionalId ? -1 : 1));
  }

  producers(topic: string, partitions: readonly number[]): Promise<readonly ProducerFacts[]> {
    const facts = partitions.flatMap((partition) => {
      const log = this.#log(topic, partition);
      return Array.from(log.describeProducers(), (producer): ProducerFacts => ({
        partition,
        producerId: producer.id,
        producerEpoch: producer.epoch,
        lastSequence: producer.lastSequence,
        lastTimestampMs: producer.lastTimestampMs,
        coordinatorEpoch: producer.coordinatorEpoch,
        transactionStartOffset: log.transactionStart(producer.id) ?? null,
      })).sort((a, b) => a.producerId - b.producerId);
    });
    return Promise.resolve(facts);
  }

  users(): Promise<readonly UserFacts[]> {
    return Promise.resolve(storedUsers(this.#state.security));
  }

  acls(): Promise<readonly AclFacts[]> {
    return Promise.resolve(storedAcls(this.#state.security));
  }

  quotas(): Promise<readonly QuotaFacts[]> {
    return Promise.resolve(storedQuotas(this.#state.security));
  }

  tokens(): Promise<readonly TokenFacts[]> {
    return Promise.resolve(storedTokens(this.#state.security));
  }

  async offsetAt(topic: string, partition: number, timestampMs: number): Promise<number | null> {
    const log = this.#log(topic, partition);
    const found = await new OffsetLookup(this.#reader, log).firstSince(timestampMs);
    if (found !== "unreadable") return found?.offset ?? null;
    throw new KliteError(
      "DATA_DAMAGED",
      `A compressed batch of ${topic}-${partition} cannot be unpacked, so what is inside of that time cannot be known. ` +
        "Ask by --offset.",
    );
  }

  async *batches(
    topic: string,
    partition: number,
    fromOffset: number,
    endOffset: number,
  ): AsyncIterable<BatchFound> {
    const log = this.#log(topic, partition);
    const header = new BatchHeader();
    for (let offset = fromOffset; offset < endOffset;) {
      try {
        const found = await this.#reader.read(log, offset, endOffset, READ_BYTES);
        for (const bytes of found.batches) {
          yield { bytes };
          offset = header.read(bytes, 0).lastOffset + 1;
        }
        if (found.batches.length === 0) return;
      } catch (error) {
        const isGone = error instanceof KliteError &&
          (error.code === "DATA_DAMAGED" || error.code === "NOT_FOUND");
        if (!isGone) throw error;
        yield { offset, problem: error.message };
        offset = await this.#offsetBehind(log, offset);
      }
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** What cannot be read at all is told to whoever asked for it. */
  #heed(event: KliteEvent): void {
    if (event.type !== "read_failed" || !event.hasOther) return;
    const words = event.error instanceof Error ? event.error.message : String(event.error);
    this.problems.push(`${words}; an object has it whole.`);
  }

  /** Where reading can go on behind the batch at `offset` that cannot be read. */
  async #offsetBehind(log: PartitionLog, offset: number): Promise<number> {
    if (!log.isStoredOnly(offset)) return log.batches.lastOffset(log.batches.rowOf(offset)) + 1;
    const object = log.objects.at(log.objects.indexOf(offset));
    try {
      const footer = await readFooter(this.#store, objectKey(this.#clusterId, log.place, object));
      const row = footer.rowFrom(offset);
      if (row < footer.rows) return footer.lastOffset(row) + 1;
    } catch (error) {
      if (!(error instanceof KliteError)) throw error;
    }
    return object.endOffset;
  }

  #facts({ name, id, partitions }: Topic): TopicFacts {
    return { name, id, partitions: partitions.map((partition) => this.#partition(partition)) };
  }

  #partition({ index, stream }: Partition): PartitionFacts {
    const log = this.#logs.of(stream);
    return {
      partition: index,
      startOffset: log.logStartOffset,
      stableOffset: log.lastStableOffset,
      endOffset: log.highWatermark,
      sizeBytes: log.sizeBytes,
      tiers: {
        logBytes: log.batches.bytesBetween(0, log.logEndOffset),
        objectBytes: log.objects.dataBytes,
        objects: log.objects.count,
      },
    };
  }

  #log(topic: string, index: number): PartitionLog {
    const partition = this.#state.topic(topic)?.partitions[index];
    if (partition !== undefined) return this.#logs.of(partition.stream);
    throw new KliteError("NOT_FOUND", `There is no partition ${index} of '${topic}'.`);
  }
}
