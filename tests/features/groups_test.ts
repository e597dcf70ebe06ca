import assert from "node:assert/strict";
import { Kafka, logLevel } from "kafkajs";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { deleteGroupsRequest } from "../../src/protocol/generated/delete_groups_request.ts";
import { deleteGroupsResponse } from "../../src/protocol/generated/delete_groups_response.ts";
import { describeGroupsRequest } from "../../src/protocol/generated/describe_groups_request.ts";
import { describeGroupsResponse } from "../../src/protocol/generated/describe_groups_response.ts";
import { listGroupsRequest } from "../../src/protocol/generated/list_groups_request.ts";
import { listGroupsResponse } from "../../src/protocol/generated/list_groups_response.ts";
import {
  claimOf,
  heartbeat,
  join,
  joinNew,
  leave,
  memberIds,
  succeeded,
  sync,
  textOf,
} from "../support/group_member.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

function describe(client: WireClient, groups: readonly string[], version = 6) {
  return client.send(describeGroupsRequest, describeGroupsResponse, version, {
    groups,
    includeAuthorizedOperations: version >= 3,
  });
}

async function list(
  client: WireClient,
  statesFilter: readonly string[],
  typesFilter: readonly string[] = [],
) {
  const { groups } = await client.send(listGroupsRequest, listGroupsResponse, 5, {
    statesFilter,
    typesFilter,
  });
  return groups.map(({ groupId, groupState }) => `${groupId} ${groupState}`).sort();
}

/** Sends heartbeats until the group rebalances. */
async function untilRebalance(client: WireClient, groupId: string, claim: ReturnType<typeof claimOf>) {
  for (;;) {
    const errorCode = await heartbeat(client, groupId, claim);
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) return;
    assert.equal(errorCode, ErrorCode.NONE);
  }
}

/** A stable group of two; the first leads. */
async function pair(a: WireClient, b: WireClient, groupId: string) {
  const alone = succeeded(await joinNew(a, groupId));
  await sync(a, groupId, claimOf(alone), { [alone.memberId]: "all" });
  const joining = joinNew(b, groupId);
  await untilRebalance(a, groupId, claimOf(alone));
  const leader = succeeded(await join(a, groupId, { memberId: alone.memberId }));
  const follower = succeeded(await joining);
  const waiting = sync(b, groupId, claimOf(follower));
  const assignments = { [leader.memberId]: "first half", [follower.memberId]: "second half" };
  const mine = await sync(a, groupId, claimOf(leader), assignments);
  return { leader, follower, assigned: [textOf(mine.assignment), textOf((await waiting).assignment)] };
}

Deno.test("two members share a group: one leads and assigns, both get their part", async () => {
  await using broker = await TestBroker.start();
  const [a, b] = [await broker.connect(), await broker.connect()];
  const { leader, follower, assigned } = await pair(a, b, "shared");
  assert.deepEqual(assigned, ["first half", "second half"]);
  assert.deepEqual([leader.generationId, follower.generationId], [2, 2]);
  assert.deepEqual([leader.leader, follower.leader], [leader.memberId, leader.memberId]);
  assert.deepEqual(memberIds(leader), [leader.memberId, follower.memberId].sort());
  assert.deepEqual(follower.members, []);
});

for (let version = 0; version <= 9; version++) {
  Deno.test(`a member joins, syncs, lives and leaves with JoinGroup ${version} and what came with it`, async () => {
    await using broker = await TestBroker.start();
    const client = await broker.connect();
    const answer = succeeded(await joinNew(client, "versions", { version }));
    assert.equal(answer.protocolName, "range");
    const claim = claimOf(answer);
    const { assignment } = await sync(client, "versions", claim, { [answer.memberId]: "mine" }, {
      version: Math.min(version, 5),
    });
    assert.equal(textOf(assignment), "mine");
    assert.equal(await heartbeat(client, "versions", claim, Math.min(version, 4)), ErrorCode.NONE);
    const left = await leave(client, "versions", [{ memberId: answer.memberId }], Math.min(version, 5));
    assert.equal(left.errorCode, ErrorCode.NONE);
    assert.equal(await heartbeat(client, "versions", claim), ErrorCode.UNKNOWN_MEMBER_ID);
  });
}

