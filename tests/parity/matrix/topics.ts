import type { CreateTopicsResponse } from "../../../src/protocol/generated/create_topics_response.ts";
import { zeroUuid } from "../../../src/protocol/mod.ts";
import { EARLIEST, LATEST, only } from "../../support/requests.ts";
import { UNKNOWN_ID } from "../common.ts";
import { api } from "../api.ts";
import type { Peer } from "../peer.ts";
import { scenario } from "../scenario.ts";
import { Matrix } from "./matrix.ts";

const TIMEOUT_MS = 10_000;
const NOT_ALLOWED = 29;

const named = (name: string) => ({ name, topicId: zeroUuid });
const withId = (topicId: string) => ({ name: null, topicId });

export const metadataMatrix = scenario("who may see topics", async (peer) => {
  const topic = await peer.topic("topic", { partitions: 2 });
  const nowhere = peer.unique("nowhere");
  const matrix = await Matrix.open(peer);
  const asks = (
    question: string,
    topics: readonly { readonly name: string | null; readonly topicId: string }[] | null,
    version = 13,
  ) =>
    matrix.asks(`Metadata ${version} ${question}`, api.metadata, version, () => ({
      topics,
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: version <= 10,
      includeTopicAuthorizedOperations: true,
    }));
  await asks("by name", [named(topic.name), named(nowhere)]);
  await asks("by id", [withId(topic.topicId)]);
  await asks("by an unknown id", [withId(UNKNOWN_ID)]);
  await asks("of all topics", null);
  await asks("of no topic", [], 10);
  const describes = (question: string, topics: readonly { readonly name: string }[]) =>
    matrix.asks(`DescribeTopicPartitions 0 ${question}`, api.describeTopicPartitions, 0, () => ({
      topics,
      responsePartitionLimit: 2000,
      cursor: null,
    }));
  await describes("by name", [topic, { name: nowhere }]);
  await describes("of all topics", []);
  await matrix.asks("DescribeTopicPartitions 0 from a cursor on", api.describeTopicPartitions, 0, () => ({
    topics: [{ name: nowhere }, topic],
    responsePartitionLimit: 1,
    cursor: { topicName: topic.name, partitionIndex: 1 },
  }));
  await matrix.asks("ListOffsets 11", api.listOffsets, 11, () => ({
    replicaId: -1,
    isolationLevel: 0,
    topics: [topic.name, nowhere].map((name) => ({
      name,
      partitions: [{ partitionIndex: 0, timestamp: LATEST }, { partitionIndex: 9, timestamp: EARLIEST }],
    })),
    timeoutMs: TIMEOUT_MS,
  }));
  await matrix.asks("OffsetForLeaderEpoch 4", api.offsetForLeaderEpoch, 4, () => ({
    topics: [topic.name, nowhere].map((name) => ({
      topic: name,
      partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }],
    })),
  }));
  await matrix.asks("DescribeProducers 0", api.describeProducers, 0, () => ({
    topics: [topic.name, nowhere, "no/name"].map((name) => ({ name, partitionIndexes: [0] })),
  }));
});

/** What came of topics, without their configs. */
function withoutConfigs({ topics }: CreateTopicsResponse): unknown {
  return topics.map(({ configs, ...topic }) => ({ ...topic, configs: configs?.length !== 0 }));
}

/** Deletes the topic if it is there, so that it can be made again. */
async function unmake(peer: Peer, name: string): Promise<void> {
  const { responses } = await peer.send(api.deleteTopics, 6, {
    topics: [named(name)],
    timeoutMs: TIMEOUT_MS,
  });
  if (only(responses).errorCode === 0) await peer.whenGone(name);
}

