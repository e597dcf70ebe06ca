import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { fetchResponse } from "../../src/protocol/generated/fetch_response.ts";
import { Compression } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import {
  createTopic,
  deleteTopic,
  fetch,
  fetchInput,
  fetchResults,
  produce,
  readAll,
  readBatches,
  readRecords,
  textBatch,
} from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";

/** Longer than any test may take: a wait that ends was ended. */
const FOR_EVER_MS = 600_000;
const VERSIONS = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];

Deno.test("a fetch that waits is woken by the record that it waits for, at every version", async () => {
  await using broker = await TestBroker.start();
  const [producer, consumer] = [await broker.connect(), await broker.connect()];
  const topic = await createTopic(producer, "poll");
  for (const [offset, version] of VERSIONS.entries()) {
    const waiting = fetch(consumer, topic, offset, { version, maxWaitMs: FOR_EVER_MS });
    await produce(producer, topic, textBatch([`at version ${version}`]));
    const { records, highWatermark } = await waiting;
    assert.deepEqual(readRecords(records).map(({ value }) => value), [`at version ${version}`]);
    assert.equal(highWatermark, offset + 1);
  }
});

Deno.test("a fetch waits for as many bytes as it asks for", async () => {
  await using broker = await TestBroker.start();
  const [producer, consumer] = [await broker.connect(), await broker.connect()];
  const topic = await createTopic(producer, "enough");
  const batch = textBatch(["y".repeat(1000)]);
  const waiting = fetch(consumer, topic, 0, { maxWaitMs: FOR_EVER_MS, minBytes: 3 * batch.length });
  for (let count = 0; count < 3; count++) await produce(producer, topic, batch);
  assert.equal(readRecords((await waiting).records).length, 3);
});

Deno.test("a fetch that waits in vain is answered with nothing when its time is over", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "vain");
  const { errorCode, records, highWatermark } = await fetch(client, topic, 0, { maxWaitMs: 30 });
  assert.deepEqual([errorCode, readRecords(records), highWatermark], [ErrorCode.NONE, [], 0]);
});

Deno.test("a fetch that waits on many partitions is woken by any of them", async () => {
  await using broker = await TestBroker.start();
  const [producer, consumer] = [await broker.connect(), await broker.connect()];
  const topic = await createTopic(producer, "many", { partitions: 20 });
  const offsets = new Array<number>(20).fill(0);
  for (const partition of [19, 0, 7, 7]) {
    const waiting = consumer.send(fetchRequest, fetchResponse, 12, {
      ...fetchInput(topic, 0, { maxWaitMs: FOR_EVER_MS }),
      topics: [{
        topic: topic.name,
        partitions: offsets.map((fetchOffset, index) => ({
          partition: index,
          fetchOffset,
          partitionMaxBytes: 1000,
        })),
      }],
    });
    await produce(producer, topic, textBatch(["news"]), { partition });
    const filled = fetchResults(await waiting).filter(({ records }) => (records?.length ?? 0) > 0);
    assert.deepEqual(filled.map(({ partitionIndex }) => partitionIndex), [partition]);
    offsets[partition] = offsets[partition]! + 1;
  }
});

Deno.test("a fetch that waits on a topic learns at once that it was deleted", async () => {
  await using broker = await TestBroker.start();
  const [admin, consumer] = [await broker.connect(), await broker.connect()];
  for (
    const [version, error] of [[12, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION], [13, ErrorCode.UNKNOWN_TOPIC_ID]]
  ) {
    const topic = await createTopic(admin, "short-lived");
    const waiting = fetch(consumer, topic, 0, { version: version!, maxWaitMs: FOR_EVER_MS });
    await deleteTopic(admin, topic.name);
    assert.equal((await waiting).errorCode, error);
  }
});

Deno.test("a fetch that waits is answered when the broker stops", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "stop");
  const waiting = fetch(client, topic, 0, { maxWaitMs: FOR_EVER_MS });
  // An answered request behind it says that the first one has been read.
  const other = await broker.connect();
  await produce(other, await createTopic(other, "other"), textBatch(["x"]));
  await broker.stopUnderClients();
  assert.equal((await waiting).errorCode, ErrorCode.NONE);
});

Deno.test("a fetch from inside a batch gets the whole batch, compressed or not", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "inside");
  for (const compression of Object.values(Compression)) {
    const records = Array.from({ length: 10 }, (_, index) => ({
      value: new TextEncoder().encode(`${compression}-${index}`),
      timestampMs: 1000 + index,
    }));
    await produce(client, topic, buildBatch(records, { compression }));
  }
  for (let offset = 0; offset < 50; offset++) {
    const { records } = await fetch(client, topic, offset, { partitionMaxBytes: 1 });
    const [batch, ...others] = readBatches(records);
    assert.equal(others.length, 0);
    assert.equal(batch?.header.baseOffset, offset - offset % 10);
    assert.equal(batch?.records[offset % 10]?.value, `${Math.floor(offset / 10)}-${offset % 10}`);
  }
});

