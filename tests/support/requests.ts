/** Requests of everyday use with their usual values, so that a test says only what it is about. */
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { deleteTopicsRequest } from "../../src/protocol/generated/delete_topics_request.ts";
import { deleteTopicsResponse } from "../../src/protocol/generated/delete_topics_response.ts";
import { fetchRequest, type FetchRequestInput } from "../../src/protocol/generated/fetch_request.ts";
import {
  type FetchResponse,
  fetchResponse,
  type FetchResponsePartitionData,
} from "../../src/protocol/generated/fetch_response.ts";
import { initProducerIdRequest } from "../../src/protocol/generated/init_producer_id_request.ts";
import { initProducerIdResponse } from "../../src/protocol/generated/init_producer_id_response.ts";
import { listOffsetsRequest } from "../../src/protocol/generated/list_offsets_request.ts";
import {
  listOffsetsResponse,
  type ListOffsetsResponseListOffsetsPartitionResponse,
} from "../../src/protocol/generated/list_offsets_response.ts";
import { produceRequest, type ProduceRequestInput } from "../../src/protocol/generated/produce_request.ts";
import {
  produceResponse,
  type ProduceResponsePartitionProduceResponse,
} from "../../src/protocol/generated/produce_response.ts";
import { zeroUuid } from "../../src/protocol/mod.ts";
import { batchAt, BatchHeader, RecordCursor } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import type { WireClient } from "./wire_client.ts";

export type ProduceResult = ProduceResponsePartitionProduceResponse;
export type FetchResult = FetchResponsePartitionData;
export type OffsetResult = ListOffsetsResponseListOffsetsPartitionResponse;

/** A topic as requests name it: by name before, by id from some version on. */
export interface TopicRef {
  readonly name: string;
  readonly topicId: string;
}

/** From here on Produce and Fetch name topics by id. */
export const TOPIC_IDS_FROM = 13;
const DECOMPRESSED_BYTES_MAX = 64 * 2 ** 20;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes a topic and answers its name and id; throws when the broker refuses. */
export async function createTopic(
  client: WireClient,
  name: string,
  options: { readonly partitions?: number; readonly configs?: Readonly<Record<string, string>> } = {},
): Promise<TopicRef> {
  const answer = await client.send(createTopicsRequest, createTopicsResponse, 7, {
    topics: [{
      name,
      numPartitions: options.partitions ?? 1,
      replicationFactor: 1,
      assignments: [],
      configs: Object.entries(options.configs ?? {}).map(([key, value]) => ({ name: key, value })),
    }],
    timeoutMs: 30_000,
  });
  const [topic] = answer.topics;
  if (topic === undefined || topic.errorCode !== 0) {
    throw new Error(`no topic ${name}: error ${topic?.errorCode}, ${topic?.errorMessage}`);
  }
  return { name, topicId: topic.topicId };
}

/** Deletes a topic and answers the error code. */
export async function deleteTopic(client: WireClient, name: string): Promise<number> {
  const answer = await client.send(deleteTopicsRequest, deleteTopicsResponse, 6, {
    topics: [{ name, topicId: zeroUuid }],
    timeoutMs: 30_000,
  });
  return only(answer.responses).errorCode;
}

/** A batch of one record per value, of this moment unless told otherwise. */
export function textBatch(values: readonly string[], timestampMs = Date.now()): Uint8Array {
  return buildBatch(values.map((value) => ({ value: encoder.encode(value), timestampMs })));
}

/** What a produce of one batch may differ in. */
export interface ProduceOptions {
  readonly version?: number;
  readonly acks?: number;
  readonly partition?: number;
  readonly transactionalId?: string | null;
}

/** A Produce request with one batch, for any version. */
export function produceInput(
  topic: TopicRef,
  records: Uint8Array | null,
  { acks = -1, partition = 0, transactionalId = null }: ProduceOptions = {},
): ProduceRequestInput {
  return {
    transactionalId,
    acks,
    timeoutMs: 30_000,
    topicData: [{ ...topic, partitionData: [{ index: partition, records }] }],
  };
}

/** Produces one batch and gives its partition's part of the answer. */
export async function produce(
  client: WireClient,
  topic: TopicRef,
  records: Uint8Array | null,
  options: ProduceOptions = {},
): Promise<ProduceResult> {
  const { version = 9 } = options;
  const answer = await client.send(
    produceRequest,
    produceResponse,
    version,
    produceInput(topic, records, options),
  );
  return only(answer.responses.flatMap(({ partitionResponses }) => partitionResponses));
}

/** What a fetch of one partition may differ in. */
export interface FetchOptions {
  readonly version?: number;
  readonly partition?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly isolationLevel?: number;
  readonly currentLeaderEpoch?: number;
  readonly lastFetchedEpoch?: number;
}

