import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import { produceResponse } from "../../src/protocol/generated/produce_response.ts";
import { beginFrame, endFrame, Writer } from "../../src/protocol/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import {
  createTopic,
  fetch,
  LATEST,
  newProducerId,
  offsetOf,
  produce,
  produceInput,
  readAll,
  readBatches,
  textBatch,
} from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import { ConnectionEnded } from "../support/wire_client.ts";

const VERSIONS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

Deno.test("every version of Produce stores what it was given", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "versions");
  for (const version of VERSIONS) {
    for (const acks of [-1, 1]) {
      const result = await produce(client, topic, textBatch([`${version} ${acks}`]), { version, acks });
      assert.equal(result.errorCode, ErrorCode.NONE);
    }
  }
  const values = (await readAll(client, topic)).map(({ value }) => value);
  assert.deepEqual(values, VERSIONS.flatMap((version) => [`${version} -1`, `${version} 1`]));
});

Deno.test("acks=0 is never answered, and what follows is", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "silent");
  for (const version of VERSIONS) {
    await client.post(produceRequest, version, produceInput(topic, textBatch([`${version}`]), { acks: 0 }));
  }
  const last = await produce(client, topic, textBatch(["last"]));
  assert.equal(last.baseOffset, VERSIONS.length);
  const values = (await readAll(client, topic)).map(({ value }) => value);
  assert.deepEqual(values, [...VERSIONS.map(String), "last"]);
});

Deno.test("an error of acks=0 closes the connection: there is no other way to tell", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "silent");
  const corrupt = textBatch(["x"]);
  corrupt[30] = 0xff ^ corrupt[30]!;
  await client.post(produceRequest, 9, produceInput(topic, corrupt, { acks: 0 }));
  await client.closedByBroker();
  const closed = broker.events.find((event) => event.type === "connection_closed");
  assert.equal(closed?.reason, "refused");
  const another = await broker.connect();
  assert.deepEqual(await readAll(another, topic), []);
});

Deno.test("a partition without records is refused", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "empty");
  for (const version of VERSIONS) {
    for (const records of [null, new Uint8Array(0)]) {
      const { errorCode } = await produce(client, topic, records, { version });
      assert.equal(errorCode, ErrorCode.INVALID_RECORD);
    }
  }
});

Deno.test("a partition that comes twice in a request gets both batches", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "twice");
  const answer = await client.send(produceRequest, produceResponse, 9, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{
      name: topic.name,
      partitionData: ["one", "two"].map((value) => ({ index: 0, records: textBatch([value]) })),
    }],
  });
  const [result] = answer.responses;
  assert.deepEqual(result?.partitionResponses.map(({ baseOffset }) => baseOffset), [0, 1]);
  assert.deepEqual((await readAll(client, topic)).map(({ value }) => value), ["one", "two"]);
});

Deno.test("requests that are sent without waiting are answered, and stored, in their order", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "pipelined");
  const sent = Array.from({ length: 300 }, (_, index) => produce(client, topic, textBatch([`${index}`])));
  const offsets = (await Promise.all(sent)).map(({ baseOffset }) => baseOffset);
  assert.deepEqual(offsets, Array.from({ length: 300 }, (_, index) => index));
  const values = (await readAll(client, topic)).map(({ value }) => value);
  assert.deepEqual(values, Array.from({ length: 300 }, (_, index) => `${index}`));
});

Deno.test("under LogAppendTime the broker's clock is what records and answer say", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "time", { configs: { "message.timestamp.type": "LogAppendTime" } });
  const before = Date.now();
  for (const compression of [0, 1] as const) {
    const batch = buildBatch([{ timestampMs: 5 }, { timestampMs: 7 }], { compression });
    const { logAppendTimeMs } = await produce(client, topic, batch);
    assert.ok(logAppendTimeMs >= before && logAppendTimeMs <= Date.now());
  }
  const { records } = await fetch(client, topic, 0);
  for (const { header, records: [first, second] } of readBatches(records)) {
    assert.equal(first?.timestampMs, header.maxTimestampMs);
    assert.equal(second?.timestampMs, header.maxTimestampMs);
  }
});

