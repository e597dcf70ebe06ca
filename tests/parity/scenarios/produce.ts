import { api } from "../api.ts";
import type { ProduceRequestInput } from "../../../src/protocol/generated/produce_request.ts";
import { type BatchFields, Compression } from "../../../src/records/mod.ts";
import { buildBatch } from "../../../src/records/compress.ts";
import { newProducerIdOf, UNKNOWN_ID } from "../common.ts";
import type { Peer } from "../peer.ts";
import type { Scenario } from "../scenario.ts";
import { produceInput, type ProduceOptions, type TopicRef } from "../../support/requests.ts";

const VERSIONS = [3, 13] as const;
/** A fixed moment, so that answers are the same whenever they are asked for. */
const THEN_MS = 1_700_000_000_000;

function batchOf(count: number, fields: BatchFields = {}): Uint8Array {
  const records = Array.from({ length: count }, (_, index) => ({
    key: new TextEncoder().encode(`k${index}`),
    value: new TextEncoder().encode(`v${index}`),
    timestampMs: THEN_MS + index,
  }));
  return buildBatch(records, fields);
}

function ask(
  peer: Peer,
  question: string,
  topic: TopicRef,
  records: Uint8Array | null,
  options: ProduceOptions = {},
): Promise<unknown> {
  const { version = 9 } = options;
  return peer.ask(question, api.produce, version, produceInput(topic, records, options));
}

export const produceAtEveryVersion: Scenario = {
  name: "produce at every version",
  async play(peer) {
    const topic = await peer.topic("there");
    const nowhere = { name: peer.unique("nowhere"), topicId: UNKNOWN_ID };
    const each = (question: string, input: () => ProduceRequestInput) =>
      peer.askEach(question, api.produce, VERSIONS, input);
    await each("acks of all", () => produceInput(topic, batchOf(2)));
    await each("acks of the leader", () => produceInput(topic, batchOf(1), { acks: 1 }));
    await each("an unknown topic", () => produceInput(nowhere, batchOf(1)));
    await each("an unknown partition", () => produceInput(topic, batchOf(1), { partition: 7 }));
    await each("acks that do not exist", () => produceInput(topic, batchOf(1), { acks: 2 }));
    await each("records that are garbage", () => produceInput(topic, new Uint8Array(100).fill(7)));
    await each("nothing at all", () => ({ acks: -1, timeoutMs: 1000, topicData: [] }));
    await each("a topic without partitions", () => ({
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ ...topic, partitionData: [] }],
    }));
  },
};

export const produceToManyPlaces: Scenario = {
  name: "produce to many places at once",
  async play(peer) {
    const one = await peer.topic("one", { partitions: 2 });
    const two = await peer.topic("two", { configs: { "max.message.bytes": "200" } });
    const large = buildBatch([{ value: new Uint8Array(300), timestampMs: THEN_MS }]);
    for (const version of [8, 12, 13]) {
      await peer.ask(`some good and some bad, version ${version}`, api.produce, version, {
        acks: -1,
        timeoutMs: 1000,
        topicData: [
          {
            ...one,
            partitionData: [0, 1, 2, -1].map((index) => ({ index, records: batchOf(1) })),
          },
          { ...two, partitionData: [{ index: 0, records: large }] },
          {
            name: peer.unique("nowhere"),
            topicId: UNKNOWN_ID,
            partitionData: [{ index: 0, records: batchOf(1) }],
          },
        ],
      });
    }
    await ask(peer, "acks of 2 to an unknown topic", { ...one, name: peer.unique("none") }, batchOf(1), {
      acks: 2,
    });
    await ask(peer, "acks of -2", one, batchOf(1), { acks: -2 });
    await ask(peer, "an empty topic name", { ...one, name: "" }, batchOf(1));
    await ask(peer, "an illegal topic name", { ...one, name: "a/b" }, batchOf(1));
    await ask(peer, "no id", { ...one, topicId: "AAAAAAAAAAAAAAAAAAAAAA" }, batchOf(1), { version: 13 });
    const time = await peer.topic("time", { configs: { "message.timestamp.type": "LogAppendTime" } });
    await ask(peer, "the broker's time", time, batchOf(3));
    await ask(peer, "the broker's time, compressed", time, batchOf(3, { compression: Compression.GZIP }));
    await ask(peer, "zstd before its time", one, batchOf(1, { compression: Compression.ZSTD }), {
      version: 6,
    });
    const compact = await peer.topic("compact", { configs: { "cleanup.policy": "compact" } });
    const keyless = buildBatch([{ key: null, timestampMs: THEN_MS }, { key: null, timestampMs: THEN_MS }]);
    await ask(peer, "no keys for a compacted topic", compact, keyless);
    await ask(peer, "no keys for a compacted topic, version 7", compact, keyless, { version: 7 });
    const packed = { compression: Compression.LZ4 };
    const mixed = [{ key: Uint8Array.of(1), timestampMs: THEN_MS }, { key: null, timestampMs: THEN_MS }];
    await ask(peer, "a missing key for a compacted topic, compressed", compact, buildBatch(mixed, packed));
    await ask(peer, "keys for a compacted topic, compressed", compact, buildBatch(mixed.slice(0, 1), packed));
    const both = await peer.topic("both", { configs: { "cleanup.policy": "compact,delete" } });
    await ask(peer, "a missing key where records are deleted, too", both, buildBatch(mixed));
  },
};

