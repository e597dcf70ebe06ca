import { api } from "../api.ts";
import type { FetchRequestInput } from "../../../src/protocol/generated/fetch_request.ts";
import { Compression } from "../../../src/records/mod.ts";
import { buildBatch } from "../../../src/records/compress.ts";
import { fetchInput, type FetchOptions, produce, type TopicRef } from "../../support/requests.ts";
import { UNKNOWN_ID } from "../common.ts";
import type { Peer } from "../peer.ts";
import type { Scenario } from "../scenario.ts";

const VERSIONS = [4, 18] as const;
/** The last version that names topics by name. */
const BY_NAME = 12;
const THEN_MS = 1_700_000_000_000;

/** Three batches of two records; the second one is compressed. */
async function fill(peer: Peer, topic: TopicRef, partition = 0): Promise<void> {
  const client = await peer.connection();
  for (let batch = 0; batch < 3; batch++) {
    const records = [0, 1].map((index) => ({
      value: new TextEncoder().encode(`batch ${batch}, record ${index} ${"x".repeat(100)}`),
      timestampMs: THEN_MS + 10 * batch + index,
    }));
    const compression = batch === 1 ? Compression.GZIP : Compression.NONE;
    const { errorCode } = await produce(client, topic, buildBatch(records, { compression }), { partition });
    if (errorCode !== 0) throw new Error(`cannot fill ${topic.name}: error ${errorCode}`);
  }
}

export const fetchAtEveryVersion: Scenario = {
  name: "fetch at every version",
  async play(peer) {
    const topic = await peer.topic("there");
    await fill(peer, topic);
    const nowhere = { name: peer.unique("nowhere"), topicId: UNKNOWN_ID };
    const each = (question: string, input: (version: number) => FetchRequestInput) =>
      peer.askEach(question, api.fetch, VERSIONS, input);
    await each("from the start", () => fetchInput(topic, 0));
    await each("from inside a batch", () => fetchInput(topic, 3));
    await each("from inside, reading what is committed", () => fetchInput(topic, 5, { isolationLevel: 1 }));
    await each("at the end", () => fetchInput(topic, 6));
    await each("behind the end", () => fetchInput(topic, 7));
    await each("before the start", () => fetchInput(topic, -1));
    await each("an unknown topic", () => fetchInput(nowhere, 0));
    await each("an unknown partition", () => fetchInput(topic, 0, { partition: 5 }));
    await each("a negative partition", () => fetchInput(topic, 0, { partition: -1 }));
    await each("of a later leader", () => fetchInput(topic, 0, { currentLeaderEpoch: 5 }));
    await each("of the leader that is", () => fetchInput(topic, 2, { currentLeaderEpoch: 0 }));
    await each("nothing", () => ({ ...fetchInput(topic, 0), topics: [] }));
    for (let version = BY_NAME; version <= VERSIONS[1]; version++) {
      const epoch = (question: string, offset: number, lastFetchedEpoch: number) =>
        peer.ask(
          `${question}, version ${version}`,
          api.fetch,
          version,
          fetchInput(topic, offset, { lastFetchedEpoch, currentLeaderEpoch: 0 }),
        );
      await epoch("having fetched of this leader", 4, 0);
      await epoch("having fetched of a later leader", 4, 3);
      await epoch("having fetched too much of this leader", 9, 0);
    }
  },
};

