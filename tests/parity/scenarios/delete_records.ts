import { buildBatch } from "../../../src/records/compress.ts";
import { Compression } from "../../../src/records/mod.ts";
import { fetchInput, only, produce, produceInput, textBatch, type TopicRef } from "../../support/requests.ts";
import { Committer } from "../actors/committer.ts";
import { Producer, reads } from "../actors/producer.ts";
import { showsProducers } from "../actors/transaction_admin.ts";
import { api } from "../api.ts";
import { newProducerIdOf } from "../common.ts";
import type { Peer } from "../peer.ts";
import { scenario } from "../scenario.ts";

const VERSIONS = [0, 2] as const;
const THEN_MS = 1_700_000_000_000;
const TO_HIGH_WATERMARK = -1;
/** Times that ListOffsets takes for something else: latest, earliest, of the largest timestamp. */
const SPECIAL_TIMES = [-1, -2, -3] as const;

/** One part of a request. */
interface Asked {
  readonly name: string;
  readonly partition?: number;
  readonly offset: number;
}

/** A request with a topic of its own for each part. */
function inputOf(asked: readonly Asked[], timeoutMs = 30_000) {
  return {
    topics: asked.map(({ name, partition = 0, offset }) => ({
      name,
      partitions: [{ partitionIndex: partition, offset }],
    })),
    timeoutMs,
  };
}

async function deletes(peer: Peer, { name }: TopicRef, offset: number, partition = 0): Promise<void> {
  const place = partition === 0 ? "" : ` of partition ${partition}`;
  await peer.ask(
    `deletes up to ${offset}${place}`,
    api.deleteRecords,
    2,
    inputOf([{ name, partition, offset }]),
  );
}

/** Four batches of three records each, 10 ms from batch to batch; the second is compressed. */
async function fill(peer: Peer, topic: TopicRef, partition = 0): Promise<void> {
  const client = await peer.connection();
  for (let batch = 0; batch < 4; batch++) {
    const records = [0, 1, 2].map((index) => ({
      value: new TextEncoder().encode(`${batch}.${index}`),
      timestampMs: THEN_MS + 10 * batch + index,
    }));
    const compression = batch === 1 ? Compression.GZIP : Compression.NONE;
    const { errorCode } = await produce(client, topic, buildBatch(records, { compression }), { partition });
    if (errorCode !== 0) throw new Error(`cannot fill ${topic.name}: error ${errorCode}`);
  }
}

async function filled(
  peer: Peer,
  word: string,
  options: { readonly partitions?: number; readonly configs?: Readonly<Record<string, string>> } = {},
): Promise<TopicRef> {
  const topic = await peer.topic(word, options);
  for (let partition = 0; partition < (options.partitions ?? 1); partition++) {
    await fill(peer, topic, partition);
  }
  return topic;
}

/** What ListOffsets says of a partition. */
async function lists(peer: Peer, topic: TopicRef, times: readonly number[], partition = 0): Promise<void> {
  for (const timestamp of times) {
    const what = timestamp < 0 ? `special time ${timestamp}` : `${timestamp - THEN_MS} ms`;
    await peer.ask(`lists ${what}`, api.listOffsets, 8, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: topic.name, partitions: [{ partitionIndex: partition, timestamp }] }],
    });
  }
}

async function fetches(peer: Peer, topic: TopicRef, offsets: readonly number[], partition = 0) {
  for (const offset of offsets) {
    await peer.ask(`fetches from ${offset}`, api.fetch, 12, fetchInput(topic, offset, { partition }));
  }
}

