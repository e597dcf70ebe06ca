/** What `/metrics` tells, held against what clients have sent and read. */
import assert from "node:assert/strict";
import { Kafka, logLevel } from "kafkajs";
import { createPartitionsRequest } from "../../src/protocol/generated/create_partitions_request.ts";
import { createPartitionsResponse } from "../../src/protocol/generated/create_partitions_response.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { createTopic, deleteTopic, fetch, produce, readBatches, textBatch } from "../support/requests.ts";
import { Scraped } from "../support/scraped.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const HEALTH = { host: "127.0.0.1", port: 0 };

async function withMetrics(
  test: (broker: TestBroker, scrape: () => Promise<Scraped>) => Promise<void>,
  config: Partial<BrokerConfig> = {},
): Promise<void> {
  await using broker = await TestBroker.start({ config: { healthAddress: HEALTH, ...config } });
  const listening = broker.events.find((event) => event.type === "health_listening");
  const port = Number(listening?.address.split(":").at(-1));
  await test(broker, () => Scraped.from(port));
}

async function commit(client: WireClient, groupId: string, topic: string, offset: number): Promise<void> {
  await client.send(offsetCommitRequest, offsetCommitResponse, 8, {
    groupId,
    memberId: "",
    generationIdOrMemberEpoch: -1,
    topics: [{
      name: topic,
      partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: null }],
    }],
  });
}

Deno.test("under load each scrape is sound, no counter falls, and in the end all that was sent and read is counted", async () => {
  await withMetrics(async (broker, scrape) => {
    const admin = await broker.connect();
    const topics = await Promise.all(["a", "b", "c"].map((name) => createTopic(admin, name)));
    const sent = new Map<string, { records: number; bytes: number; requests: number }>();
    const read = new Map<string, { records: number; bytes: number }>();
    let isOver = false;
    const scraping = (async () => {
      let before: ReadonlyMap<string, number> = new Map();
      for (let scrapes = 0; !isOver || scrapes < 3; scrapes++) {
        const counters = (await scrape()).counters();
        for (const [name, value] of before) assert.ok((counters.get(name) ?? -1) >= value, name);
        before = counters;
      }
    })();
    await Promise.all(topics.map(async (topic, index) => {
      const client = await broker.connect();
      const sum = { records: 0, bytes: 0, requests: 0 };
      for (let round = 0; round < 100 * (index + 1); round++) {
        const values = Array.from({ length: 1 + round % 7 }, () => "x".repeat(round));
        const batch = textBatch(values);
        assert.equal((await produce(client, topic, batch)).errorCode, 0);
        sum.records += values.length;
        sum.bytes += batch.length;
        sum.requests++;
      }
      sent.set(topic.name, sum);
      const got = { records: 0, bytes: 0 };
      for (let offset = 0; offset < sum.records;) {
        const { records } = await fetch(client, topic, offset, { partitionMaxBytes: 5000 });
        const batches = readBatches(records);
        got.records += batches.reduce((count, { header }) => count + header.recordCount, 0);
        got.bytes += records?.length ?? 0;
        offset = batches.at(-1)!.header.lastOffset + 1;
      }
      read.set(topic.name, got);
    }));
    isOver = true;
    await scraping;

    const after = await scrape();
    for (const { name } of topics) {
      const [{ records, bytes } = { records: 0, bytes: 0 }, got] = [sent.get(name), read.get(name)];
      assert.equal(after.value("klite_topic_records_in_total", { topic: name }), records);
      assert.equal(after.value("klite_topic_bytes_in_total", { topic: name }), bytes);
      assert.equal(after.value("klite_topic_size_bytes", { topic: name }), bytes);
      assert.equal(after.value("klite_topic_records_out_total", { topic: name }), got?.records);
      assert.equal(after.value("klite_topic_bytes_out_total", { topic: name }), got?.bytes);
    }
    const requests = sent.values().reduce((sum, each) => sum + each.requests, 0);
    assert.equal(after.value("klite_requests_total", { api: "Produce" }), requests);
    assert.equal(after.value("klite_request_duration_seconds", { api: "Produce" }), requests);
    assert.equal(after.value("klite_connections_accepted_total"), 4);
    assert.equal(after.value("klite_log_undurable_bytes"), 0);
    const { commitCount } = broker.running.engine.wal.figures;
    assert.equal(after.value("klite_log_commit_duration_seconds"), commitCount);
  });
});

Deno.test("what kafkajs sends and reads is counted to the record", async () => {
  await withMetrics(async (broker, scrape) => {
    await createTopic(await broker.connect(), "js");
    const kafka = new Kafka({ brokers: [`127.0.0.1:${broker.port}`], logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    for (let batch = 0; batch < 10; batch++) {
      const messages = Array.from({ length: 50 }, (_, index) => ({ value: `message ${batch} ${index}` }));
      await producer.send({ topic: "js", messages });
    }
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: "js-readers" });
    await consumer.connect();
    await consumer.subscribe({ topic: "js", fromBeginning: true });
    let seen = 0;
    const { promise: done, resolve } = Promise.withResolvers<void>();
    await consumer.run({
      eachMessage: () => {
        if (++seen === 500) resolve();
        return Promise.resolve();
      },
    });
    await done;
    await consumer.disconnect();
    const after = await scrape();
    assert.equal(after.value("klite_topic_records_in_total", { topic: "js" }), 500);
    assert.equal(after.value("klite_topic_records_out_total", { topic: "js" }), 500);
    assert.equal(after.value("klite_group_lag_records", { group: "js-readers" }), 0);
    assert.equal(after.value("klite_group_state", { group: "js-readers", state: "Empty" }), 1);
    assert.equal(after.value("klite_requests_total", { api: "JoinGroup" }) > 0, true);
  });
});