export const fetchWithinLimits: Scenario = {
  name: "fetch within limits",
  async play(peer) {
    const topic = await peer.topic("limits", { partitions: 3 });
    for (const partition of [0, 1, 2]) await fill(peer, topic, partition);
    const ask = (question: string, offset: number, options: FetchOptions) =>
      peer.ask(question, api.fetch, 12, fetchInput(topic, offset, options));
    await ask("one byte of the partition", 0, { partitionMaxBytes: 1 });
    await ask("one byte of all", 0, { maxBytes: 1 });
    await ask("no byte of the partition", 0, { partitionMaxBytes: 0 });
    await ask("no byte of all", 0, { maxBytes: 0 });
    await ask("less than no byte", 0, { maxBytes: -1 });
    await ask("less than no byte of the partition", 0, { partitionMaxBytes: -1 });
    await ask("more than there is, without a wait", 0, { minBytes: 100_000 });
    await ask("a wait below zero", 6, { maxWaitMs: -1 });
    await ask("not even one byte at the end", 6, { minBytes: 0, maxWaitMs: 60_000 });
    await ask("an unknown isolation level", 0, { isolationLevel: 9 });
    const three = (maxBytes: number, partitionMaxBytes: number): FetchRequestInput => ({
      ...fetchInput(topic, 0, { maxBytes }),
      topics: [{
        topic: topic.name,
        partitions: [0, 1, 2].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes })),
      }],
    });
    const askThree = (question: string, maxBytes: number, partitionMaxBytes: number) =>
      peer.ask(question, api.fetch, 12, three(maxBytes, partitionMaxBytes));
    await askThree("a byte of each of three", 100_000, 1);
    await askThree("a byte of all three", 1, 100_000);
    await askThree("a batch and a half", 500, 500);
    await peer.ask("a partition twice", api.fetch, 12, {
      ...fetchInput(topic, 0),
      topics: [0, 4].map((fetchOffset) => ({
        topic: topic.name,
        partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1000 }],
      })),
    });
  },
};

export const fetchInSessions: Scenario = {
  name: "fetch in sessions",
  async play(peer) {
    for (const version of [7, 12, 17]) {
      const topic = await peer.topic(`session-${version}`, { partitions: 3 });
      for (const partition of [0, 1]) await fill(peer, topic, partition);
      let sessionId = 0;
      const ask = async (
        question: string,
        sessionEpoch: number,
        places: readonly (readonly [partition: number, offset: number])[],
        forgotten: readonly number[] = [],
        id = sessionId,
      ) => {
        const ref = { topic: topic.name, topicId: topic.topicId };
        const partitions = places.map(([partition, fetchOffset]) => ({
          partition,
          fetchOffset,
          partitionMaxBytes: 100_000,
        }));
        return await peer.ask(`${question}, version ${version}`, api.fetch, version, {
          ...fetchInput(topic, 0),
          sessionId: id,
          sessionEpoch,
          topics: partitions.length === 0 ? [] : [{ ...ref, partitions }],
          forgottenTopicsData: forgotten.length === 0 ? [] : [{ ...ref, partitions: forgotten }],
        });
      };
      const opened = await ask("a new session", 0, [[0, 0], [1, 6], [2, 0]]);
      sessionId = opened?.sessionId ?? 0;
      await ask("where nothing moved", 1, []);
      await ask("where one moved on", 2, [[0, 4]]);
      await ask("up to the end", 3, [[0, 6]]);
      await ask("no news", 4, []);
      await fill(peer, topic, 2);
      await ask("news", 5, []);
      await ask("the same news", 6, []);
      await ask("an epoch again", 6, []);
      await ask("an epoch too far", 9, []);
      await ask("without one of them", 7, [], [2]);
      await ask("with an unknown one", 8, [[7, 0]]);
      await ask("the unknown one again", 9, []);
      await ask("with one out of range", 10, [[1, 99]]);
      await ask("which stays out of range", 11, []);
      await ask("that are forgotten all, one of them asked for", 12, [[1, 0]], [0, 1, 7]);
      await ask("after that", 13, []);
      await ask("a session that nobody has", 1, [], [], 12345);
      await ask("an epoch without a session", 1, [], [], 0);
      const again = await ask("another session", 0, [[0, 6]], [], 0);
      sessionId = again?.sessionId ?? 0;
      await ask("its end", -1, [[0, 4]]);
      await ask("after its end", 1, []);
      await ask("none from the beginning", -1, [[0, 4]], [], 0);
      await ask("a session of nothing", 0, [], [], 0);
    }
  },
};
