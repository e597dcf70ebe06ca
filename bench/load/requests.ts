/**
 * The few requests that the load needs, encoded once and sent over and over.
 * Versions are old enough for any broker of the last years and new enough that
 * every one still takes them.
 */
import { beginFrame, endFrame, type MessageCodec, Reader, Writer } from "../../src/protocol/mod.ts";
import { apiVersionsRequest } from "../../src/protocol/generated/api_versions_request.ts";
import { apiVersionsResponse } from "../../src/protocol/generated/api_versions_response.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { deleteTopicsRequest } from "../../src/protocol/generated/delete_topics_request.ts";
import { deleteTopicsResponse } from "../../src/protocol/generated/delete_topics_response.ts";
import { initProducerIdRequest } from "../../src/protocol/generated/init_producer_id_request.ts";
import { initProducerIdResponse } from "../../src/protocol/generated/init_producer_id_response.ts";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../src/protocol/generated/metadata_response.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import type { ProducerIdentity } from "./batches.ts";
import { readInt32, readInt64, writeInt32 } from "../../src/records/mod.ts";

/** Kafka's error codes that the load tells apart. */
const ERROR = {
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  topicAlreadyExists: 36,
  invalidReplicationFactor: 38,
  notController: 41,
} as const;

const PRODUCE_VERSION = 9;
const METADATA_VERSION = 4;
const CREATE_TOPICS_VERSION = 4;
const DELETE_TOPICS_VERSION = 1;
const API_VERSIONS_VERSION = 0;
const INIT_PRODUCER_ID_VERSION = 4;

/** acks=all: every broker keeps its full promise. */
const ACKS_ALL = -1;
const CLIENT_ID = "klite-bench";
const TIMEOUT_MS = 30_000;
/** Where the correlation id lies in a request frame: behind size, API key and version. */
const CORRELATION_ID_AT = 8;

/** A broker's answer may be as long as it likes. */
const reader = new Reader(undefined, { maxElements: Number.MAX_SAFE_INTEGER });

/** The broker answered with an error code. */
export class BrokerError extends Error {
  override readonly name = "BrokerError";

  constructor(what: string, readonly errorCode: number, detail: string | null = null) {
    super(`${what} failed with error ${errorCode}${detail === null ? "" : `: ${detail}`}`);
  }
}

/** Gives a request frame at `bytes[at]` its correlation id. */
export function setCorrelationId(bytes: Uint8Array, at: number, correlationId: number): void {
  writeInt32(bytes, at + CORRELATION_ID_AT, correlationId);
}

/** A request with its size in front; the correlation id is 0 until it is set. */
export function frame<Value, Input>(
  codec: MessageCodec<Value, Input>,
  version: number,
  body: Input,
  clientId = CLIENT_ID,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  const at = beginFrame(writer);
  writer.int16(codec.apiKey);
  writer.int16(version);
  writer.int32(0);
  writer.nullableString(clientId, false);
  if (codec.headerVersion(version) >= 2) writer.uvarint(0);
  codec.encode(writer, body, version);
  endFrame(writer, at);
  return writer.bytes().slice();
}

/** Decodes `bytes[start, end)`, a response from its correlation id on. */
function decode<Value, Input>(
  codec: MessageCodec<Value, Input>,
  version: number,
  { bytes, start, end }: ResponseBytes,
): Value {
  reader.reset(bytes, start, end);
  reader.int32();
  if (codec.headerVersion(version) >= 1) reader.skipTaggedFields();
  return codec.decode(reader, version);
}

/** Where a response lies, from its correlation id on. */
export interface ResponseBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly start: number;
  readonly end: number;
}

/** One batch to one partition, to be acknowledged by all replicas; copies of it go to other partitions. */
export class PreparedProduce {
  /** The request to partition 0, its correlation id not set. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the batch lies. */
  readonly recordsAt: number;
  readonly #partitionAt: number;

  constructor(topic: string, records: Uint8Array, clientId?: string) {
    this.bytes = encodeProduce(topic, 0, records, clientId);
    // Only the partition differs between the two.
    const other = encodeProduce(topic, -1, records, clientId);
    this.#partitionAt = this.bytes.findIndex((byte, at) => byte !== other[at]);
    // Behind the batch come the tags of partition, topic and request, one byte each.
    this.recordsAt = this.bytes.length - 3 - records.length;
  }

  /** Sends the copy at `bytes[at]` to another partition. */
  setPartition(bytes: Uint8Array, at: number, partition: number): void {
    writeInt32(bytes, at + this.#partitionAt, partition);
  }
}

function encodeProduce(
  topic: string,
  index: number,
  records: Uint8Array,
  clientId?: string,
): Uint8Array<ArrayBuffer> {
  const body = {
    acks: ACKS_ALL,
    timeoutMs: TIMEOUT_MS,
    topicData: [{ name: topic, partitionData: [{ index, records }] }],
  };
  return frame(produceRequest, PRODUCE_VERSION, body, clientId);
}

/**
 * Reads the answers to {@link PreparedProduce} of one topic without decoding them whole: in a
 * response for one partition everything lies at a fixed place.
 */
export class AckReader {
  readonly #errorCodeAt: number;

  constructor(topic: string) {
    // Correlation id, tags, topic count, name length, name, partition count, partition index.
    this.#errorCodeAt = 4 + 1 + 1 + 1 + new TextEncoder().encode(topic).length + 1 + 4;
  }