export const produceInSequence: Scenario = {
  name: "produce in sequence",
  async play(peer) {
    const topic = await peer.topic("sequence");
    const producerId = await newProducerIdOf(peer);
    const of = (baseSequence: number, count = 1, fields: BatchFields = {}) =>
      batchOf(count, { producerId, producerEpoch: 0, baseSequence, ...fields });
    await ask(peer, "the first", topic, of(0));
    await ask(peer, "the first again", topic, of(0));
    for (let sequence = 1; sequence < 7; sequence++) {
      await ask(peer, `number ${sequence}`, topic, of(sequence));
    }
    for (let sequence = 0; sequence < 7; sequence++) {
      await ask(peer, `${sequence} again`, topic, of(sequence));
    }
    await ask(peer, "a gap", topic, of(9));
    await ask(peer, "one that overlaps", topic, of(6, 2));
    await ask(peer, "one that is longer than what was", topic, of(5, 3));
    await ask(peer, "a sequence of -1", topic, of(-1));
    await ask(peer, "a sequence of -2", topic, of(-2));
    await ask(peer, "a new epoch that starts at 3", topic, of(3, 1, { producerEpoch: 1 }));
    await ask(peer, "a new epoch", topic, of(0, 2, { producerEpoch: 1 }));
    await ask(peer, "the epoch before", topic, of(7));
    await ask(peer, "the new epoch again", topic, of(0, 2, { producerEpoch: 1 }));
    await ask(peer, "an epoch of -1", topic, of(2, 1, { producerEpoch: -1 }));
    const other = await newProducerIdOf(peer);
    await ask(peer, "an unknown producer in the middle", topic, of(40, 2, { producerId: other }));
    await ask(peer, "and on", topic, of(42, 2, { producerId: other }));
    await ask(peer, "an id that nobody has", topic, of(0, 1, { producerId: 987_654_321 }));
    const last = await newProducerIdOf(peer);
    await ask(peer, "up to the end of sequences", topic, of(2147483646, 2, { producerId: last }));
    await ask(peer, "and around", topic, of(0, 2, { producerId: last }));
    const wrapping = await newProducerIdOf(peer);
    await ask(peer, "across the end of sequences", topic, of(2147483646, 4, { producerId: wrapping }));
    await ask(peer, "and behind it", topic, of(2, 1, { producerId: wrapping }));
    await ask(peer, "across again", topic, of(2147483646, 4, { producerId: wrapping }));
  },
};

export const produceInTransactions: Scenario = {
  name: "produce where no transaction is",
  async play(peer) {
    const topic = await peer.topic("transaction");
    const producerId = await newProducerIdOf(peer);
    const transactional = { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    const transactionalId = peer.unique("t");
    await ask(peer, "a transactional batch without an id", topic, batchOf(1, transactional));
    await ask(peer, "a plain batch with an id", topic, batchOf(1), { transactionalId });
    await ask(peer, "a control batch", topic, batchOf(1, { ...transactional, isControl: true }));
    await ask(peer, "a control batch, not transactional", topic, batchOf(1, { isControl: true }));
    await ask(peer, "a transactional batch without a producer", topic, batchOf(1, { isTransactional: true }));
  },
};
