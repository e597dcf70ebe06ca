import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { createPartitionsRequest } from "../../src/protocol/generated/create_partitions_request.ts";
import { createPartitionsResponse } from "../../src/protocol/generated/create_partitions_response.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { ConsumerGroupMember, describeConsumerGroup } from "../support/consumer_group.ts";
import { createTopic, only } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const GROUP = "readers";

function member(client: WireClient, id: string, instanceId: string | null = null): ConsumerGroupMember {
  return new ConsumerGroupMember(client, GROUP, id, instanceId);
}

/** Waits for what happens by itself, in its own time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function commit(
  client: WireClient,
  memberId: string,
  epoch: number,
  topic: string,
  partition: number,
): Promise<number> {
  const answer = await client.send(offsetCommitRequest, offsetCommitResponse, 9, {
    groupId: GROUP,
    memberId,
    generationIdOrMemberEpoch: epoch,
    topics: [{
      name: topic,
      partitions: [{ partitionIndex: partition, committedOffset: 1, committedMetadata: null }],
    }],
  });
  return only(only(answer.topics).partitions).errorCode;
}

Deno.test("a second member gets its half once the first one has given it up", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const { topicId } = await createTopic(client, "t", { partitions: 4 });
  const [a, b] = [member(client, "a"), member(client, "b")];
  await a.join(["t"]);
  assert.deepEqual(a.assignment, { [topicId]: [0, 1, 2, 3] });
  await a.confirm();

  await b.join(["t"]);
  assert.deepEqual(b.assignment, {}, "all is taken");
  await a.heartbeat();
  assert.deepEqual(a.assignment, { [topicId]: [0, 1] }, "it is told to give up two");
  assert.equal(a.epoch, 2, "and stays in its epoch until it has");
  await b.heartbeat();
  assert.deepEqual(b.assignment, {});
  assert.equal((await describeConsumerGroup(client, GROUP)).groupState, "Reconciling");

  await a.confirm();
  assert.equal(a.epoch, 3);
  await b.heartbeat();
  assert.deepEqual(b.assignment, { [topicId]: [2, 3] });
  assert.equal((await describeConsumerGroup(client, GROUP)).groupState, "Stable");

  await a.leave();
  await b.confirm();
  assert.deepEqual(b.assignment, { [topicId]: [0, 1, 2, 3] });
});

Deno.test("members go on after a restart, in their epochs", async () => {
  await using broker = await TestBroker.start();
  let client = await broker.connect();
  const { topicId } = await createTopic(client, "t", { partitions: 2 });
  const before = member(client, "a");
  await before.join(["t"]);
  const left = member(client, "b");
  await left.join(["t"]);
  await left.leave();
  const { groupEpoch } = await describeConsumerGroup(client, GROUP);

  await broker.restart();
  client = await broker.connect();
  const after = member(client, "a");
  after.epoch = before.epoch;
  assert.equal((await after.heartbeat()).errorCode, ErrorCode.NONE);
  const described = await describeConsumerGroup(client, GROUP);
  assert.equal(described.groupEpoch, groupEpoch);
  const { assignment, memberEpoch } = only(described.members);
  assert.deepEqual(only(assignment.topicPartitions), { topicId, topicName: "t", partitions: [0, 1] });
  assert.equal(memberEpoch, groupEpoch);
});

Deno.test("a member that is silent is out, and one that keeps what is not its own any more is, too", async () => {
  await using broker = await TestBroker.start({
    config: { groupConsumerSessionTimeoutMs: 300, groupConsumerHeartbeatIntervalMs: 50 },
  });
  const client = await broker.connect();
  await createTopic(client, "t", { partitions: 2 });
  const silent = member(client, "silent");
  await silent.join(["t"]);
  await until(async () => (await describeConsumerGroup(client, GROUP)).groupState === "Empty");
  assert.equal((await silent.heartbeat()).errorCode, ErrorCode.UNKNOWN_MEMBER_ID);

  const stubborn = member(client, "stubborn");
  await stubborn.join(["t"], { rebalanceTimeoutMs: 200 });
  const other = member(client, "other");
  await other.join(["t"]);
  await until(async () => {
    // It lives, and never says that it has given anything up.
    await stubborn.heartbeat();
    await other.confirm();
    return Object.values(other.assignment).flat().length === 2;
  });
});

Deno.test("new partitions and new topics are assigned without anybody joining", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const { topicId } = await createTopic(client, "t", { partitions: 1 });
  const a = member(client, "a");
  await a.join(["t", "later"]);
  await client.send(createPartitionsRequest, createPartitionsResponse, 3, {
    topics: [{ name: "t", count: 3, assignments: null }],
    timeoutMs: 1000,
    validateOnly: false,
  });
  await a.confirm();
  assert.deepEqual(a.assignment, { [topicId]: [0, 1, 2] });
  const later = await createTopic(client, "later", { partitions: 1 });
  await a.confirm();
  assert.deepEqual(a.assignment, { [topicId]: [0, 1, 2], [later.topicId]: [0] });
});

Deno.test("a regular expression stands for the topics that it matches, and one that is none is refused", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const one = await createTopic(client, "logs.one");
  await createTopic(client, "other");
  const a = member(client, "a");
  const wrong = await a.join([], { subscribedTopicRegex: "logs.(" });
  assert.equal(wrong.errorCode, ErrorCode.INVALID_REGULAR_EXPRESSION);
  assert.equal(
    wrong.errorMessage,
    "SubscribedTopicRegex `logs.(` is not a valid regular expression: missing closing ).",
  );
  await a.join([], { subscribedTopicRegex: "logs\\.(?:one|two)", subscribedTopicNames: null });
  // The topics are looked up beside the answer.
  await until(async () => {
    await a.heartbeat();
    return Object.keys(a.assignment).length === 1;
  });
  assert.deepEqual(a.assignment, { [one.topicId]: [0] });
});

Deno.test("a static member that comes back in time gets what it had under its new id", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const { topicId } = await createTopic(client, "t", { partitions: 2 });
  const first = member(client, "first", "i");
  await first.join(["t"]);
  const second = member(client, "second", "i");
  assert.equal((await second.join(["t"])).errorCode, ErrorCode.UNRELEASED_INSTANCE_ID);
  assert.equal((await first.leave(-2)).memberEpoch, -2);
  await second.join(["t"]);
  assert.deepEqual(second.assignment, { [topicId]: [0, 1] });
  first.epoch = second.epoch;
  assert.equal((await first.heartbeat()).errorCode, ErrorCode.FENCED_INSTANCE_ID);
});

Deno.test("a lost answer is forgiven, a wrong epoch is not", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  await createTopic(client, "t", { partitions: 2 });
  const a = member(client, "a");
  await a.join(["t"]);
  await a.confirm();
  await member(client, "b").join(["t"]);
  await a.heartbeat();
  await a.confirm();
  assert.equal(a.epoch, 3);
  const owned = Object.entries(a.assignment).map(([topicId, partitions]) => ({ topicId, partitions }));
  const repeated = await a.heartbeat({ memberEpoch: 2, topicPartitions: owned });
  assert.deepEqual([repeated.errorCode, repeated.memberEpoch], [ErrorCode.NONE, 3]);
  assert.equal((await a.heartbeat({ memberEpoch: 2 })).errorCode, ErrorCode.FENCED_MEMBER_EPOCH);
  assert.equal((await a.heartbeat({ memberEpoch: 9 })).errorCode, ErrorCode.FENCED_MEMBER_EPOCH);
});

Deno.test("who commits must be the owner, then or now", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  await createTopic(client, "t", { partitions: 2 });
  const a = member(client, "a");
  await a.join(["t"]);
  await a.confirm();
  const b = member(client, "b");
  await b.join(["t"]);
  await a.heartbeat();
  await a.confirm();
  await b.heartbeat();
  assert.equal(a.epoch, 3);
  assert.equal(await commit(client, "a", 3, "t", 0), ErrorCode.NONE);
  assert.equal(await commit(client, "a", 2, "t", 0), ErrorCode.NONE, "its own since epoch 2");
  assert.equal(await commit(client, "a", 2, "t", 1), ErrorCode.STALE_MEMBER_EPOCH, "b's by now");
  assert.equal(await commit(client, "b", 2, "t", 1), ErrorCode.STALE_MEMBER_EPOCH, "not b's then");
  assert.equal(await commit(client, "a", 4, "t", 0), ErrorCode.STALE_MEMBER_EPOCH);
  assert.equal(await commit(client, "nobody", 3, "t", 0), ErrorCode.UNKNOWN_MEMBER_ID);
});

Deno.test("a group that is full takes nobody more", async () => {
  await using broker = await TestBroker.start({ config: { groupConsumerMaxSize: 1 } });
  const client = await broker.connect();
  await createTopic(client, "t");
  const a = member(client, "a");
  await a.join(["t"]);
  const refused = await member(client, "b").join(["t"]);
  assert.equal(refused.errorCode, ErrorCode.GROUP_MAX_SIZE_REACHED);
  assert.equal(refused.errorMessage, "The consumer group has reached its maximum capacity of 1 members.");
  assert.equal((await a.join(["t"])).errorCode, ErrorCode.NONE, "a member may come again");
});
