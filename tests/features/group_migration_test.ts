import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { encodeConsumerProtocolAssignment } from "../../src/protocol/generated/consumer_protocol_assignment.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { offsetFetchRequest } from "../../src/protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../src/protocol/generated/offset_fetch_response.ts";
import { Writer } from "../../src/protocol/mod.ts";
import { ClassicGroupMember, ConsumerGroupMember, describeConsumerGroup } from "../support/consumer_group.ts";
import { createTopic, only } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const GROUP = "readers";

/** A classic group of one member that has both partitions of "t". */
async function classicGroup(client: WireClient): Promise<ClassicGroupMember> {
  const classic = new ClassicGroupMember(client, GROUP, ["t"]);
  await classic.join();
  const writer = new Writer();
  writer.int16(1);
  const assignedPartitions = [{ topic: "t", partitions: [0, 1] }];
  encodeConsumerProtocolAssignment(writer, { assignedPartitions, userData: null }, 1);
  const synced = await classic.sync({ [classic.memberId]: writer.bytes().slice() });
  assert.deepEqual(synced.partitions, { t: [0, 1] });
  return classic;
}

async function commit(client: WireClient, memberId: string, generation: number): Promise<number> {
  const answer = await client.send(offsetCommitRequest, offsetCommitResponse, 8, {
    groupId: GROUP,
    memberId,
    generationIdOrMemberEpoch: generation,
    topics: [{
      name: "t",
      partitions: [{ partitionIndex: 0, committedOffset: 7, committedMetadata: null }],
    }],
  });
  return only(only(answer.topics).partitions).errorCode;
}

async function committed(client: WireClient): Promise<number> {
  const answer = await client.send(offsetFetchRequest, offsetFetchResponse, 7, {
    groupId: GROUP,
    topics: [{ name: "t", partitionIndexes: [0] }],
    groups: [],
    requireStable: false,
  });
  return only(only(answer.topics).partitions).committedOffset;
}

Deno.test("a classic group becomes one of the consumer protocol and back, and its members go on", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const { topicId } = await createTopic(client, "t", { partitions: 2 });
  const classic = await classicGroup(client);
  assert.equal(await commit(client, classic.memberId, classic.generation), ErrorCode.NONE);

  const modern = new ConsumerGroupMember(client, GROUP, "modern");
  await modern.join(["t"]);
  assert.deepEqual(modern.assignment, {}, "all is with the classic member");
  const types = (await describeConsumerGroup(client, GROUP)).members.map(({ memberType }) => memberType);
  assert.deepEqual(types.sort(), [0, 1]);
  assert.equal(await classic.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS);
  assert.equal((await classic.join()).errorCode, ErrorCode.NONE);
  assert.equal(classic.generation, modern.epoch, "a generation is an epoch");
  assert.deepEqual((await classic.sync()).partitions, { t: [0] });
  assert.equal(await classic.heartbeat(), ErrorCode.NONE);
  await modern.heartbeat();
  assert.deepEqual(modern.assignment, { [topicId]: [1] });
  assert.equal(await commit(client, classic.memberId, classic.generation), ErrorCode.NONE);
  assert.equal(await commit(client, classic.memberId, 0), ErrorCode.ILLEGAL_GENERATION);
  assert.equal(await commit(client, "modern", modern.epoch), ErrorCode.UNSUPPORTED_VERSION);

  await broker.restart();
  const again = await broker.connect();
  const back = new ClassicGroupMember(again, GROUP, ["t"]);
  Object.assign(back, { memberId: classic.memberId, generation: classic.generation });
  assert.equal(await back.heartbeat(), ErrorCode.NONE, "as if nothing had been");
  const leaving = new ConsumerGroupMember(again, GROUP, "modern");
  await leaving.leave();
  const described = await describeConsumerGroup(again, GROUP);
  assert.equal(described.errorCode, ErrorCode.GROUP_ID_NOT_FOUND);
  assert.equal(described.errorMessage, `Group ${GROUP} is not a consumer group.`);
  assert.equal(await back.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS);
  const joined = await back.join();
  assert.equal(joined.leader, back.memberId, "it leads a classic group");
  assert.ok(back.generation > classic.generation);
  assert.equal(await committed(again), 7, "offsets stay");
});

Deno.test("members that wait in a classic group are told to join the new one", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  await createTopic(client, "t", { partitions: 2 });
  await classicGroup(client);
  const other = await broker.connect();
  // It waits until the first member joins, too.
  const waiting = new ClassicGroupMember(other, GROUP, ["t"]).join();
  const modern = new ConsumerGroupMember(client, GROUP, "modern");
  await modern.join(["t"]);
  assert.equal((await waiting).errorCode, ErrorCode.REBALANCE_IN_PROGRESS);
});

Deno.test("without a policy for it, a classic group stays one", async () => {
  await using broker = await TestBroker.start({ config: { groupConsumerMigrationPolicy: "downgrade" } });
  const client = await broker.connect();
  await createTopic(client, "t", { partitions: 2 });
  const classic = await classicGroup(client);
  const refused = await new ConsumerGroupMember(client, GROUP, "modern").join(["t"]);
  assert.equal(refused.errorCode, ErrorCode.GROUP_ID_NOT_FOUND);
  assert.equal(
    refused.errorMessage,
    `Cannot upgrade classic group ${GROUP} to consumer group because online upgrade is disabled.`,
  );
  assert.equal(await classic.heartbeat(), ErrorCode.NONE);
});
