import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { apiVersionsRequest } from "../../src/protocol/generated/api_versions_request.ts";
import { apiVersionsResponse } from "../../src/protocol/generated/api_versions_response.ts";
import { describeClusterRequest } from "../../src/protocol/generated/describe_cluster_request.ts";
import { describeClusterResponse } from "../../src/protocol/generated/describe_cluster_response.ts";
import { findCoordinatorRequest } from "../../src/protocol/generated/find_coordinator_request.ts";
import { findCoordinatorResponse } from "../../src/protocol/generated/find_coordinator_response.ts";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../src/protocol/generated/metadata_response.ts";
import { ApiKey, beginFrame, endFrame, Reader, Writer, zeroUuid } from "../../src/protocol/mod.ts";
import { createTopic, only, produce, produceInput, readAll, textBatch } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import { ConnectionEnded, type WireClient } from "../support/wire_client.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";

function describe(client: WireClient, version: number, names: readonly string[] | null, create = true) {
  return client.send(metadataRequest, metadataResponse, version, {
    topics: names?.map((name) => ({ name, topicId: zeroUuid })) ?? null,
    ...(version >= 4 && { allowAutoTopicCreation: create }),
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
}

Deno.test("every version of Metadata creates a topic that is asked for, ready to be written to", async () => {
  await using broker = await TestBroker.start({ config: { defaultPartitions: 3 } });
  const client = await broker.connect();
  for (let version = 0; version <= 13; version++) {
    const topic = only((await describe(client, version, [`made-by-${version}`])).topics);
    assert.equal(topic.errorCode, ErrorCode.NONE);
    assert.deepEqual(topic.partitions.map(({ leaderId }) => leaderId), [1, 1, 1]);
    const named = { name: `made-by-${version}`, topicId: zeroUuid };
    assert.equal(
      (await produce(client, named, textBatch(["x"]), { partition: 2 })).errorCode,
      ErrorCode.NONE,
    );
  }
  assert.equal((await describe(client, 12, null)).topics.length, 14);
});

Deno.test("no topic is created when the client or the operator does not want it", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  for (let version = 4; version <= 13; version++) {
    const topic = only((await describe(client, version, ["unwanted"], false)).topics);
    assert.equal(topic.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }
  await broker.restart({ autoCreateTopics: false });
  const again = await broker.connect();
  for (let version = 0; version <= 13; version++) {
    const topic = only((await describe(again, version, ["unwanted"])).topics);
    assert.equal(topic.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }
  assert.deepEqual((await describe(again, 12, null)).topics, []);
});

Deno.test("producing to a topic that does not exist creates none", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const nowhere = { name: "nowhere", topicId: zeroUuid };
  assert.equal(
    (await produce(client, nowhere, textBatch(["x"]))).errorCode,
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  );
  assert.deepEqual((await describe(client, 12, null)).topics, []);
});

Deno.test("clients are told the advertised address, or the one that they used", async () => {
  await using broker = await TestBroker.start();
  const asked = async () => {
    const client = await broker.connect();
    const places = [];
    for (let version = 0; version <= 13; version++) {
      places.push(only((await describe(client, version, [])).brokers));
    }
    const cluster = await client.send(describeClusterRequest, describeClusterResponse, 2, {
      includeClusterAuthorizedOperations: false,
      includeFencedBrokers: false,
    });
    places.push(only(cluster.brokers));
    for (let version = 0; version <= 6; version++) {
      const found = await client.send(findCoordinatorRequest, findCoordinatorResponse, version, {
        key: version < 4 ? "group" : "",
        coordinatorKeys: version < 4 ? [] : ["group"],
      });
      places.push(version < 4 ? found : only(found.coordinators));
    }
    return new Set(places.map(({ host, port }) => `${host}:${port}`));
  };
  assert.deepEqual(await asked(), new Set([`127.0.0.1:${broker.port}`]));
  await broker.restart({ advertised: { host: "broker.example", port: 19092 } });
  assert.deepEqual(await asked(), new Set(["broker.example:19092"]));
});

Deno.test("the cluster id is the one that was given, or stays the one that was made", async () => {
  await using broker = await TestBroker.start();
  const clusterId = async () => (await describe(await broker.connect(), 12, [])).clusterId;
  const made = await clusterId();
  assert.match(made ?? "", /^[\w-]{22}$/);
  await broker.restart();
  assert.equal(await clusterId(), made);
});

Deno.test("topics that are declared are there from the start, once", async () => {
  const topics = [{ name: "orders", partitions: 4 }, { name: "audit", partitions: 1 }];
  await using broker = await TestBroker.start({ config: { topics, autoCreateTopics: false } });
  const first = await broker.connect();
  const ids = (await describe(first, 12, null)).topics.map(({ topicId }) => topicId);
  await produce(first, { name: "orders", topicId: zeroUuid }, textBatch(["kept"]), { partition: 3 });
  await broker.restart();
  const again = await broker.connect();
  const { topics: found } = await describe(again, 12, null);
  assert.deepEqual(found.map(({ topicId }) => topicId), ids);
  assert.deepEqual(found.map(({ partitions }) => partitions.length), [4, 1]);
  const kept = await readAll(again, { name: "orders", topicId: zeroUuid }, 3);
  assert.deepEqual(kept.map(({ value }) => value), ["kept"]);
});

Deno.test("an ApiVersions version from the future is answered in version 0, listing only itself", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  for (const version of [5, 100, 32767, -1]) {
    const writer = new Writer();
    const frame = beginFrame(writer);
    writer.int16(18);
    writer.int16(version);
    writer.int32(1);
    writer.nullableString("future", false);
    if (version >= 3) writer.uvarint(0);
    writer.raw(new Uint8Array(20));
    endFrame(writer, frame);
    const another = await broker.connect();
    // The client counts correlation ids from 1, as its first request does.
    another.encode(apiVersionsRequest, 0, {});
    const body = new Reader().reset(await another.exchange(writer.bytes().slice()));
    const { errorCode, apiKeys } = apiVersionsResponse.decode(body, 0);
    assert.equal(errorCode, ErrorCode.UNSUPPORTED_VERSION);
    assert.deepEqual(apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
    assert.equal(body.remaining, 0);
    const next = await another.send(apiVersionsRequest, apiVersionsResponse, 0, {});
    assert.ok(next.apiKeys.length > 1, "the client may go on");
  }
  assert.equal((await client.send(apiVersionsRequest, apiVersionsResponse, 2, {})).errorCode, ErrorCode.NONE);
});

Deno.test("what a client says it is shows in what is reported of it", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "named");
  await client.send(apiVersionsRequest, apiVersionsResponse, 4, {
    clientSoftwareName: "test-client",
    clientSoftwareVersion: "1.2.3",
  });
  await client.post(produceRequest, 9, produceInput(topic, new Uint8Array(3), { acks: 0 }));
  await client.closedByBroker();
  const event = broker.events.find(({ type }) => type === "connection_closed");
  assert.ok(event?.type === "connection_closed");
  assert.deepEqual([event.client.softwareName, event.client.softwareVersion], ["test-client", "1.2.3"]);
});

