/**
 * Produce 3–13; 0–2 are named to clients but not served, exactly as in Kafka 4
 * (librdkafka looks for them). 8 adds record errors (KIP-467), 9 is flexible, 10
 * names the current leader (KIP-951), 12 lets transactions add partitions by
 * writing (KIP-890), 13 names topics by id.
 *
 * acks −1 and 1 are answered once the batch is durable, 0 never. An error that
 * has no answer closes the connection, as in Kafka, so that the client notices.
 *
 * Whoever may not write to a topic is not told whether it exists. Who has no right to the transactional id of
 * records in a transaction is refused as a whole.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import type { Partition, Topic } from "../../cluster/mod.ts";
import {
  appenderOf,
  type AppendOutcome,
  type ProduceRequestFacts,
  type RecordAppender,
} from "../../engine/records/mod.ts";
import { type ProduceRequest, produceRequest } from "../../protocol/generated/produce_request.ts";
import {
  produceResponse,
  type ProduceResponseInput,
  type ProduceResponsePartitionProduceResponseInput,
  type ProduceResponseTopicProduceResponseInput,
} from "../../protocol/generated/produce_response.ts";
import { isTransactionalAt } from "../../records/outside.ts";
import {
  AnswerAfter,
  type Call,
  CLOSE_CONNECTION,
  defineApi,
  type Handled,
  NO_RESPONSE,
  type Services,
} from "../api.ts";
import { AclOperation, mayOnTopic, mayOnTransaction } from "../rights.ts";

type TopicResult = ProduceResponseTopicProduceResponseInput;
type PartitionResult = ProduceResponsePartitionProduceResponseInput;

/** From here on topics are named by id. */
const TOPIC_IDS_FROM = 13;

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

type TopicData = ProduceRequest["topicData"][number];
type PartitionData = TopicData["partitionData"][number];

/**
 * One Produce request on its way: its batches are appended in order, and the answer is formed in the same go. Where
 * the log has no room it stops, and goes on from there.
 */
class ProduceRun {
  readonly #services: Services;
  readonly #call: Call;
  readonly #appender: RecordAppender;
  readonly #request: ProduceRequest;
  readonly #byId: boolean;
  readonly #facts: Facts;
  /** What all of it is refused with, or no error. */
  readonly #refusal: number;
  #responses: TopicResult[] | undefined;
  #topicData: readonly TopicData[];
  /** Where it is in `#topicData`. */
  #topicIndex = 0;
  #partitionIndex = 0;
  #results: PartitionResult[] | undefined;
  #lsn = 0;
  #failed = false;
  /** What is left cannot wait for room, or not any more. */
  #isTooMuch = false;

  constructor(services: Services, request: ProduceRequest, call: Call) {
    this.#services = services;
    this.#call = call;
    this.#appender = appenderOf(services.engine);
    this.#request = request;
    this.#byId = call.version >= TOPIC_IDS_FROM;
    this.#facts = new Facts(call.version, request.transactionalId);
    this.#topicData = request.topicData;
    this.#refusal = services.authorizer.isOpen ? ErrorCode.NONE : transactionRefusal(services, call, request);
  }

