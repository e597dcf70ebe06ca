/**
 * Produce 3–13; 0–2 are named to clients but not served, exactly as in Kafka 4
 * (librdkafka looks for them). 8 adds record errors (KIP-467), 9 is flexible, 10
 * names the current leader (KIP-951), 12 lets transactions add partitions by
 * writing (KIP-890), 13 names topics by id.
 *
 * acks −1 and 1 are answered once the batch is durable, 0 never. An error that
 * has no answer closes the connection, as in Kafka, so that the client notices.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import type { Partition, Topic } from "../../cluster/mod.ts";
import type { AppendOutcome, ProduceRequestFacts } from "../../engine/mod.ts";
import { type ProduceRequest, produceRequest } from "../../protocol/generated/produce_request.ts";
import {
  produceResponse,
  type ProduceResponseInput,
  type ProduceResponsePartitionProduceResponseInput,
} from "../../protocol/generated/produce_response.ts";
import { type Call, CLOSE_CONNECTION, defineApi, type Handled, NO_RESPONSE, type Services } from "../api.ts";

type PartitionResult = ProduceResponsePartitionProduceResponseInput;

/** From here on topics are named by id. */
const TOPIC_IDS_FROM = 13;

/** Refusals that come from the log itself; with them Kafka tells where it starts. */
const LOOKED_AT_LOG: ReadonlySet<number> = new Set([
  ErrorCode.INVALID_RECORD,
  ErrorCode.INVALID_TIMESTAMP,
  ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  ErrorCode.INVALID_PRODUCER_EPOCH,
]);

export const produce = defineApi({
  request: produceRequest,
  response: produceResponse,
  handle(services, request, call): Handled<ProduceResponseInput> | Promise<Handled<ProduceResponseInput>> {
    const { engine } = services;
    const run = new ProduceRun(services, request, call);
    if (!engine.room.isBusy && run.step()) return run.answer();
    return run.stepWhenThereIsRoom();
  },
});

/** Strict validation looks into at most so many decompressed bytes of a batch. */
const DECOMPRESSED_BYTES_MAX = 100 * 1024 * 1024;

/** What validation asks about a request. The name is for messages only, so it is made when one is. */
class Facts implements ProduceRequestFacts {
  readonly maxDecompressedBytes = DECOMPRESSED_BYTES_MAX;
  partition: Partition | undefined;

  constructor(readonly version: number, readonly transactionalId: string | null) {}

  get isTransactional(): boolean {
    return this.transactionalId !== null;
  }

  get partitionName(): string {
    return `${this.partition?.topic.name}-${this.partition?.index}`;
  }
}

/** One batch that is to be appended, and where it goes. */
interface Item {
  readonly index: number;
  readonly partition: Partition | undefined;
  records: Uint8Array | null;
  outcome: AppendOutcome | undefined;
}

interface TopicItems {
  readonly name: string;
  readonly topicId: string;
  readonly items: readonly Item[];
}

/** One Produce request on its way: its batches are appended in order, resuming where the log had no room. */
class ProduceRun {
  readonly #services: Services;
  readonly #request: ProduceRequest;
  readonly #byId: boolean;
  readonly #topics: readonly TopicItems[];
  readonly #facts: Facts;
  #lsn = 0;
  #failed = false;

  constructor(services: Services, request: ProduceRequest, call: Call) {
    this.#services = services;
    this.#request = request;
    this.#byId = call.version >= TOPIC_IDS_FROM;
    this.#facts = new Facts(call.version, request.transactionalId);
    this.#topics = request.topicData.map((data) => {
      const topic = this.#find(data.name, data.topicId);
      return {
        name: data.name,
        topicId: data.topicId,
        items: data.partitionData.map(({ index, records }) => ({
          index,
          partition: topic?.partitions[index],
          records,
          outcome: topic === undefined ? this.#unknownTopic() : undefined,
        })),
      };
    });
  }

  /** Appends what is left; false when the log has no room ready yet. */
  step(): boolean {
    for (const item of this.#openItems()) {
      const outcome = this.#append(item);
      if (outcome === null) return false;
      item.outcome = outcome;
      this.#lsn = Math.max(this.#lsn, outcome.endLsn);
    }
    return true;
  }

  /** Queues up for room. The request's bytes are not ours for so long, so they are copied. */
  async stepWhenThereIsRoom(): Promise<Handled<ProduceResponseInput>> {
    const { engine } = this.#services;
    let bytes = 0;
    for (const item of this.#openItems()) bytes += item.records?.length ?? 0;
    if (engine.room.hasRoomFor(bytes)) {
      for (const item of this.#openItems()) item.records = item.records?.slice() ?? null;
      await engine.room.run(bytes, () => this.step());
    } else {
      for (const item of this.#openItems()) {
        item.outcome = engine.appender.refuse(ErrorCode.KAFKA_STORAGE_ERROR);
      }
    }
    return this.answer();
  }

  /** The response, once what it promises is durable. */
  answer(): Handled<ProduceResponseInput> | Promise<Handled<ProduceResponseInput>> {
    const { engine, settings } = this.#services;
    const response = this.#response();
    if (this.#request.acks === 0) return this.#failed ? CLOSE_CONNECTION : NO_RESPONSE;
    if (this.#lsn <= engine.wal.durableLsn) return response;
    if (this.#request.acks === 1 && settings.ackBeforeSync && this.#lsn <= engine.wal.write()) {
      return response;
    }
    return engine.wal.whenDurable(this.#lsn).then(() => response);
  }

  #append({ partition, records }: Item): AppendOutcome | null {
    const { engine, settings } = this.#services;
    const { acks } = this.#request;
    if (partition === undefined) return engine.appender.refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    // While the request waited for room its topic may have been deleted.
    if (engine.logs.find(partition.stream) === undefined) return this.#unknownTopic();
    if (acks < -1 || acks > 1) return engine.appender.refuse(ErrorCode.INVALID_REQUIRED_ACKS);
    this.#facts.partition = partition;
    return engine.appender.append(partition, records, settings.strictBatches, this.#facts);
  }

  *#openItems(): Iterable<Item> {
    for (const topic of this.#topics) {
      for (const item of topic.items) if (item.outcome === undefined) yield item;
    }
  }

  #find(name: string, topicId: string): Topic | undefined {
    const { state } = this.#services.engine;
    return this.#byId ? state.topicById(topicId) : state.topic(name);
  }

  #unknownTopic(): AppendOutcome {
    const { appender } = this.#services.engine;
    return appender.refuse(this.#byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  #response(): ProduceResponseInput {
    return {
      responses: this.#topics.filter(({ items }) => items.length > 0).map(({ name, topicId, items }) => ({
        ...(this.#byId ? { topicId } : { name }),
        partitionResponses: items.map((item) => this.#partitionResult(item)),
      })),
    };
  }

  #partitionResult({ index, partition, outcome }: Item): PartitionResult {
    const { engine } = this.#services;
    const done = outcome ?? engine.appender.refuse(ErrorCode.UNKNOWN_SERVER_ERROR);
    if (done.errorCode !== ErrorCode.NONE) this.#failed = true;
    return {
      index,
      errorCode: done.errorCode,
      baseOffset: done.baseOffset,
      logAppendTimeMs: done.appendTimeMs,
      logStartOffset: partition !== undefined && LOOKED_AT_LOG.has(done.errorCode)
        ? engine.logs.find(partition.stream)?.logStartOffset ?? -1
        : done.logStartOffset,
      recordErrors: done.recordErrors,
      errorMessage: done.errorMessage,
    };
  }
}