Deno.test("errors are counted by API and error, wherever in the answer they are", async () => {
  await withMetrics(async (broker, scrape) => {
    const client = await broker.connect();
    const nowhere = { name: "nowhere", topicId: "" };
    const topic = await createTopic(client, "t");
    for (let count = 0; count < 3; count++) await produce(client, nowhere, textBatch(["x"]));
    await fetch(client, topic, 17);
    await client.send(createPartitionsRequest, createPartitionsResponse, 3, {
      topics: [{ name: "nowhere", count: 2, assignments: null }],
      timeoutMs: 1000,
      validateOnly: false,
    });
    const after = await scrape();
    const errors = (api: string, error: string) => after.value("klite_request_errors_total", { api, error });
    assert.equal(errors("Produce", "UNKNOWN_TOPIC_OR_PARTITION"), 3);
    assert.equal(errors("Fetch", "OFFSET_OUT_OF_RANGE"), 1);
    assert.equal(errors("CreatePartitions", "UNKNOWN_TOPIC_OR_PARTITION"), 1);
    assert.equal(errors("CreateTopics", "NONE"), 0);
  });
});

Deno.test("a group's lag is what it has not committed, and deleted records do not count", async () => {
  await withMetrics(async (broker, scrape) => {
    const client = await broker.connect();
    const topic = await createTopic(client, "t");
    await produce(client, topic, textBatch(["1", "2", "3", "4", "5"]));
    await commit(client, "readers", "t", 2);
    await commit(client, "(other)", "t", 1);
    const after = await scrape();
    assert.equal(after.value("klite_group_lag_records", { group: "readers" }), 3);
    assert.equal(after.value("klite_group_partition_lag_records_max", { group: "readers" }), 3);
    // A group can have any name, but not that of all others.
    assert.equal(after.value("klite_group_lag_records", { group: "((other)" }), 4);
    assert.equal(after.value("klite_group_lag_records", { group: "(other)" }), 0);
  });
});

Deno.test("however many topics and groups there are, few are shown by name, and the rest is summed", async () => {
  await withMetrics(async (broker, scrape) => {
    const client = await broker.connect();
    const names = Array.from({ length: 250 }, (_, index) => `topic-${index}`);
    await client.send(createTopicsRequest, createTopicsResponse, 7, {
      topics: names.map((name) => {
        return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
      }),
      timeoutMs: 30_000,
    });
    for (const name of names) await produce(client, { name, topicId: "" }, textBatch(["x", "y"]));
    for (const name of names) await commit(client, `group of ${name}`, name, 1);
    await commit(client, "x".repeat(1000), "topic-0", 0);
    const after = await scrape();
    for (const name of ["klite_topic_records_in_total", "klite_topic_size_bytes", "klite_topic_partitions"]) {
      assert.equal(after.by(name, "topic").size, 101, name);
    }
    const lags = after.by("klite_group_lag_records", "group");
    assert.equal(lags.size, 101);
    assert.ok(lags.keys().every((group) => group.length <= 201));
    const sum = (values: ReadonlyMap<string, number>) => values.values().reduce((all, each) => all + each, 0);
    assert.equal(sum(after.by("klite_topic_records_in_total", "topic")), 500);
    assert.equal(sum(after.by("klite_topic_partitions", "topic")), 250);
    assert.equal(sum(lags), 252);
    assert.equal(after.value("klite_topics"), 250);

    // What goes with a topic that was shown by name is not counted by the rest again.
    const shown = after.by("klite_topic_records_in_total", "topic").keys().find((name) =>
      name !== "(other)"
    )!;
    await deleteTopic(client, shown);
    const rest = async () => (await scrape()).value("klite_topic_records_in_total", { topic: "(other)" });
    assert.equal(await rest(), 300);
  });
});

Deno.test("what is stored is counted with the requests that it took", async () => {
  await withMetrics(async (broker, scrape) => {
    const client = await broker.connect();
    const topic = await createTopic(client, "t");
    const value = "x".repeat(100_000);
    for (let count = 0; count < 60; count++) await produce(client, topic, textBatch([value]));
    while (!broker.events.some(({ type }) => type === "flush_done")) {
      await produce(client, topic, textBatch([value]));
    }
    const after = await scrape();
    assert.ok(after.value("klite_flushes_total") > 0 && after.value("klite_flushed_bytes_total") > 0);
    assert.ok(after.value("klite_object_store_requests_total", { operation: "put" }) > 0);
    assert.ok(after.value("klite_object_store_sent_bytes_total") >= after.value("klite_flushed_bytes_total"));
    assert.equal(after.value("klite_object_store_failures_total", { operation: "put" }), 0);
    assert.ok(after.value("klite_objects") > 0 && after.value("klite_object_bytes") > 0);
  }, { walMaxDiskBytes: 6 * 2 ** 20 });
});