export const deleteRecords = [
  scenario("records are deleted at every version", async (peer) => {
    const topic = await filled(peer, "topic");
    let offset = 1;
    for (let version = VERSIONS[0]; version <= VERSIONS[1]; version++) {
      await peer.ask(
        `up to ${offset}, version ${version}`,
        api.deleteRecords,
        version,
        inputOf([{ name: topic.name, offset }]),
      );
      offset += 3;
    }
    await peer.askEach(
      "again",
      api.deleteRecords,
      VERSIONS,
      () => inputOf([{ name: topic.name, offset: 7 }]),
    );
    await peer.askEach("nothing", api.deleteRecords, VERSIONS, () => inputOf([]));
    await lists(peer, topic, SPECIAL_TIMES);
  }),

  scenario("the start of a log moves within its bounds", async (peer) => {
    const topic = await filled(peer, "topic");
    for (const offset of [0, -2, -100, 13, 1_000_000, Number.MAX_SAFE_INTEGER, 5, 4, 0, 5, 6, 12, 12, 13]) {
      await deletes(peer, topic, offset);
    }
    await lists(peer, topic, SPECIAL_TIMES);
    await fetches(peer, topic, [0, 11, 12, 13]);
  }),

  scenario("all that is visible is deleted, and offsets go on", async (peer) => {
    const topic = await filled(peer, "topic");
    await deletes(peer, topic, TO_HIGH_WATERMARK);
    await deletes(peer, topic, TO_HIGH_WATERMARK);
    await lists(peer, topic, [...SPECIAL_TIMES, THEN_MS]);
    await fetches(peer, topic, [0, 12]);
    await fill(peer, topic);
    await lists(peer, topic, [...SPECIAL_TIMES, THEN_MS]);
    await fetches(peer, topic, [11, 12, 13]);
    await deletes(peer, topic, 14);
    await deletes(peer, topic, TO_HIGH_WATERMARK);
  }),

  scenario("nothing is deleted of what is empty", async (peer) => {
    const topic = await peer.topic("topic");
    for (const offset of [0, TO_HIGH_WATERMARK, 1, -2]) await deletes(peer, topic, offset);
    await lists(peer, topic, SPECIAL_TIMES);
    await fetches(peer, topic, [0, 1]);
  }),

  scenario("what does not exist has no records to delete", async (peer) => {
    const topic = await filled(peer, "topic");
    const ask = (question: string, asked: readonly Asked[]) =>
      peer.askEach(question, api.deleteRecords, VERSIONS, () => inputOf(asked));
    await ask("of an unknown topic", [{ name: peer.unique("nowhere"), offset: 0 }]);
    await ask("of an unknown partition", [{ name: topic.name, partition: 1, offset: 0 }]);
    await ask("of a negative partition", [{ name: topic.name, partition: -1, offset: 0 }]);
    await ask("of no name", [{ name: "", offset: 0 }]);
    await ask("of an illegal name", [{ name: peer.unique("a/b"), offset: 0 }]);
    await ask("of one that is there and one that is not", [
      { name: peer.unique("nowhere"), offset: TO_HIGH_WATERMARK },
      { name: topic.name, offset: 2 },
    ]);
    await peer.ask("of no partition", api.deleteRecords, 2, {
      topics: [{ name: topic.name, partitions: [] }],
      timeoutMs: 1000,
    });
    await peer.ask("of no partition of an unknown topic", api.deleteRecords, 2, {
      topics: [{ name: peer.unique("nowhere"), partitions: [] }],
      timeoutMs: 1000,
    });
    await lists(peer, topic, SPECIAL_TIMES);
  }),

  scenario("a partition that is named more than once counts as named last", async (peer) => {
    const topic = await filled(peer, "topic", { partitions: 2 });
    const twice = async (question: string, offsets: readonly number[], partition = 0) => {
      await peer.ask(`${question}, in one topic`, api.deleteRecords, 2, {
        topics: [{
          name: topic.name,
          partitions: offsets.map((offset) => ({ partitionIndex: partition, offset })),
        }],
        timeoutMs: 1000,
      });
      await lists(peer, topic, SPECIAL_TIMES, partition);
    };
    await twice("more, then less", [5, 2]);
    await twice("less, then more", [3, 6]);
    await twice("right, then wrong", [7, 99]);
    await twice("wrong, then right", [99, 7]);
    await peer.ask(
      "the topic twice",
      api.deleteRecords,
      2,
      inputOf([
        { name: topic.name, partition: 1, offset: 9 },
        { name: topic.name, partition: 0, offset: 8 },
        { name: topic.name, partition: 1, offset: 4 },
      ]),
    );
    await lists(peer, topic, SPECIAL_TIMES, 1);
  }),

  scenario("no time limit is too short", async (peer) => {
    const topic = await filled(peer, "topic");
    for (const [index, timeoutMs] of [0, -1, -2147483648, 1, 2147483647].entries()) {
      await peer.ask(
        `within ${timeoutMs} ms`,
        api.deleteRecords,
        2,
        inputOf([{ name: topic.name, offset: index + 1 }], timeoutMs),
      );
    }
  }),

  scenario("each partition of a request succeeds or fails on its own", async (peer) => {
    const topic = await filled(peer, "topic", { partitions: 4 });
    const offsets = [3, 99, TO_HIGH_WATERMARK, -5];
    await peer.ask("of four", api.deleteRecords, 2, {
      topics: [{
        name: topic.name,
        partitions: offsets.map((offset, partitionIndex) => ({ partitionIndex, offset })),
      }],
      timeoutMs: 1000,
    });
    for (const partition of offsets.keys()) await lists(peer, topic, SPECIAL_TIMES, partition);
  }),

  ...["compact", "delete", "compact,delete", "delete,compact", ""].map((policy) =>
    scenario(`records are deleted as the cleanup policy "${policy}" allows`, async (peer) => {
      const topic = await peer.topic("topic", { configs: { "cleanup.policy": policy } });
      const record = { key: new Uint8Array([1]), value: new Uint8Array([2]), timestampMs: THEN_MS };
      await produce(await peer.connection(), topic, buildBatch([record, record]));
      for (const offset of [1, 0, TO_HIGH_WATERMARK, 99, -2]) await deletes(peer, topic, offset);
      await lists(peer, topic, SPECIAL_TIMES);
    })
  ),

  scenario("a fetch below the start is out of range, at every version", async (peer) => {
    const topic = await filled(peer, "topic");
    await deletes(peer, topic, 5);
    for (const [question, offset] of [["below", 4], ["at", 5], ["behind", 6], ["far below", 0]] as const) {
      await peer.askEach(`${question} the start`, api.fetch, [4, 18], () => fetchInput(topic, offset));
    }
    await peer.ask(
      "what is committed",
      api.fetch,
      12,
      fetchInput(topic, 5, { isolationLevel: 1 }),
    );
    await peer.ask("one byte at the start", api.fetch, 12, fetchInput(topic, 5, { maxBytes: 1 }));
    await peer.ask(
      "of the leader that is, below the start",
      api.fetch,
      12,
      fetchInput(topic, 2, { lastFetchedEpoch: 0, currentLeaderEpoch: 0 }),
    );
  }),

  scenario("a session hears that the start has moved", async (peer) => {
    for (const version of [7, 12, 17]) {
      const topic = await filled(peer, `topic-${version}`, { partitions: 2 });
      let sessionId = 0;
      const ask = async (question: string, sessionEpoch: number, places: readonly (readonly number[])[]) => {
        const partitions = places.map(([partition = 0, fetchOffset = 0]) => ({
          partition,
          fetchOffset,
          partitionMaxBytes: 100_000,
        }));
        const answer = await peer.ask(`${question}, version ${version}`, api.fetch, version, {
          ...fetchInput(topic, 0),
          sessionId,
          sessionEpoch,
          topics: partitions.length === 0 ? [] : [{ topic: topic.name, topicId: topic.topicId, partitions }],
        });
        sessionId = answer?.sessionId ?? 0;
      };
      await ask("both at their ends", 0, [[0, 12], [1, 12]]);
      await ask("nothing is new", 1, []);
      await deletes(peer, topic, 4);
      await ask("one begins later", 2, []);
      await ask("which is known then", 3, []);
      await deletes(peer, topic, 4);
      await ask("it was not moved", 4, []);
      await ask("one reads from its beginning", 5, [[1, 0]]);
      await deletes(peer, topic, TO_HIGH_WATERMARK, 1);
      await ask("which is gone", 6, []);
      await ask("and stays so", 7, []);
      await ask("it goes on", 8, [[1, 12]]);
    }
  }),

  scenario("times are looked up behind the start", async (peer) => {
    const topic = await filled(peer, "topic");
    const times = [-3, -2, -1, ...[0, 1, 2, 10, 11, 12, 20, 22, 30, 31, 32, 33].map((ms) => THEN_MS + ms)];
    for (const offset of [1, 4, 6, 11, 12]) {
      await deletes(peer, topic, offset);
      await lists(peer, topic, times);
    }
  }),

  scenario("the largest timestamp is deleted", async (peer) => {
    const topic = await peer.topic("topic");
    for (const times of [[5, 90, 7], [40, 50], [30]]) {
      const records = times.map((ms) => ({ timestampMs: THEN_MS + ms }));
      await produce(await peer.connection(), topic, buildBatch(records));
    }
    const times = [-3, THEN_MS, THEN_MS + 31, THEN_MS + 51];
    for (const offset of [1, 3, 5]) {
      await deletes(peer, topic, offset);
      await lists(peer, topic, times);
    }
  }),

  scenario("epochs end where they did", async (peer) => {
    const topic = await filled(peer, "topic");
    for (const offset of [0, 5, TO_HIGH_WATERMARK]) {
      await deletes(peer, topic, offset);
      for (const leaderEpoch of [-1, 0, 3]) {
        await peer.ask(`of epoch ${leaderEpoch}`, api.offsetForLeaderEpoch, 4, {
          topics: [{ topic: topic.name, partitions: [{ partition: 0, leaderEpoch }] }],
        });
      }
    }
  }),

  scenario("producers hear where the log starts", async (peer) => {
    const topic = await filled(peer, "topic");
    await deletes(peer, topic, 7);
    await peer.askEach(
      "produces",
      api.produce,
      [3, 13],
      () => produceInput(topic, textBatch(["more"], THEN_MS)),
    );
    await deletes(peer, topic, TO_HIGH_WATERMARK);
    await peer.ask(
      "produces to the empty log",
      api.produce,
      11,
      produceInput(topic, textBatch(["x"], THEN_MS)),
    );
  }),

  scenario("a producer whose records are gone goes on", async (peer) => {
    const topic = await peer.topic("topic");
    const producerId = await newProducerIdOf(peer);
    const send = (question: string, baseSequence: number) => {
      const batch = buildBatch([{ timestampMs: THEN_MS }, { timestampMs: THEN_MS }], {
        producerId,
        producerEpoch: 0,
        baseSequence,
      });
      return peer.ask(question, api.produce, 11, produceInput(topic, batch));
    };
    await send("the first", 0);
    await send("the second", 2);
    await deletes(peer, topic, TO_HIGH_WATERMARK);
    await showsProducers(peer, topic.name);
    await send("the third", 4);
    await send("one too far", 8);
    await showsProducers(peer, topic.name);
  }),

  scenario("a transaction is open across the start, and commits", async (peer) => {
    const topic = await peer.topic("topic");
    const p = new Producer(peer, "p");
    await p.inits();
    await p.produces(topic, ["one", "two", "three"]);
    await produce(await peer.connection(), topic, textBatch(["plain"]));
    await reads(peer, topic, 4);
    await deletes(peer, topic, 2);
    await reads(peer, topic, 4, { offset: 2 });
    await reads(peer, topic, 4, { offset: 3 });
    await showsProducers(peer, topic.name);
    await deletes(peer, topic, TO_HIGH_WATERMARK);
    await reads(peer, topic, 4, { offset: 4 });
    await p.produces(topic, ["four"]);
    await reads(peer, topic, 5, { offset: 4 });
    await p.commits();
    await reads(peer, topic, 6, { offset: 4 });
    await showsProducers(peer, topic.name);
  }),

  scenario("a transaction is open across the start, and aborts", async (peer) => {
    const topic = await peer.topic("topic");
    const p = new Producer(peer, "p");
    await p.inits();
    await p.produces(topic, ["one", "two"]);
    await p.produces(topic, ["three"]);
    await produce(await peer.connection(), topic, textBatch(["plain"]));
    await deletes(peer, topic, 1);
    await p.aborts();
    await reads(peer, topic, 5, { offset: 1 });
    await reads(peer, topic, 5, { offset: 2 });
    await deletes(peer, topic, 3);
    await reads(peer, topic, 5, { offset: 3 });
    await deletes(peer, topic, TO_HIGH_WATERMARK);
    await reads(peer, topic, 5, { offset: 5 });
    await p.produces(topic, ["after"]);
    await p.commits();
    await reads(peer, topic, 7, { offset: 5 });
  }),

  scenario("committed offsets below the start stay", async (peer) => {
    const topic = await filled(peer, "topic");
    const c = new Committer(peer, "c");
    await c.commits([{ topic, offset: 3 }]);
    await deletes(peer, topic, 8);
    await c.fetches();
    await c.commits([{ topic, offset: 2 }]);
    await c.fetches();
  }),

  scenario("a topic made anew begins at 0", async (peer) => {
    const topic = await filled(peer, "topic");
    await deletes(peer, topic, 8);
    const removed = await peer.send(api.deleteTopics, 5, {
      topics: [],
      topicNames: [topic.name],
      timeoutMs: 10_000,
    });
    if (only(removed.responses).errorCode !== 0) throw new Error("the topic cannot be deleted");
    await peer.whenGone(topic.name);
    await deletes(peer, topic, 0);
    const again = await filled(peer, "topic");
    await lists(peer, again, SPECIAL_TIMES);
    await deletes(peer, again, 1);
  }),
];
