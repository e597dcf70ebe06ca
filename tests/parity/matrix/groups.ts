import { commitInput } from "../actors/offsets.ts";
import { Consumer } from "../actors/consumer.ts";
import { fetchOffsetsInput } from "../actors/committer.ts";
import { UNKNOWN_ID } from "../common.ts";
import { api } from "../api.ts";
import { encodeSubscription } from "../subscription.ts";
import { scenario } from "../scenario.ts";
import type { TopicRef } from "../../support/requests.ts";
import { Matrix, refusal } from "./matrix.ts";

const SESSION_TIMEOUT_MS = 30_000;

export const offsetsMatrix = scenario("who may commit and fetch offsets", async (peer) => {
  const topic = await peer.topic("topic");
  const nowhere: TopicRef = { name: peer.unique("nowhere"), topicId: UNKNOWN_ID };
  const group = peer.unique("group");
  const commits = (of: string) => peer.send(api.offsetCommit, 9, commitInput(of, [{ topic, offset: 5 }]));
  await commits(group);
  const matrix = await Matrix.open(peer);
  for (const version of [9, 10]) {
    await matrix.asks(`OffsetCommit ${version}`, api.offsetCommit, version, () =>
      commitInput(
        group,
        [{ topic, offset: 5 }, { topic, partition: 9, offset: 5 }, { topic: nowhere, offset: 5 }],
        { version },
      ));
  }
  for (const version of [1, 7, 9, 10]) {
    await matrix.asks(
      `OffsetFetch ${version}`,
      api.offsetFetch,
      version,
      () => fetchOffsetsInput(group, version, { of: [[topic, [0, 9]], [nowhere, [0]]] }),
    );
  }
  for (const version of [7, 10]) {
    await matrix.asks(
      `OffsetFetch ${version} of all topics`,
      api.offsetFetch,
      version,
      () => fetchOffsetsInput(group, version),
    );
  }
  await matrix.asks("OffsetFetch 9 of two groups", api.offsetFetch, 9, () => {
    const one = fetchOffsetsInput(group, 9, { of: [[topic, [0]]] });
    return {
      ...one,
      groups: [...one.groups, { ...one.groups[0], groupId: peer.unique("no group"), topics: null }],
    };
  });
  await matrix.asks("OffsetDelete 0", api.offsetDelete, 0, () => ({
    groupId: group,
    topics: [topic, nowhere].map(({ name }) => ({ name, partitions: [{ partitionIndex: 0 }] })),
  }), { after: async () => void await commits(group) });
  await matrix.asks("DeleteGroups 2", api.deleteGroups, 2, () => ({
    groupsNames: [group, peer.unique("no group")],
  }), { after: async () => void await commits(group) });
});

export const groupsMatrix = scenario("who may see and join groups", async (peer) => {
  const topic = await peer.topic("topic");
  const group = peer.unique("group");
  await peer.send(api.offsetCommit, 9, commitInput(group, [{ topic, offset: 5 }]));
  const consumer = new Consumer(peer, "the consumer", { group: "consumers" });
  await consumer.joins({ reads: [topic.name] });
  await consumer.settles(1);
  const groups = [group, consumer.group, peer.unique("no group")];
  const matrix = await Matrix.open(peer);
  await matrix.asks("FindCoordinator 3 of a group", api.findCoordinator, 3, () => ({
    key: group,
    keyType: 0,
    coordinatorKeys: [],
  }));
  for (const [keyType, whose] of [[0, "of groups"], [1, "of transactions"]] as const) {
    await matrix.asks(`FindCoordinator 4 ${whose}`, api.findCoordinator, 4, () => ({
      key: "",
      keyType,
      coordinatorKeys: [group, peer.unique("another")],
    }));
  }
  await matrix.asks("DescribeGroups 6", api.describeGroups, 6, () => ({
    groups,
    includeAuthorizedOperations: true,
  }));
  await matrix.asks("ConsumerGroupDescribe 1", api.consumerGroupDescribe, 1, () => ({
    groupIds: groups,
    includeAuthorizedOperations: true,
  }));
  await matrix.asks("ListGroups 5", api.listGroups, 5, () => ({ statesFilter: [], typesFilter: [] }), {
    // Groups that those who ask are in are in a state of their own.
    told: ({ errorCode, groups }) => ({
      errorCode,
      groups: groups.filter(({ groupId }) => groupId === group || groupId === consumer.group),
    }),
  });
  for (const version of [5, 9]) {
    await matrix.asks(`JoinGroup ${version}`, api.joinGroup, version, (requester) => ({
      groupId: peer.unique(`of ${requester}`),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: SESSION_TIMEOUT_MS,
      memberId: "",
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: encodeSubscription({ topics: [topic.name], says: "" }) }],
    }));
  }
  await matrix.asks("SyncGroup 5", api.syncGroup, 5, () => ({
    groupId: group,
    generationId: 1,
    memberId: "nobody",
    protocolType: "consumer",
    protocolName: "range",
    assignments: [],
  }));
  await matrix.asks("SyncGroup 5 without a protocol", api.syncGroup, 5, () => ({
    groupId: group,
    generationId: 1,
    memberId: "nobody",
    protocolType: null,
    protocolName: null,
    assignments: [],
  }));
  const nobody = { groupId: group, generationId: 1, memberId: "nobody" };
  await matrix.asks("Heartbeat 4", api.heartbeat, 4, () => nobody);
  await matrix.asks("Heartbeat 4 in a group without a name", api.heartbeat, 4, () => ({
    ...nobody,
    groupId: "",
  }));
  await matrix.asks("LeaveGroup 2", api.leaveGroup, 2, () => ({
    groupId: group,
    memberId: "nobody",
    members: [],
  }));
  await matrix.asks("LeaveGroup 5", api.leaveGroup, 5, () => ({
    groupId: group,
    memberId: "",
    members: [{ memberId: "nobody", groupInstanceId: null }],
  }));
  const beats = (question: string, topics: readonly string[] | null, pattern: string | null) =>
    matrix.asks(`ConsumerGroupHeartbeat 1 ${question}`, api.consumerGroupHeartbeat, 1, (requester) => ({
      groupId: peer.unique(`${question} of ${requester}`),
      memberId: "a member",
      memberEpoch: 0,
      rebalanceTimeoutMs: SESSION_TIMEOUT_MS,
      subscribedTopicNames: topics,
      subscribedTopicRegex: pattern,
      topicPartitions: [],
    }), { told: refusal });
  await beats("for a topic", [topic.name], null);
  await beats("for topics that there are not", [topic.name, peer.unique("nowhere")], null);
  await beats("for a pattern", null, `topic-${peer.unique("")}.*`);
  await beats("for nothing", [], null);
});
