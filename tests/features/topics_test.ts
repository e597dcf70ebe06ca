import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { createPartitionsRequest } from "../../src/protocol/generated/create_partitions_request.ts";
import { createPartitionsResponse } from "../../src/protocol/generated/create_partitions_response.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../src/protocol/generated/metadata_response.ts";
import {
  createTopic,
  deleteTopic,
  fetch,
  only,
  produce,
  readAll,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

async function allTopics(client: WireClient) {
  const { topics } = await client.send(metadataRequest, metadataResponse, 12, {
    topics: null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  return topics.map(({ name, topicId, partitions }) => ({ name, topicId, partitions: partitions.length }));
}

async function grow(client: WireClient, name: string, count: number): Promise<number> {
  const answer = await client.send(createPartitionsRequest, createPartitionsResponse, 3, {
    topics: [{ name, count, assignments: null }],
    timeoutMs: 1000,
    validateOnly: false,
  });
  return only(answer.results).errorCode;
}

Deno.test("topics, their ids, partitions and configs outlive restarts", async () => {
  await using broker = await TestBroker.start();
  let client = await broker.connect();
  const short = await createTopic(client, "short", { configs: { "max.message.bytes": "200" } });
  const long = await createTopic(client, "long", { partitions: 2 });
  await createTopic(client, "gone");
  assert.equal(await grow(client, "long", 5), ErrorCode.NONE);
  assert.equal(await deleteTopic(client, "gone"), ErrorCode.NONE);
  for (let life = 0; life < 3; life++) {
    assert.deepEqual(await allTopics(client), [
      { ...short, partitions: 1 },
      { ...long, partitions: 5 },
    ]);
    const large = await produce(client, short, textBatch(["x".repeat(200)]));
    assert.equal(large.errorCode, ErrorCode.MESSAGE_TOO_LARGE, "the config is obeyed");
    const last = await produce(client, long, textBatch([`life ${life}`]), { partition: 4 });
    assert.equal(last.baseOffset, life);
    await broker.restart();
    client = await broker.connect();
  }
});

Deno.test("a topic made anew under an old name has none of the old records, and another id", async () => {
  await using broker = await TestBroker.start();
  let client = await broker.connect();
  const first = await createTopic(client, "again");
  await produce(client, first, textBatch(["old"]));
  assert.equal(await deleteTopic(client, "again"), ErrorCode.NONE);
  assert.equal((await fetch(client, first, 0)).errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const second = await createTopic(client, "again");
  assert.notEqual(second.topicId, first.topicId);
  for (let life = 0; life < 2; life++) {
    const byOldId = await fetch(client, first, 0, { version: 13 });
    assert.equal(byOldId.errorCode, ErrorCode.UNKNOWN_TOPIC_ID);
    const toOldId = await produce(client, first, textBatch(["late"]), { version: 13 });
    assert.equal(toOldId.errorCode, ErrorCode.UNKNOWN_TOPIC_ID);
    assert.deepEqual((await readAll(client, second)).map(({ value }) => value), life === 0 ? [] : ["new"]);
    if (life === 0) await produce(client, second, textBatch(["new"]));
    await broker.restart();
    client = await broker.connect();
  }
});

Deno.test("a check makes nothing, and says what it would make", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = { name: "checked", numPartitions: 7, replicationFactor: 1, assignments: [] };
  const answer = await client.send(createTopicsRequest, createTopicsResponse, 7, {
    topics: [{ ...topic, configs: [{ name: "retention.ms", value: "77" }] }],
    validateOnly: true,
  });
  const { errorCode, numPartitions, configs } = only(answer.topics);
  assert.deepEqual([errorCode, numPartitions], [ErrorCode.NONE, 7]);
  assert.equal(configs?.find(({ name }) => name === "retention.ms")?.value, "77");
  assert.deepEqual(await allTopics(client), []);
});

Deno.test("the answer to a new topic tells every config, where its value comes from included", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = { name: "told", numPartitions: 1, replicationFactor: 1, assignments: [] };
  const answer = await client.send(createTopicsRequest, createTopicsResponse, 5, {
    topics: [{ ...topic, configs: [{ name: "cleanup.policy", value: "compact" }] }],
  });
  const configs = only(answer.topics).configs ?? [];
  assert.equal(configs.length, 33);
  for (const { name, value, configSource, readOnly, isSensitive } of configs) {
    const isOwn = name === "cleanup.policy";
    assert.deepEqual([configSource, readOnly, isSensitive], [isOwn ? 1 : 5, false, false], name);
    assert.notEqual(value, null);
    if (isOwn) assert.equal(value, "compact");
  }
});

Deno.test("many topics with many partitions hold their own records, also after restarts", async () => {
  await using broker = await TestBroker.start();
  let client = await broker.connect();
  const topics: TopicRef[] = [];
  for (let index = 0; index < 60; index++) {
    topics.push(await createTopic(client, `topic-${index}`, { partitions: 50 }));
  }
  const places = topics.flatMap((topic) => [0, 17, 49].map((partition) => ({ topic, partition })));
  const write = (word: string) =>
    Promise.all(
      places.map(({ topic, partition }) =>
        produce(client, topic, textBatch([`${topic.name} ${partition} ${word}`]), { partition })
      ),
    );
  await write("one");
  for (const word of ["two", "three"]) {
    await broker.restart();
    client = await broker.connect();
    assert.equal((await allTopics(client)).length, 60);
    await write(word);
  }
  for (const { topic, partition } of places) {
    assert.deepEqual(
      (await readAll(client, topic, partition)).map(({ value }) => value),
      ["one", "two", "three"].map((word) => `${topic.name} ${partition} ${word}`),
    );
  }
});

Deno.test("a topic of the largest size that one request may make is there, and one larger is refused", async () => {
  await using broker = await TestBroker.start();
  let client = await broker.connect();
  const topic = await createTopic(client, "wide", { partitions: 10_000 });
  await assert.rejects(createTopic(client, "wider", { partitions: 10_001 }), /error 44/);
  await produce(client, topic, textBatch(["last"]), { partition: 9_999 });
  await broker.restart();
  client = await broker.connect();
  assert.deepEqual(await allTopics(client), [{ ...topic, partitions: 10_000 }]);
  assert.deepEqual((await readAll(client, topic, 9_999)).map(({ value }) => value), ["last"]);
});