export const topicsMatrix = scenario("who may make topics", async (peer) => {
  const topic = await peer.topic("topic", { partitions: 2 });
  const [nowhere, fresh] = [peer.unique("nowhere"), peer.unique("fresh")];
  const matrix = await Matrix.open(peer);
  const creatable = { numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] };
  for (const version of [4, 7]) {
    await matrix.asks(`CreateTopics ${version} to check`, api.createTopics, version, () => ({
      topics: [{ name: fresh, ...creatable }, { name: topic.name, ...creatable }],
      timeoutMs: TIMEOUT_MS,
      validateOnly: true,
    }), { told: withoutConfigs });
  }
  await matrix.asks("CreateTopics 7", api.createTopics, 7, () => ({
    topics: [{ name: fresh, ...creatable }],
    timeoutMs: TIMEOUT_MS,
    validateOnly: false,
  }), {
    told: withoutConfigs,
    after: async ({ topics }) => {
      if (only(topics).errorCode === 0) await unmake(peer, fresh);
    },
  });
  // Whether the topic is there at once is another matter.
  await matrix.asks("Metadata 13 that makes topics", api.metadata, 13, () => ({
    topics: [named(fresh)],
    allowAutoTopicCreation: true,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  }), {
    told: ({ topics }) => only(topics).errorCode === NOT_ALLOWED ? topics : "no refusal",
    after: async ({ topics }) => {
      if (only(topics).errorCode === NOT_ALLOWED) return;
      await peer.whenThere(fresh);
      await unmake(peer, fresh);
    },
  });
  await matrix.asks("CreatePartitions 3 to check", api.createPartitions, 3, () => ({
    topics: [topic.name, nowhere].map((name) => ({ name, count: 3, assignments: null })),
    timeoutMs: TIMEOUT_MS,
    validateOnly: true,
  }));
});

export const deletionMatrix = scenario("who may delete topics and records", async (peer) => {
  const topic = await peer.topic("topic", { partitions: 2 });
  const nowhere = peer.unique("nowhere");
  const matrix = await Matrix.open(peer);
  await matrix.asks("DeleteTopics 5", api.deleteTopics, 5, () => ({
    topics: [],
    topicNames: [nowhere],
    timeoutMs: TIMEOUT_MS,
  }));
  let doomed = await peer.topic("doomed");
  const again = async ({ responses }: { readonly responses: readonly { readonly errorCode: number }[] }) => {
    if (!responses.some(({ errorCode }) => errorCode === 0)) return;
    await peer.whenGone(doomed.name);
    doomed = await peer.topic("doomed");
  };
  await matrix.asks("DeleteTopics 6 by name", api.deleteTopics, 6, () => ({
    topics: [named(doomed.name), named(nowhere)],
    timeoutMs: TIMEOUT_MS,
  }), { after: again });
  await matrix.asks("DeleteTopics 6 by id", api.deleteTopics, 6, () => ({
    topics: [withId(doomed.topicId), withId(UNKNOWN_ID)],
    timeoutMs: TIMEOUT_MS,
  }), { after: again });
  await matrix.asks("DeleteTopics 6 by name and by id", api.deleteTopics, 6, () => ({
    topics: [withId(doomed.topicId), named(doomed.name)],
    timeoutMs: TIMEOUT_MS,
  }), { told: ({ responses }) => responses.map(({ errorCode }) => errorCode).sort() });
  await matrix.asks("DeleteRecords 2", api.deleteRecords, 2, () => ({
    topics: [topic.name, nowhere].map((name) => ({ name, partitions: [{ partitionIndex: 0, offset: 0 }] })),
    timeoutMs: TIMEOUT_MS,
  }));
  for (const version of [0, 2]) {
    await matrix.asks(`ElectLeaders ${version}`, api.electLeaders, version, () => ({
      electionType: 0,
      topicPartitions: [{ topic: topic.name, partitions: [0, 9] }],
      timeoutMs: TIMEOUT_MS,
    }));
  }
  await matrix.asks("ElectLeaders 2 of all", api.electLeaders, 2, () => ({
    electionType: 0,
    topicPartitions: null,
    timeoutMs: TIMEOUT_MS,
  }));
  await matrix.asks("AlterPartitionReassignments 1", api.alterPartitionReassignments, 1, () => ({
    timeoutMs: TIMEOUT_MS,
    allowReplicationFactorChange: true,
    topics: [topic.name, nowhere].map((name) => ({
      name,
      partitions: [{ partitionIndex: 0, replicas: [1] }, { partitionIndex: 1, replicas: null }],
    })),
  }));
  await matrix.asks("ListPartitionReassignments 0", api.listPartitionReassignments, 0, () => ({
    timeoutMs: TIMEOUT_MS,
    topics: [{ name: topic.name, partitionIndexes: [0, 1] }],
  }));
  await matrix.asks("ListPartitionReassignments 0 of all", api.listPartitionReassignments, 0, () => ({
    timeoutMs: TIMEOUT_MS,
    topics: null,
  }));
});