Deno.test("a static member that starts anew keeps its assignment without a rebalance, and its former self is fenced", async () => {
  await using broker = await TestBroker.start();
  const [before, after] = [await broker.connect(), await broker.connect()];
  const instanceId = "worker-1";
  const first = succeeded(await join(before, "static", { instanceId }));
  await sync(before, "static", claimOf(first, instanceId), { [first.memberId]: "kept" });
  const second = succeeded(await join(after, "static", { instanceId }));
  assert.deepEqual([second.generationId, second.skipAssignment], [first.generationId, true]);
  const { assignment } = await sync(after, "static", claimOf(second, instanceId));
  assert.equal(textOf(assignment), "kept");
  const fenced = await heartbeat(before, "static", claimOf(first, instanceId));
  assert.equal(fenced, ErrorCode.FENCED_INSTANCE_ID);
  const left = await leave(after, "static", [{ memberId: "", groupInstanceId: instanceId }]);
  assert.deepEqual(left.members.map(({ errorCode }) => errorCode), [ErrorCode.NONE]);
});

Deno.test("one generation's claims are worth nothing in another", async () => {
  await using broker = await TestBroker.start();
  const [a, b] = [await broker.connect(), await broker.connect()];
  const { leader, follower } = await pair(a, b, "claims");
  const old = { memberId: follower.memberId, generation: follower.generationId - 1 };
  assert.equal(await heartbeat(b, "claims", old), ErrorCode.ILLEGAL_GENERATION);
  assert.equal((await sync(b, "claims", old)).errorCode, ErrorCode.ILLEGAL_GENERATION);
  await leave(a, "claims", [{ memberId: leader.memberId }]);
  assert.equal(await heartbeat(b, "claims", claimOf(follower)), ErrorCode.REBALANCE_IN_PROGRESS);
  const alone = succeeded(await join(b, "claims", { memberId: follower.memberId }));
  assert.deepEqual([alone.generationId, alone.leader], [3, follower.memberId]);
});

Deno.test("a client that goes away while it waits leaves the group whole", async () => {
  await using broker = await TestBroker.start();
  const [a, gone] = [await broker.connect(), await broker.connect()];
  const alone = succeeded(await joinNew(a, "whole"));
  await sync(a, "whole", claimOf(alone), {});
  const joining = joinNew(gone, "whole").catch((error) => error);
  await untilRebalance(a, "whole", claimOf(alone));
  await gone[Symbol.asyncDispose]();
  await joining;
  const again = succeeded(await join(a, "whole", { memberId: alone.memberId }));
  assert.equal(again.members.length, 2, "it is a member until its session ends, as in Kafka");
});

Deno.test("groups are listed by state and kind, described, and deleted when nobody is in them", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const stable = succeeded(await joinNew(client, "stable"));
  await sync(client, "stable", claimOf(stable), { [stable.memberId]: "mine" });
  await join(client, "empty");
  assert.deepEqual(await list(client, []), ["empty Empty", "stable Stable"]);
  assert.deepEqual(await list(client, ["STABLE"]), ["stable Stable"]);
  assert.deepEqual(await list(client, [], ["classic"]), ["empty Empty", "stable Stable"]);
  assert.deepEqual(await list(client, [], ["share"]), []);

  const { groups } = await describe(client, ["stable", "none"]);
  const [one, none] = groups;
  assert.deepEqual([one?.groupState, one?.protocolData, one?.authorizedOperations], [
    "Stable",
    "range",
    3400,
  ]);
  const [member] = one?.members ?? [];
  assert.deepEqual([member?.clientId, member?.clientHost], ["wire-client", "/127.0.0.1"]);
  assert.equal(textOf(member?.memberAssignment ?? new Uint8Array()), "mine");
  assert.deepEqual([none?.errorCode, none?.groupState], [ErrorCode.GROUP_ID_NOT_FOUND, "Dead"]);
  assert.equal((await describe(client, ["none"], 5)).groups[0]?.errorCode, ErrorCode.NONE);

  const groupsNames = ["stable", "empty", "none"];
  const { results } = await client.send(deleteGroupsRequest, deleteGroupsResponse, 2, { groupsNames });
  assert.deepEqual(results.map(({ errorCode }) => errorCode), [
    ErrorCode.NON_EMPTY_GROUP,
    ErrorCode.NONE,
    ErrorCode.GROUP_ID_NOT_FOUND,
  ]);
  assert.deepEqual(await list(client, []), ["stable Stable"]);
});