Deno.test("what the producer sent comes back byte for byte, whatever the codec", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "bytes");
  const sent: Uint8Array[] = [];
  for (const compression of Object.values(Compression)) {
    const value = crypto.getRandomValues(new Uint8Array(20_000));
    const batch = buildBatch([{ key: new Uint8Array(0), value, timestampMs: 3 }], { compression });
    await produce(client, topic, batch);
    sent.push(batch);
  }
  const { records } = await fetch(client, topic, 0);
  assert.ok(records !== null);
  let at = 0;
  for (const batch of sent) {
    // Base offset and leader epoch are the broker's to set; the CRC covers none of them.
    assert.deepEqual(records.subarray(at + 16, at + batch.length), batch.subarray(16));
    at += batch.length;
  }
  assert.equal(at, records.length);
});

Deno.test("no batch is too large for limits that are too small, and none comes behind it", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "limits", { partitions: 3 });
  for (const partition of [0, 1, 2]) {
    for (let count = 0; count < 3; count++) {
      await produce(client, topic, textBatch(["z".repeat(5000)]), { partition });
    }
  }
  const ask = async (maxBytes: number, partitionMaxBytes: number) => {
    const answer = await client.send(fetchRequest, fetchResponse, 12, {
      ...fetchInput(topic, 0, { maxBytes }),
      topics: [{
        topic: topic.name,
        partitions: [0, 1, 2].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes })),
      }],
    });
    return fetchResults(answer).map(({ records }) => readRecords(records).length);
  };
  assert.deepEqual(await ask(2 ** 20, 2 ** 20), [3, 3, 3]);
  assert.deepEqual(await ask(2 ** 20, 11_000), [2, 2, 2]);
  assert.deepEqual(
    await ask(14_000, 11_000),
    [2, 0, 0],
    "a batch that does not fit whole does not come in part",
  );
  assert.deepEqual(await ask(16_000, 11_000), [2, 1, 0]);
  assert.deepEqual(await ask(1, 1), [1, 0, 0]);
});

Deno.test("records that have left memory are read from the files, the same as before", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "old", { partitions: 2 });
  const text = (index: number) => `${index} ${"w".repeat(index * 37 % 3000)}`;
  const count = 6000;
  for (let from = 0; from < count; from += 20) {
    const values = Array.from({ length: 20 }, (_, index) => text(from + index));
    await produce(client, topic, textBatch(values), { partition: from % 40 / 20 });
  }
  for (const life of [1, 2]) {
    const reader = await broker.connect();
    const all = [];
    for (const partition of [0, 1]) {
      const records = await readAll(reader, topic, partition);
      assert.deepEqual(records.map(({ offset }) => offset), records.map((_, index) => index));
      all.push(...records.map(({ value }) => value ?? ""));
    }
    const expected = Array.from({ length: count }, (_, index) => text(index));
    const numbered = (a: string, b: string) => parseInt(a) - parseInt(b);
    assert.deepEqual(all.toSorted(numbered), expected);
    if (life === 1) await broker.restart();
  }
});

Deno.test("batches that lie far apart in the files still come many at a time", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "apart", { partitions: 40 });
  const batch = textBatch(["v".repeat(2000)]);
  for (let count = 0; count < 100; count++) {
    const partitions = Array.from({ length: 40 }, (_, partition) => partition);
    await Promise.all(partitions.map((partition) => produce(client, topic, batch, { partition })));
  }
  await broker.restart();
  const reader = await broker.connect();
  let fetches = 0;
  let offset = 0;
  for (; offset < 100; fetches++) {
    const { records } = await fetch(reader, topic, offset, { partition: 7 });
    const got = readRecords(records);
    assert.deepEqual(got.map((record) => record.offset), got.map((_, index) => offset + index));
    offset += got.length;
  }
  assert.equal(offset, 100);
  assert.ok(fetches <= 10, `${fetches} fetches for 100 batches`);
});

Deno.test("a session with small answers comes round to all of its partitions", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "fair", { partitions: 8 });
  for (let partition = 0; partition < 8; partition++) {
    for (let count = 0; count < 5; count++) {
      await produce(client, topic, textBatch([`${partition}`]), { partition });
    }
  }
  const offsets = new Array<number>(8).fill(0);
  let sessionId = 0;
  let changed = offsets.map((_, partition) => partition);
  for (let sessionEpoch = 0; sessionEpoch < 40; sessionEpoch++) {
    const answer = await client.send(fetchRequest, fetchResponse, 12, {
      ...fetchInput(topic, 0, { maxBytes: 1 }),
      sessionId,
      sessionEpoch,
      topics: changed.length === 0 ? [] : [{
        topic: topic.name,
        partitions: changed.map((partition) => ({
          partition,
          fetchOffset: offsets[partition]!,
          partitionMaxBytes: 1,
        })),
      }],
    });
    sessionId = answer.sessionId;
    changed = fetchResults(answer).filter(({ records }) => readRecords(records).length > 0)
      .map(({ partitionIndex }) => partitionIndex);
    for (const partition of changed) offsets[partition] = offsets[partition]! + 1;
  }
  assert.deepEqual(
    offsets,
    new Array(8).fill(5),
    "40 answers of one batch each: each partition had its five",
  );
});