/** Sends a request of any kind, with zeros for its body, over a connection of its own. */
async function ask(broker: TestBroker, key: number, version: number): Promise<Uint8Array> {
  const client = await broker.connect();
  const writer = new Writer();
  const frame = beginFrame(writer);
  writer.int16(key);
  writer.int16(version);
  writer.int32(1);
  writer.nullableString(null, false);
  writer.raw(new Uint8Array(50));
  endFrame(writer, frame);
  // The client counts correlation ids from 1, as its first request does.
  client.encode(apiVersionsRequest, 0, {});
  return await client.exchange(writer.bytes().slice());
}

Deno.test("requests of versions or keys that are not served end their connection alone", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "others");
  for (
    const [key, version] of [[0, 2], [0, 14], [1, 3], [1, 19], [3, 14], [74, 2], [999, 0], [-1, 0], [3, -1]]
  ) {
    await assert.rejects(ask(broker, key!, version!), ConnectionEnded, `${key} ${version}`);
  }
  assert.equal((await produce(client, topic, textBatch(["x"]))).errorCode, ErrorCode.NONE);
});

Deno.test("what is not advertised is not answered: nobody takes an empty success for a change", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const { apiKeys } = await client.send(apiVersionsRequest, apiVersionsResponse, 4, {
    clientSoftwareName: "test",
    clientSoftwareVersion: "1",
  });
  const advertised = new Set(apiKeys.map(({ apiKey }) => apiKey));
  const others = Object.entries(ApiKey).filter(([, key]) => !advertised.has(key));
  assert.ok(advertised.has(ApiKey.Produce) && others.length > 0);
  for (const [name, key] of others) {
    await assert.rejects(ask(broker, key, 0), ConnectionEnded, name);
  }
});