Deno.test("a batch that the topic or the log cannot take is refused, and the next one is stored", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const small = await createTopic(client, "small", { configs: { "max.message.bytes": "500" } });
  const wide = await createTopic(client, "wide", { configs: { "max.message.bytes": "50000000" } });
  const large = (bytes: number) => buildBatch([{ value: new Uint8Array(bytes), timestampMs: Date.now() }]);
  assert.equal((await produce(client, small, large(500))).errorCode, ErrorCode.MESSAGE_TOO_LARGE);
  assert.equal((await produce(client, wide, large(2 ** 20))).errorCode, ErrorCode.MESSAGE_TOO_LARGE);
  assert.equal((await produce(client, small, large(100))).baseOffset, 0);
  assert.equal((await produce(client, wide, large(2 ** 19))).baseOffset, 0);
});

Deno.test("retries are known, and gaps refused, also after a restart", async () => {
  await using broker = await TestBroker.start();
  let client = await broker.connect();
  const topic = await createTopic(client, "idempotent");
  const producerId = await newProducerId(client);
  const of = (baseSequence: number) =>
    buildBatch([{ value: new TextEncoder().encode(`${baseSequence}`) }], {
      producerId,
      producerEpoch: 0,
      baseSequence,
    });
  for (let sequence = 0; sequence < 8; sequence++) {
    assert.equal((await produce(client, topic, of(sequence))).baseOffset, sequence);
  }
  for (let life = 0; life < 3; life++) {
    for (let sequence = 3; sequence < 8; sequence++) {
      assert.equal(
        (await produce(client, topic, of(sequence))).baseOffset,
        sequence,
        "the offset that it had",
      );
    }
    const old = await produce(client, topic, of(2));
    assert.equal(old.errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, "six batches ago");
    const gap = await produce(client, topic, of(9));
    assert.equal(gap.errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    await broker.restart();
    client = await broker.connect();
  }
  assert.equal((await produce(client, topic, of(8))).baseOffset, 8);
  assert.notEqual(await newProducerId(client), producerId, "ids are not given out twice");
  assert.equal((await readAll(client, topic)).length, 9);
});

Deno.test("retries are known although the log has been recycled since", async () => {
  await using broker = await TestBroker.start();
  let client = await broker.connect();
  const topic = await createTopic(client, "idempotent");
  const filler = await createTopic(client, "filler");
  const producerId = await newProducerId(client);
  const batch = buildBatch([{ timestampMs: 1 }], { producerId, producerEpoch: 0, baseSequence: 0 });
  assert.equal((await produce(client, topic, batch)).baseOffset, 0);
  const half = buildBatch([{ value: new Uint8Array(2 ** 19), timestampMs: 1 }]);
  for (let round = 0; round < 2; round++) {
    for (let count = 0; count < 20; count++) await produce(client, filler, half);
    assert.equal((await produce(client, topic, batch)).baseOffset, 0);
    await broker.restart();
    client = await broker.connect();
  }
  assert.equal((await produce(client, topic, batch)).baseOffset, 0);
  assert.equal((await offsetOf(client, topic, LATEST)).offset, 1);
});

Deno.test("counts that no request can hold end the connection that sent them", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "absurd");
  for (const count of [2147483647, 0x7fffff, 1_000_000]) {
    const attacker = await broker.connect();
    const writer = new Writer();
    const frame = beginFrame(writer);
    writer.int16(0);
    writer.int16(3);
    writer.int32(1);
    writer.nullableString(null, false);
    writer.nullableString(null, false);
    writer.int16(-1);
    writer.int32(1000);
    writer.int32(1);
    writer.string(topic.name, false);
    writer.int32(count);
    endFrame(writer, frame);
    await attacker.write(writer.bytes().slice());
    await attacker.closedByBroker();
    await assert.rejects(produce(attacker, topic, textBatch(["x"])), ConnectionEnded);
  }
  assert.equal((await produce(client, topic, textBatch(["x"]))).baseOffset, 0);
});
