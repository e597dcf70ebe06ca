/** Configs that are changed while the broker runs are obeyed from then on, and after a restart. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { api } from "../parity/api.ts";
import { createTopic, produce, textBatch, type TopicRef } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const TOPIC = 2;
const BROKER = 4;
const LOGGER = 8;
const SET = 0;
const DELETE = 1;

async function change(client: WireClient, type: number, name: string, key: string, value: string | null) {
  const { request, response } = api.incrementalAlterConfigs;
  const { responses } = await client.send(request, response, 1, {
    resources: [{
      resourceType: type,
      resourceName: name,
      configs: [{ name: key, configOperation: value === null ? DELETE : SET, value }],
    }],
    validateOnly: false,
  });
  assert.equal(responses[0]?.errorCode, ErrorCode.NONE);
}

async function sends(client: WireClient, topic: TopicRef, bytes: number): Promise<number> {
  return (await produce(client, topic, textBatch(["x".repeat(bytes)]))).errorCode;
}

Deno.test("the largest batch is as the topic says, else as the broker says, from one produce to the next", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "sized");
  assert.equal(await sends(client, topic, 5000), ErrorCode.NONE);
  await change(client, BROKER, "", "message.max.bytes", "4000");
  assert.equal(await sends(client, topic, 5000), ErrorCode.MESSAGE_TOO_LARGE);
  await change(client, TOPIC, topic.name, "max.message.bytes", "6000");
  assert.equal(await sends(client, topic, 5000), ErrorCode.NONE);
  await change(client, TOPIC, topic.name, "max.message.bytes", null);
  assert.equal(await sends(client, topic, 5000), ErrorCode.MESSAGE_TOO_LARGE);
  await client[Symbol.asyncDispose]();

  await broker.restart();
  await using again = await broker.connect();
  assert.equal(await sends(again, topic, 5000), ErrorCode.MESSAGE_TOO_LARGE);
  await change(again, BROKER, "", "message.max.bytes", null);
  assert.equal(await sends(again, topic, 5000), ErrorCode.NONE);
});

Deno.test("a topic gets and keeps its own configs, whatever the broker's are", async () => {
  await using broker = await TestBroker.start();
  await using client = await broker.connect();
  await change(client, BROKER, "", "log.cleanup.policy", "compact");
  const followed = await createTopic(client, "followed");
  const { topics } = await client.send(api.createTopics.request, api.createTopics.response, 7, {
    topics: [{
      name: "own",
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [{ name: "cleanup.policy", value: "delete" }],
    }],
  });
  const told = topics[0]?.configs?.filter(({ name }) => name === "cleanup.policy" || name === "retention.ms");
  assert.deepEqual(told?.map(({ value, configSource }) => [value, configSource]).toSorted(), [[
    "604800000",
    5,
  ], [
    "delete",
    1,
  ]]);
  // Where records are compacted each has a key.
  assert.equal(await sends(client, followed, 10), ErrorCode.INVALID_RECORD);
  assert.equal(await sends(client, { name: "own", topicId: topics[0]?.topicId ?? "" }, 10), ErrorCode.NONE);
});

Deno.test("the log's level is changed as that of Kafka's root logger is", async () => {
  await using broker = await TestBroker.start({ config: { nodeId: 1 } });
  await using client = await broker.connect();
  await change(client, LOGGER, "1", "root", "TRACE");
  const { request, response } = api.describeConfigs;
  const { results } = await client.send(request, response, 4, {
    resources: [{ resourceType: LOGGER, resourceName: "1", configurationKeys: null }],
  });
  assert.deepEqual(results[0]?.configs.map(({ name, value }) => [name, value]), [["root", "DEBUG"]]);
});

Deno.test("what is asked for twice in DescribeConfigs is told once", async () => {
  await using broker = await TestBroker.start();
  await using client = await broker.connect();
  const { name } = await createTopic(client, "asked");
  const { request, response } = api.describeConfigs;
  const one = { resourceType: TOPIC, resourceName: name, configurationKeys: null };
  const { results } = await client.send(request, response, 4, {
    resources: Array.from({ length: 40_000 }, () => one),
  });
  assert.equal(results.length, 1);
});