  /** Appends what is left; false when the log has no room ready yet. */
  step(): boolean {
    for (; this.#topicIndex < this.#topicData.length; this.#topicIndex++) {
      const data = this.#topicData[this.#topicIndex]!;
      // While the request waited for room the topic may have been deleted.
      const topic = this.#find(data);
      const problem = this.#problem(data, topic);
      for (; this.#partitionIndex < data.partitionData.length; this.#partitionIndex++) {
        const partitionData = data.partitionData[this.#partitionIndex]!;
        const partition = topic?.partitions[partitionData.index];
        const outcome = problem === ErrorCode.NONE
          ? this.#append(partition, partitionData)
          : this.#appender.refuse(problem);
        if (outcome === null) return false;
        this.#take(outcome, partitionData.index);
      }
      this.#endTopic(data);
    }
    return true;
  }

  /** Queues up for room. The request's bytes are not ours for so long, so they are copied. */
  async stepWhenThereIsRoom(): Promise<Handled<ProduceResponseInput>> {
    const { engine } = this.#services;
    let bytes = 0;
    for (const { records } of this.#left()) bytes += records?.length ?? 0;
    let isDone = false;
    if (engine.room.hasRoomFor(bytes)) {
      this.#keepRecords();
      isDone = await engine.room.run(
        bytes,
        this.#request.timeoutMs,
        () => this.step(),
        () => this.#appender.waiting(),
      );
    }
    if (!isDone) {
      this.#isTooMuch = true;
      this.step();
    }
    return this.answer();
  }

  /** The response, once what it promises is durable. */
  answer(): Handled<ProduceResponseInput> {
    const { engine, settings } = this.#services;
    if (this.#request.acks === 0) return this.#failed ? CLOSE_CONNECTION : NO_RESPONSE;
    const response = { responses: this.#responses ?? [] };
    if (this.#lsn <= engine.wal.durableLsn) return response;
    if (this.#request.acks === 1 && settings.ackBeforeSync && this.#lsn <= engine.wal.write()) {
      return response;
    }
    return new AnswerAfter(response, engine.wal.whenDurable(this.#lsn));
  }

  #append(partition: Partition | undefined, { records }: PartitionData): AppendOutcome | null {
    const { acks } = this.#request;
    if (partition === undefined) return this.#appender.refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    if (acks < -1 || acks > 1) return this.#appender.refuse(ErrorCode.INVALID_REQUIRED_ACKS);
    if (this.#isTooMuch) return this.#appender.refuse(ErrorCode.KAFKA_STORAGE_ERROR);
    this.#facts.partition = partition;
    return this.#appender.append(partition, records, this.#services.settings.strictBatches, this.#facts);
  }

  #find({ name, topicId }: TopicData): Topic | undefined {
    const { state } = this.#services.engine;
    return this.#byId ? state.topicById(topicId) : state.topic(name);
  }

  /** Why nothing can be written to the topic. That an id is unknown may be known, that a name is may not. */
  #problem(data: TopicData, topic: Topic | undefined): number {
    if (this.#refusal !== ErrorCode.NONE) return this.#refusal;
    if (topic === undefined && this.#byId) return ErrorCode.UNKNOWN_TOPIC_ID;
    const name = topic?.name ?? data.name;
    if (!mayOnTopic(this.#services, this.#call, AclOperation.WRITE, name)) {
      return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
    }
    return topic === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE;
  }

  #take(outcome: AppendOutcome, index: number): void {
    const { errorCode, endLsn } = outcome;
    if (endLsn > this.#lsn) this.#lsn = endLsn;
    if (errorCode !== ErrorCode.NONE) this.#failed = true;
    this.#results = appended(this.#results, {
      index,
      errorCode,
      baseOffset: outcome.baseOffset,
      logAppendTimeMs: outcome.appendTimeMs,
      logStartOffset: outcome.logStartOffset,
      recordErrors: outcome.recordErrors,
      errorMessage: outcome.errorMessage,
    });
  }

  /** Topics without partitions are not answered. */
  #endTopic({ name, topicId }: TopicData): void {
    const partitionResponses = this.#results;
    this.#partitionIndex = 0;
    if (partitionResponses === undefined) return;
    const response = this.#byId ? { topicId, partitionResponses } : { name, partitionResponses };
    this.#responses = appended(this.#responses, response);
    this.#results = undefined;
  }

  /** What has not been appended yet. */
  *#left(): Iterable<PartitionData> {
    const [topic, ...others] = this.#topicData.slice(this.#topicIndex);
    if (topic !== undefined) yield* topic.partitionData.slice(this.#partitionIndex);
    for (const { partitionData } of others) yield* partitionData;
  }

  #keepRecords(): void {
    this.#topicData = this.#topicData.map((data, topicIndex) => ({
      ...data,
      partitionData: data.partitionData.map(({ index, records }, partitionIndex) => {
        const isDone = topicIndex < this.#topicIndex ||
          (topicIndex === this.#topicIndex && partitionIndex < this.#partitionIndex);
        return { index, records: isDone ? null : records?.slice() ?? null };
      }),
    }));
  }
}

/** The refusal of records in a transaction whose id the sender may not write with, or no error. */
function transactionRefusal(
  services: Services,
  call: Call,
  { transactionalId, topicData }: ProduceRequest,
): number {
  const isInTransaction = topicData.some(({ partitionData }) => partitionData.some(isTransactional));
  const isAllowed = !isInTransaction ||
    (transactionalId !== null && mayOnTransaction(services, call, AclOperation.WRITE, transactionalId));
  return isAllowed ? ErrorCode.NONE : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
}

/** Whether the first batch says so: what has more than one is refused. */
function isTransactional({ records }: PartitionData): boolean {
  return records !== null && isTransactionalAt(records, 0);
}

/** Most lists have one item, and one that is made with it takes a fifth of what an empty one takes that grows. */
function appended<Item>(list: Item[] | undefined, item: Item): Item[] {
  if (list === undefined) return [item];
  list.push(item);
  return list;
}