/** A sessionless Fetch request of one partition, for any version. Answered at once unless `maxWaitMs` is given. */
export function fetchInput(
  topic: TopicRef,
  fetchOffset: number,
  options: FetchOptions = {},
): FetchRequestInput {
  return {
    maxWaitMs: options.maxWaitMs ?? 0,
    minBytes: options.minBytes ?? 1,
    maxBytes: options.maxBytes ?? 2 ** 26,
    isolationLevel: options.isolationLevel ?? 0,
    sessionEpoch: -1,
    topics: [{
      topic: topic.name,
      topicId: topic.topicId,
      partitions: [{
        partition: options.partition ?? 0,
        fetchOffset,
        partitionMaxBytes: options.partitionMaxBytes ?? 2 ** 26,
        ...(options.currentLeaderEpoch !== undefined && { currentLeaderEpoch: options.currentLeaderEpoch }),
        ...(options.lastFetchedEpoch !== undefined && { lastFetchedEpoch: options.lastFetchedEpoch }),
      }],
    }],
    forgottenTopicsData: [],
  };
}

/** Fetches from one partition, without a session. */
export async function fetch(
  client: WireClient,
  topic: TopicRef,
  fetchOffset: number,
  options: FetchOptions = {},
): Promise<FetchResult> {
  const { version = 12 } = options;
  const answer = await client.send(
    fetchRequest,
    fetchResponse,
    version,
    fetchInput(topic, fetchOffset, options),
  );
  return only(fetchResults(answer));
}

/** The partitions of a Fetch answer, over all topics. */
export function fetchResults(answer: FetchResponse): FetchResult[] {
  return answer.responses.flatMap(({ partitions }) => partitions);
}

/** Asks for one offset; `timestampMs` may be one of the special values. */
export async function offsetOf(
  client: WireClient,
  topic: TopicRef,
  timestampMs: number,
  options: { readonly version?: number; readonly partition?: number } = {},
): Promise<OffsetResult> {
  const { version = 8, partition = 0 } = options;
  const answer = await client.send(listOffsetsRequest, listOffsetsResponse, version, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic.name, partitions: [{ partitionIndex: partition, timestamp: timestampMs }] }],
  });
  return only(answer.topics.flatMap(({ partitions }) => partitions));
}

/** Timestamps of ListOffsets that are none. */
export const LATEST = -1;
export const EARLIEST = -2;
export const MAX_TIMESTAMP = -3;

/** A fresh id for an idempotent producer. */
export async function newProducerId(client: WireClient): Promise<number> {
  const answer = await client.send(initProducerIdRequest, initProducerIdResponse, 4, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
  });
  if (answer.errorCode !== 0) throw new Error(`no producer id: error ${answer.errorCode}`);
  return answer.producerId;
}

/** One record as a consumer sees it. */
export interface ReadRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** The whole batches in a fetch's records, and their records; throws when one of them is not sound. */
export function readRecords(bytes: Uint8Array | null): ReadRecord[] {
  return readBatches(bytes).flatMap(({ records }) => records);
}

/** The headers and records of the batches in a fetch's records. */
export function readBatches(
  bytes: Uint8Array | null,
): { readonly header: BatchHeader; readonly records: readonly ReadRecord[] }[] {
  const batches = [];
  const all = bytes ?? new Uint8Array(0);
  for (let at = 0; at < all.length;) {
    const length = batchAt(all, at, all.length);
    if (length < 0) {
      // A broker may fill the last bytes that a fetch allows with the beginning of a batch.
      if (at > 0) return batches;
      throw new Error(`no whole batch in ${all.length} bytes`);
    }
    const header = new BatchHeader().read(all, at);
    batches.push({ header, records: recordsOf(all, at, header) });
    at += length;
  }
  return batches;
}

function recordsOf(bytes: Uint8Array, at: number, header: BatchHeader): ReadRecord[] {
  const cursor = new RecordCursor();
  const fault = cursor.open(bytes, at, header, DECOMPRESSED_BYTES_MAX);
  if (fault !== null) throw new Error(`a batch that does not open: ${fault}`);
  const records: ReadRecord[] = [];
  while (cursor.next()) {
    const { offset, timestampMs } = cursor;
    records.push({ offset, timestampMs, key: textOf(cursor.key()), value: textOf(cursor.value()) });
  }
  if (cursor.fault !== null) throw new Error(`a batch with ${cursor.fault}`);
  return records;
}

/** All records of a partition, from its start to its end, however many fetches it takes. */
export async function readAll(client: WireClient, topic: TopicRef, partition = 0): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  let offset = (await offsetOf(client, topic, EARLIEST, { partition })).offset;
  for (;;) {
    const result = await fetch(client, topic, offset, { partition });
    if (result.errorCode !== 0) throw new Error(`fetch at ${offset}: error ${result.errorCode}`);
    const got = readRecords(result.records).filter((record) => record.offset >= offset);
    if (got.length === 0) {
      if (result.highWatermark > offset) {
        throw new Error(`nothing at ${offset} below ${result.highWatermark}`);
      }
      return records;
    }
    records.push(...got);
    offset = got.at(-1)!.offset + 1;
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : decoder.decode(bytes);
}

/** The one element that there is. */
export function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length > 1) throw new Error(`one is due, ${items.length} came`);
  return item;
}