Deno.test("after a restart members go on where they were, and generations, too", async () => {
  await using broker = await TestBroker.start();
  const { leader, follower } = await pair(await broker.connect(), await broker.connect(), "restarted");
  await broker.restart();
  const [a, b] = [await broker.connect(), await broker.connect()];
  assert.equal(await heartbeat(a, "restarted", claimOf(leader)), ErrorCode.NONE);
  const again = await sync(b, "restarted", claimOf(follower));
  assert.equal(textOf(again.assignment), "second half");
  await leave(a, "restarted", [leader, follower]);
  const next = succeeded(await joinNew(b, "restarted"));
  assert.ok(next.generationId > leader.generationId);
});

Deno.test("consumers of kafkajs share a topic, and whoever is left reads all of it", async () => {
  await using broker = await TestBroker.start();
  const kafka = new Kafka({ brokers: [`127.0.0.1:${broker.port}`], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: "work", numPartitions: 4 }] });
  const seen = new Map<string, Set<number>>([["first", new Set()], ["second", new Set()]]);
  let arrived = Promise.withResolvers<void>();
  const start = async (name: string) => {
    const consumer = kafka.consumer({ groupId: "workers", heartbeatInterval: 100, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic: "work", fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition }) => {
        seen.get(name)?.add(partition);
        arrived.resolve();
        return Promise.resolve();
      },
    });
    return consumer;
  };
  const [first, second] = [await start("first"), await start("second")];
  const producer = kafka.producer();
  await producer.connect();
  /** Produces to all partitions until `isDone`. */
  const until = async (isDone: () => boolean) => {
    while (!isDone()) {
      arrived = Promise.withResolvers<void>();
      const messages = [0, 1, 2, 3].map((partition) => ({ partition, value: "work" }));
      await producer.send({ topic: "work", messages });
      await arrived.promise;
    }
  };
  const partitionsOf = (name: string) => [...seen.get(name) ?? []].sort();
  await until(() => partitionsOf("first").length >= 2 && partitionsOf("second").length >= 2);
  await second.disconnect();
  await until(() => partitionsOf("first").length === 4);
  const { groups } = await admin.describeGroups(["workers"]);
  assert.deepEqual(groups.map(({ state, members }) => [state, members.length]), [["Stable", 1]]);
  for (const client of [first, producer, admin]) await client.disconnect();
});

Deno.test("when the broker was away, a producer and a consumer go on until nothing is unread", async () => {
  await using broker = await TestBroker.start();
  const { port } = broker;
  const retry = { initialRetryTime: 50, maxRetryTime: 200, retries: 100 };
  const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, retry });
  const unread = new Set<string>();
  let isAllRead = Promise.withResolvers<void>();
  const producer = kafka.producer();
  await producer.connect();
  const send = async (value: string) => {
    unread.add(value);
    await producer.send({ topic: "work", messages: [{ value }] });
  };
  await send("before");
  const consumer = kafka.consumer({ groupId: "readers", heartbeatInterval: 100, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: "work", fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      unread.delete(String(message.value));
      if (unread.size === 0) isAllRead.resolve();
      return Promise.resolve();
    },
  });
  await isAllRead.promise;
  for (let time = 0; time < 2; time++) {
    isAllRead = Promise.withResolvers();
    await broker.stopUnderClients();
    const sending = send(`while it is away, ${time}`);
    await broker.start({ listen: { host: "127.0.0.1", port } });
    await sending;
    await send(`afterwards, ${time}`);
    if (unread.size > 0) await isAllRead.promise;
  }
  for (const client of [consumer, producer]) await client.disconnect();
});
