import { api } from "../api.ts";
import type { ListOffsetsRequestInput } from "../../../src/protocol/generated/list_offsets_request.ts";
import { Compression } from "../../../src/records/mod.ts";
import { buildBatch } from "../../../src/records/compress.ts";
import { produce, type TopicRef } from "../../support/requests.ts";
import type { Peer } from "../peer.ts";
import type { Scenario } from "../scenario.ts";

const VERSIONS = [1, 11] as const;
const ISOLATION_FROM = 2;
const THEN_MS = 1_700_000_000_000;

/** Batches whose records are that many ms after {@link THEN_MS}: neither in order nor without repetition. */
const TIMES = [[10, 30, 20], [40, 40], [35, 5], [90, 60], [90]] as const;
const CODECS = [Compression.NONE, Compression.GZIP, Compression.SNAPPY, Compression.LZ4, Compression.ZSTD];

async function fill(peer: Peer, topic: TopicRef): Promise<void> {
  const client = await peer.connection();
  for (const [index, times] of TIMES.entries()) {
    const batch = buildBatch(times.map((time) => ({ timestampMs: THEN_MS + time })), {
      compression: CODECS[index] ?? Compression.NONE,
    });
    await produce(client, topic, batch);
  }
}

function inputOf(
  topic: string,
  partitions: readonly { readonly partitionIndex: number; readonly timestamp: number }[],
  isolationLevel = 0,
): ListOffsetsRequestInput {
  return { replicaId: -1, isolationLevel, topics: [{ name: topic, partitions }] };
}

export const listOffsets: Scenario = {
  name: "list offsets",
  async play(peer) {
    const topic = await peer.topic("full", { partitions: 2 });
    await fill(peer, topic);
    const each = (question: string, input: (version: number) => ListOffsetsRequestInput) =>
      peer.askEach(question, api.listOffsets, VERSIONS, input);
    const at = (timestamp: number, partitionIndex = 0) =>
      inputOf(topic.name, [{ partitionIndex, timestamp }]);
    for (const special of [-1, -2, -3, -4, -5, -6, -7, -100]) {
      await each(`the special time ${special}`, () => at(special));
      await each(`the special time ${special} of an empty partition`, () => at(special, 1));
    }
    for (const time of [-10, 0, 5, 6, 20, 21, 31, 36, 40, 41, 60, 61, 90, 91, 1000]) {
      await peer.ask(`${time} ms`, api.listOffsets, 8, at(THEN_MS + time));
    }
    await each("in the middle", () => at(THEN_MS + 25));
    await each("after the last", () => at(THEN_MS + 91));
    await each("at the beginning of time", () => at(0));
    await each("a time in an empty partition", () => at(THEN_MS, 1));
    await each(
      "an unknown topic",
      () => inputOf(peer.unique("nowhere"), [{ partitionIndex: 0, timestamp: -1 }]),
    );
    await each("an unknown partition", () => at(-1, 9));
    await each("a negative partition", () => at(-1, -1));
    await each(
      "what is committed",
      (version) =>
        inputOf(topic.name, [{ partitionIndex: 0, timestamp: -1 }], version < ISOLATION_FROM ? 0 : 1),
    );
    const times = [-1, -2];
    await each(
      "a partition twice",
      () => inputOf(topic.name, times.map((timestamp) => ({ partitionIndex: 0, timestamp }))),
    );
    for (let version = 4; version <= VERSIONS[1]; version++) {
      for (const currentLeaderEpoch of [0, 3]) {
        await peer.ask(
          `of the leader of epoch ${currentLeaderEpoch}, version ${version}`,
          api.listOffsets,
          version,
          inputOf(topic.name, [{ partitionIndex: 0, timestamp: -1, ...{ currentLeaderEpoch } }]),
        );
      }
    }
  },
};

export const offsetForLeaderEpoch: Scenario = {
  name: "offset for leader epoch",
  async play(peer) {
    const topic = await peer.topic("epochs", { partitions: 2 });
    await fill(peer, topic);
    const cases: readonly (readonly [question: string, partition: number, epoch: number, current: number])[] =
      [
        ["of the epoch that is", 0, 0, -1],
        ["of the epoch that is, known", 0, 0, 0],
        ["of a later epoch", 0, 4, -1],
        ["of no epoch", 0, -1, -1],
        ["of a leader to come", 0, 0, 7],
        ["of an empty partition", 1, 0, -1],
        ["of a later epoch of an empty partition", 1, 2, 0],
        ["of an unknown partition", 8, 0, -1],
      ];
    for (const [question, partition, leaderEpoch, currentLeaderEpoch] of cases) {
      await peer.askEach(question, api.offsetForLeaderEpoch, [2, 4], () => ({
        topics: [{ topic: topic.name, partitions: [{ partition, leaderEpoch, currentLeaderEpoch }] }],
      }));
    }
    await peer.askEach(
      "of an unknown topic",
      api.offsetForLeaderEpoch,
      [2, 4],
      () => ({ topics: [{ topic: peer.unique("nowhere"), partitions: [{ partition: 0, leaderEpoch: 0 }] }] }),
    );
  },
};
