import assert from "node:assert/strict";
import { beginFrame, endFrame, Reader, Writer } from "../../src/protocol/mod.ts";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { fetchResponse } from "../../src/protocol/generated/fetch_response.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import { produceResponse } from "../../src/protocol/generated/produce_response.ts";
import { FetchReader, PreparedFetch } from "./fetch_messages.ts";
import { AckReader, BrokerError, correlationIdAt, PreparedProduce, setCorrelationId } from "./requests.ts";

/** A request's body, decoded: behind size, key, version, correlation id, client id and tags. */
function bodyOf(request: Uint8Array<ArrayBuffer>): { readonly reader: Reader; readonly version: number } {
  const reader = new Reader().reset(request);
  assert.equal(reader.int32(), request.length - 4);
  reader.int16();
  const version = reader.int16();
  reader.int32();
  reader.nullableString(false);
  reader.skipTaggedFields();
  return { reader, version };
}

function produceAnswer(topic: string, errorCode: number, baseOffset: number): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  const at = beginFrame(writer);
  writer.int32(77);
  writer.uvarint(0);
  const partitionResponses = [{ index: 3, errorCode, baseOffset }];
  produceResponse.encode(writer, { responses: [{ name: topic, partitionResponses }] }, 9);
  endFrame(writer, at);
  return writer.bytes().slice(4);
}

Deno.test("a produce asks for acks=all and carries the batch to its partition", () => {
  const batch = Uint8Array.of(1, 2, 3);
  const { bytes, recordsAt } = new PreparedProduce("topic", batch);
  assert.deepEqual(bytes.slice(recordsAt, recordsAt + 3), batch);
  const { reader, version } = bodyOf(bytes);
  const { acks, topicData } = produceRequest.decode(reader, version);
  assert.equal(acks, -1);
  assert.equal(topicData[0]?.name, "topic");
  assert.deepEqual(topicData[0]?.partitionData, [{ index: 0, records: batch }]);
});

Deno.test("a copy of a produce can be sent to another partition", () => {
  const prepared = new PreparedProduce("topic", Uint8Array.of(1, 2, 3));
  for (const partition of [5, 999, 70_000]) {
    const copy = prepared.bytes.slice();
    prepared.setPartition(copy, 0, partition);
    const { reader, version } = bodyOf(copy);
    assert.equal(produceRequest.decode(reader, version).topicData[0]?.partitionData[0]?.index, partition);
  }
});

Deno.test("the offset and the correlation id of a prepared fetch change in place, and nothing else", () => {
  const fetch = new PreparedFetch({ topic: "topic", partition: 2, maxBytes: 1000, maxWaitMs: 500 });
  for (const offset of [0, 1, 255, 2 ** 31, 2 ** 40 + 7]) {
    const request = fetch.at(offset, 9);
    assert.equal(correlationIdAt(request, 8), 9);
    const { reader, version } = bodyOf(request);
    const [topic] = fetchRequest.decode(reader, version).topics;
    assert.equal(topic?.topic, "topic");
    const { partition, fetchOffset, partitionMaxBytes } = topic.partitions[0]!;
    assert.deepEqual({ partition, fetchOffset, partitionMaxBytes }, {
      partition: 2,
      fetchOffset: offset,
      partitionMaxBytes: 1000,
    });
  }
});

function fetchAnswer(
  topic: string,
  { errorCode = 0, highWatermark = 0, records = new Uint8Array(0) },
): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  const at = beginFrame(writer);
  writer.int32(77);
  writer.uvarint(0);
  const partition = { partitionIndex: 3, errorCode, highWatermark, abortedTransactions: null, records };
  fetchResponse.encode(writer, { responses: [{ topic, partitions: [partition] }] }, 12);
  endFrame(writer, at);
  return writer.bytes().slice(4);
}

Deno.test("an answer to a fetch is read where it lies, whatever the topic and the length", () => {
  const reader = new FetchReader();
  for (const topic of ["t", "x".repeat(200)]) {
    for (const length of [0, 1, 127, 128, 20_000]) {
      const records = new Uint8Array(length).fill(9);
      const answer = fetchAnswer(topic, { highWatermark: 2 ** 40 + 5, records });
      reader.read(answer, 0, answer.length);
      assert.equal(reader.highWatermark, 2 ** 40 + 5);
      assert.deepEqual(answer.slice(reader.recordsStart, reader.recordsEnd), records);
    }
  }
});

Deno.test("a fetch that was refused or cut off is an error", () => {
  const refused = fetchAnswer("topic", { errorCode: 1 });
  assert.throws(() => new FetchReader().read(refused, 0, refused.length), BrokerError);
  const cut = fetchAnswer("topic", { records: new Uint8Array(100) });
  assert.throws(() => new FetchReader().read(cut, 0, cut.length - 50), /too briefly/);
});

Deno.test("the offset of an acknowledgement is found without decoding it whole, for topics of any length", () => {
  for (const topic of ["t", "a-topic", "x".repeat(100)]) {
    const answer = produceAnswer(topic, 0, 123_456_789_012);
    assert.equal(new AckReader(topic).baseOffset(answer, 0, answer.length), 123_456_789_012);
    assert.equal(correlationIdAt(answer, 0), 77);
  }
});

Deno.test("an error code in an acknowledgement is an error, and so is an answer that is cut off", () => {
  const refused = produceAnswer("topic", 6, -1);
  assert.throws(() => new AckReader("topic").baseOffset(refused, 0, refused.length), BrokerError);
  assert.throws(() => new AckReader("topic").baseOffset(refused, 0, 20), /too briefly/);
});

Deno.test("a frame in the middle of a buffer gets its own correlation id", () => {
  const bytes = new Uint8Array(32);
  setCorrelationId(bytes, 16, 5);
  assert.equal(correlationIdAt(bytes, 24), 5);
  assert.deepEqual([...bytes.subarray(0, 24)], new Array(24).fill(0));
});
