import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { deleteRecordsRequest } from "../../src/protocol/generated/delete_records_request.ts";
import { deleteRecordsResponse } from "../../src/protocol/generated/delete_records_response.ts";
import {
  createTopic,
  deleteTopic,
  EARLIEST,
  fetch,
  LATEST,
  offsetOf,
  only,
  produce,
  readAll,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { SEGMENT_BYTES, SimBroker } from "../support/sim_broker.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

async function deleteBelow(client: WireClient, { name }: TopicRef, offset: number, partition = 0) {
  const answer = await client.send(deleteRecordsRequest, deleteRecordsResponse, 2, {
    topics: [{ name, partitions: [{ partitionIndex: partition, offset }] }],
    timeoutMs: 30_000,
  });
  return only(answer.topics.flatMap(({ partitions }) => partitions));
}

/** Batches of two records each. */
async function fill(client: WireClient, topic: TopicRef, batches: number, nowMs?: number): Promise<void> {
  for (let i = 0; i < batches; i++) {
    const { errorCode } = await produce(client, topic, textBatch([`${2 * i}`, `${2 * i + 1}`], nowMs));
    assert.equal(errorCode, ErrorCode.NONE);
  }
}

/** What there is, from the log's start on. */
async function valuesOf(client: WireClient, topic: TopicRef): Promise<(string | null)[]> {
  return (await readAll(client, topic)).map(({ value }) => value);
}

Deno.test("deleted records stay deleted over restarts", async () => {
  await using broker = await TestBroker.start();
  let client = await broker.connect();
  const topic = await createTopic(client, "orders");
  await fill(client, topic, 5);
  assert.deepEqual(await deleteBelow(client, topic, 5), {
    partitionIndex: 0,
    lowWatermark: 5,
    errorCode: ErrorCode.NONE,
  });
  for (let life = 0; life < 3; life++) {
    assert.equal((await offsetOf(client, topic, EARLIEST)).offset, 5);
    assert.equal((await offsetOf(client, topic, LATEST)).offset, 10);
    assert.equal((await fetch(client, topic, 4)).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
    assert.deepEqual(await valuesOf(client, topic), ["5", "6", "7", "8", "9"]);
    await broker.restart();
    client = await broker.connect();
  }
  assert.equal((await deleteBelow(client, topic, -1)).lowWatermark, 10);
  await broker.restart();
  client = await broker.connect();
  assert.equal((await offsetOf(client, topic, EARLIEST)).offset, 10);
  assert.equal((await produce(client, topic, textBatch(["10"]))).baseOffset, 10);
  assert.deepEqual(await valuesOf(client, topic), ["10"]);
});

Deno.test("whatever a power cut leaves, an answered deletion is kept, and one that is not is whole or not there", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const sim = new SimBroker(seed);
    await sim.start();
    let client = sim.connect();
    const topic = await sim.run(createTopic(client, "orders"));
    await sim.run(fill(client, topic, 5, sim.clock.nowMs()));
    assert.equal((await sim.run(deleteBelow(client, topic, 3))).lowWatermark, 3);
    void deleteBelow(client, topic, 7).catch(() => null);
    for (let step = 0; step < seed % 7; step++) await sim.clock.step();
    sim.powerCut();
    await sim.start();
    client = sim.connect();
    const { offset } = await sim.run(offsetOf(client, topic, EARLIEST));
    assert.ok(offset === 3 || offset === 7, `seed ${seed}: the log starts at ${offset}`);
    assert.equal((await sim.run(valuesOf(client, topic))).length, 10 - offset, `seed ${seed}`);
  }
});

Deno.test("a topic that is made anew has none of the old start", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "again");
  await fill(client, topic, 2);
  await deleteBelow(client, topic, 3);
  assert.equal(await deleteTopic(client, "again"), ErrorCode.NONE);
  assert.equal((await deleteBelow(client, topic, 3)).errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const again = await createTopic(client, "again");
  assert.equal((await offsetOf(client, again, EARLIEST)).offset, 0);
});

Deno.test("many partitions of many topics are deleted with one request", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topics = [];
  for (const name of ["one", "two", "three"]) {
    topics.push(await createTopic(client, name, { partitions: 50 }));
  }
  for (const topic of topics) await produce(client, topic, textBatch(["a", "b"]), { partition: 7 });
  const answer = await client.send(deleteRecordsRequest, deleteRecordsResponse, 2, {
    topics: topics.map(({ name }) => ({
      name,
      partitions: Array.from({ length: 50 }, (_, partitionIndex) => ({ partitionIndex, offset: -1 })),
    })),
    timeoutMs: 30_000,
  });
  for (const { partitions } of answer.topics) {
    assert.equal(partitions.length, 50);
    for (const { partitionIndex, lowWatermark, errorCode } of partitions) {
      assert.deepEqual([lowWatermark, errorCode], [partitionIndex === 7 ? 2 : 0, ErrorCode.NONE]);
    }
  }
});

Deno.test("a full log takes deletions of records as long as its reserve lasts, and does not grow for them", async () => {
  const sim = new SimBroker(1);
  const store = new SimObjectStore({ clock: sim.clock, random: sim.random.fork() });
  sim.store = store;
  const walMaxDiskBytes = 4 * SEGMENT_BYTES;
  await sim.start({ s3Bucket: "bucket", walMaxDiskBytes });
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "orders"));
  const many = Array.from({ length: 2000 }, (_, number) => String(number));
  await sim.run(produce(client, topic, textBatch(many, sim.clock.nowMs())));
  store.faults.awayUntilMs = Infinity;
  let errorCode: number = ErrorCode.NONE;
  while (errorCode === ErrorCode.NONE) {
    const batch = textBatch(["x".repeat(5000)], sim.clock.nowMs());
    ({ errorCode } = await sim.run(produce(client, topic, batch)));
  }
  assert.equal(errorCode, ErrorCode.KAFKA_STORAGE_ERROR);

  let deleted = 0;
  for (let offset = 1; offset < many.length; offset++) {
    ({ errorCode } = await sim.run(deleteBelow(client, topic, offset)));
    if (errorCode !== ErrorCode.NONE) break;
    deleted++;
  }
  assert.equal(errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assert.ok(deleted > 10, `${deleted} moves of the log's start`);
  const { wal } = sim.running.engine;
  assert.ok(wal.figures.diskBytes <= walMaxDiskBytes, `${wal.figures.diskBytes} bytes`);

  store.faults.awayUntilMs = 0;
  await sim.clock.advance(120_000);
  assert.equal((await sim.run(deleteBelow(client, topic, many.length))).errorCode, ErrorCode.NONE);
  await sim.stop();
});
