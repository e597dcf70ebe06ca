/** Committed offsets as a consumer sees them: they outlive the broker, and never go back. */
import { deepStrictEqual, equal } from "node:assert/strict";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { offsetFetchRequest } from "../../src/protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../src/protocol/generated/offset_fetch_response.ts";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { type Claim, claimOf, heartbeat, join, joinNew, succeeded, sync } from "../support/group_member.ts";
import { createTopic, only } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

/** Commits `offset` in each partition of `topic`, as a member if told; answers the error codes. */
async function commit(
  client: WireClient,
  groupId: string,
  topic: string,
  offset: number,
  partitions = 1,
  { memberId = "", generation = -1 }: Partial<Claim> = {},
) {
  const answer = await client.send(offsetCommitRequest, offsetCommitResponse, 9, {
    groupId,
    memberId,
    generationIdOrMemberEpoch: generation,
    topics: [{
      name: topic,
      partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
        partitionIndex,
        committedOffset: offset,
        committedMetadata: "",
      })),
    }],
  });
  return only(answer.topics).partitions.map(({ errorCode }) => errorCode);
}

/** All that the group has committed in its one topic. */
async function committed(client: WireClient, groupId: string): Promise<number[]> {
  const answer = await client.send(offsetFetchRequest, offsetFetchResponse, 9, {
    groupId: "",
    topics: [],
    groups: [{ groupId, topics: null }],
  });
  return only(answer.groups).topics.flatMap(({ partitions }) =>
    partitions.map(({ committedOffset }) => committedOffset)
  );
}

Deno.test("committed offsets outlive restarts, with a snapshot and without", async () => {
  await using broker = await TestBroker.start();
  await createTopic(await broker.connect(), "t", { partitions: 2 });
  for (let offset = 1; offset <= 3; offset++) {
    const client = await broker.connect();
    deepStrictEqual(await commit(client, "g", "t", offset, 2), [0, 0]);
    if (offset === 2) await broker.running.engine.checkpoints.snapshot();
    deepStrictEqual(await commit(client, "h", "t", 10 * offset), [0]);
    await broker.restart();
    const after = await broker.connect();
    deepStrictEqual(await committed(after, "g"), [offset, offset]);
    deepStrictEqual(await committed(after, "h"), [10 * offset]);
  }
});

Deno.test("a topic made anew has no offsets of the old one", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  const { topicId } = await createTopic(client, "t");
  await commit(client, "g", "t", 5);
  await broker.running.engine.execute(() => ({ records: [{ type: "topic_deleted", id: topicId }] }));
  await createTopic(client, "t");
  deepStrictEqual(await committed(client, "g"), []);
});

Deno.test("a group is forgotten with its last offset", async () => {
  await using broker = await TestBroker.start({
    config: { offsetsRetentionMs: 1, offsetsCheckIntervalMs: 20 },
  });
  const client = await broker.connect();
  await createTopic(client, "t");
  await commit(client, "g", "t", 5);
  while (broker.running.engine.state.groups.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  deepStrictEqual(await committed(client, "g"), []);
  await broker.restart();
  equal(broker.running.engine.state.groups.size, 0);
});

Deno.test("many groups are forgotten, also one without a name", async () => {
  await using broker = await TestBroker.start({
    config: { offsetsRetentionMs: 1, offsetsCheckIntervalMs: 50 },
  });
  const client = await broker.connect();
  await createTopic(client, "t");
  const groups = ["", ...Array.from({ length: 1_200 }, (_, index) => `group-${index}`)];
  for (const group of groups) await commit(client, group, "t", 5);
  const { state } = broker.running.engine;
  while (state.groups.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  equal(state.offsets.heldBytes, 0);
});

Deno.test("a committed offset outlives a rebalance, and a claim of the old generation cannot take it back", async () => {
  await using broker = await TestBroker.start();
  const [a, b] = [await broker.connect(), await broker.connect()];
  await createTopic(a, "orders");
  const alone = succeeded(await joinNew(a, "g"));
  await sync(a, "g", claimOf(alone));
  const old = claimOf(alone);
  deepStrictEqual(await commit(a, "g", "orders", 7, 1, old), [0]);

  const joining = joinNew(b, "g");
  while (await heartbeat(a, "g", old) === ErrorCode.NONE);
  const leader = succeeded(await join(a, "g", { memberId: alone.memberId }));
  const follower = succeeded(await joining);
  const [mine] = await Promise.all([sync(a, "g", claimOf(leader)), sync(b, "g", claimOf(follower))]);
  equal(mine.errorCode, ErrorCode.NONE);
  deepStrictEqual(await committed(b, "g"), [7]);
  deepStrictEqual(await commit(b, "g", "orders", 9, 1, claimOf(follower)), [ErrorCode.NONE]);
  deepStrictEqual(await commit(a, "g", "orders", 3, 1, old), [ErrorCode.ILLEGAL_GENERATION]);
  deepStrictEqual(await committed(b, "g"), [9]);
});