  /** The offset that the batch was given. Throws when the broker reports an error. */
  baseOffset(bytes: Uint8Array, start: number, end: number): number {
    const at = start + this.#errorCodeAt;
    if (at + 10 > end) throw new Error("a produce was answered too briefly");
    const errorCode = (bytes[at]! << 8) | bytes[at + 1]!;
    if (errorCode !== 0) throw new BrokerError("a produce", errorCode);
    return readInt64(bytes, at + 2);
  }
}

/** The correlation id of the response at `start`. */
export function correlationIdAt(bytes: Uint8Array, start: number): number {
  return readInt32(bytes, start);
}

/** Whether an error says that a new topic's leader has not taken office yet. */
export function isNotYetServed(error: unknown): boolean {
  return error instanceof BrokerError &&
    (error.errorCode === ERROR.unknownTopicOrPartition || error.errorCode === ERROR.leaderNotAvailable ||
      error.errorCode === ERROR.notLeader);
}

/** Asks which APIs are served, in which versions. */
export function encodeApiVersions(): Uint8Array<ArrayBuffer> {
  return frame(apiVersionsRequest, API_VERSIONS_VERSION, {});
}

/** The keys of the APIs that are served. */
export function decodeApiVersions(response: ResponseBytes): ReadonlySet<number> {
  const { errorCode, apiKeys } = decode(apiVersionsResponse, API_VERSIONS_VERSION, response);
  if (errorCode !== 0) throw new BrokerError("ApiVersions", errorCode);
  return new Set(apiKeys.map(({ apiKey }) => apiKey));
}

/** Asks for the identity of an idempotent producer. */
export function encodeInitProducerId(): Uint8Array<ArrayBuffer> {
  return frame(initProducerIdRequest, INIT_PRODUCER_ID_VERSION, {
    transactionalId: null,
    transactionTimeoutMs: 0,
  });
}

/** The identity; null while the broker cannot give one yet. Throws for any other error. */
export function decodeInitProducerId(response: ResponseBytes): ProducerIdentity | null {
  const { errorCode, producerId, producerEpoch } = decode(
    initProducerIdResponse,
    INIT_PRODUCER_ID_VERSION,
    response,
  );
  switch (errorCode) {
    case 0:
      return { producerId, producerEpoch };
    case ERROR.coordinatorLoading:
    case ERROR.coordinatorNotAvailable:
      return null;
    default:
      throw new BrokerError("InitProducerId", errorCode);
  }
}

/** Asks for one topic with one replica. */
export function encodeCreateTopic(name: string, numPartitions: number): Uint8Array<ArrayBuffer> {
  return encodeCreateTopics([name], numPartitions);
}

/** Asks for several topics at once. */
export function encodeCreateTopics(names: readonly string[], numPartitions: number): Uint8Array<ArrayBuffer> {
  return frame(createTopicsRequest, CREATE_TOPICS_VERSION, {
    topics: names.map((name) => ({
      name,
      numPartitions,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    })),
    timeoutMs: TIMEOUT_MS,
  });
}

/** How many topics of such a request are not there now. */
export function refusedTopics(response: ResponseBytes): number {
  const { topics } = decode(createTopicsResponse, CREATE_TOPICS_VERSION, response);
  return topics.filter(({ errorCode }) => errorCode !== 0 && errorCode !== ERROR.topicAlreadyExists).length;
}

/** Whether the topic is there now; false while the broker is still starting. Throws for any other error. */
export function decodeCreateTopic(response: ResponseBytes): boolean {
  const [topic] = decode(createTopicsResponse, CREATE_TOPICS_VERSION, response).topics;
  if (topic === undefined) throw new Error("CreateTopics answered for no topic");
  switch (topic.errorCode) {
    case 0:
    case ERROR.topicAlreadyExists:
      return true;
    case ERROR.requestTimedOut:
    case ERROR.coordinatorNotAvailable:
    case ERROR.invalidReplicationFactor: // Kafka, before it counts itself among the brokers
    case ERROR.notController:
      return false;
    default:
      throw new BrokerError("CreateTopics", topic.errorCode, topic.errorMessage);
  }
}

/** Asks for the end of topics, with all their records. */
export function encodeDeleteTopics(topicNames: readonly string[]): Uint8Array<ArrayBuffer> {
  return frame(deleteTopicsRequest, DELETE_TOPICS_VERSION, {
    topics: [],
    topicNames: [...topicNames],
    timeoutMs: TIMEOUT_MS,
  });
}

/** Throws when a topic was not deleted. */
export function checkDeleteTopics(response: ResponseBytes): void {
  const { responses } = decode(deleteTopicsResponse, DELETE_TOPICS_VERSION, response);
  const failed = responses.find(({ errorCode }) => errorCode !== 0);
  if (failed !== undefined) throw new BrokerError(`DeleteTopics of ${failed.name}`, failed.errorCode);
}

/** Asks about one topic, which is not to be created by asking. */
export function encodeMetadata(name: string): Uint8Array<ArrayBuffer> {
  return frame(metadataRequest, METADATA_VERSION, {
    topics: [{ name }],
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
}

/** Asks about all topics. */
export function encodeMetadataOfAll(): Uint8Array<ArrayBuffer> {
  return frame(metadataRequest, METADATA_VERSION, {
    topics: null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
}

/** How many partitions a broker tells of. */
export function countPartitions(response: ResponseBytes): number {
  const { topics } = decode(metadataResponse, METADATA_VERSION, response);
  return topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
}

/** The topics that a broker tells of, but for those that are its own. */
export function decodeTopicNames(response: ResponseBytes): string[] {
  const { topics } = decode(metadataResponse, METADATA_VERSION, response);
  return topics.flatMap(({ name, isInternal }) => name === null || isInternal ? [] : [name]);
}

/** How many partitions of the topic asked for have a leader. */
export function decodePartitionsWithLeader(response: ResponseBytes): number {
  const [topic] = decode(metadataResponse, METADATA_VERSION, response).topics;
  const led = topic?.partitions.filter(({ errorCode, leaderId }) => errorCode === 0 && leaderId >= 0);
  return led?.length ?? 0;
}
