/** What one request may ask for, shown where the answer is more than a closed connection. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { listOffsetsRequest } from "../../src/protocol/generated/list_offsets_request.ts";
import { listOffsetsResponse } from "../../src/protocol/generated/list_offsets_response.ts";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../src/protocol/generated/metadata_response.ts";
import { assembleBatch, Compression, encodeRecords } from "../../src/records/mod.ts";
import { compress } from "../../src/records/compress.ts";
import {
  createTopic,
  LATEST,
  MAX_TIMESTAMP,
  offsetOf,
  only,
  produce,
  textBatch,
} from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";

const MIB = 2 ** 20;

Deno.test("topics of one request that would have more than 10,000 partitions together are not made", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const create = async (...counts: readonly number[]) => {
    const answer = await client.send(createTopicsRequest, createTopicsResponse, 7, {
      topics: counts.map((numPartitions) => ({
        name: `of-${numPartitions}`,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: [],
      })),
      timeoutMs: 1000,
    });
    return answer.topics.map(({ errorCode }) => errorCode);
  };
  const { NONE, POLICY_VIOLATION } = ErrorCode;
  assert.deepEqual(await create(7000, 3001), [POLICY_VIOLATION, POLICY_VIOLATION]);
  assert.deepEqual(await create(7000, 3000), [NONE, NONE]);
});

Deno.test("one Metadata request creates topics of 10,000 partitions at most; the next one creates the rest", async () => {
  await using broker = await TestBroker.start({ config: { defaultPartitions: 4000 } });
  const client = await broker.connect();
  const ask = async () => {
    const answer = await client.send(metadataRequest, metadataResponse, 9, {
      topics: ["a", "b", "c"].map((name) => ({ name })),
      allowAutoTopicCreation: true,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    return answer.topics.map(({ errorCode }) => errorCode);
  };
  const { NONE, UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode;
  assert.deepEqual(await ask(), [NONE, NONE, UNKNOWN_TOPIC_OR_PARTITION]);
  assert.deepEqual(await ask(), [NONE, NONE, NONE]);
});

Deno.test("an offset that is asked for twice is given neither time, wherever in the request the two stand", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const { name } = await createTopic(client, "asked", { partitions: 3 });
  const answer = await client.send(listOffsetsRequest, listOffsetsResponse, 8, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [[0, 1], [1, 2]].map((partitions) => ({
      name,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp: LATEST })),
    })),
  });
  const results = only(answer.topics).partitions;
  assert.deepEqual(results.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode]), [
    [0, ErrorCode.NONE],
    [1, ErrorCode.INVALID_REQUEST],
    [2, ErrorCode.NONE],
  ]);
});

Deno.test("a batch that unpacks to more than anyone should hold is found by time without unpacking it", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "bomb");
  const nowMs = Date.now();
  await produce(client, topic, textBatch(["before"], nowMs - 1000));
  const records = [0, 1, 2].map((offsetDelta) => ({
    value: new Uint8Array(8 * MIB),
    timestampMs: nowMs + offsetDelta,
    offsetDelta,
  }));
  const packed = compress(Compression.GZIP, encodeRecords(records, nowMs));
  const batch = assembleBatch(packed, {
    recordCount: 3,
    lastOffsetDelta: 2,
    baseTimestampMs: nowMs,
    maxTimestampMs: nowMs + 2,
    compression: Compression.GZIP,
  });
  assert.equal((await produce(client, topic, batch)).errorCode, ErrorCode.NONE);
  const since = async (timestampMs: number) => {
    const { offset, timestamp, errorCode } = await offsetOf(client, topic, timestampMs);
    return { offset, timestamp: timestamp - nowMs, errorCode };
  };
  assert.deepEqual(await since(nowMs - 1000), { offset: 0, timestamp: -1000, errorCode: 0 });
  assert.deepEqual(await since(nowMs + 1), { offset: 1, timestamp: 2, errorCode: 0 });
  assert.deepEqual(await since(MAX_TIMESTAMP), { offset: 3, timestamp: 2, errorCode: 0 });
});
