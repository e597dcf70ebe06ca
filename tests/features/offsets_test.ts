/** Committed offsets as a consumer sees them: they outlive the broker, and never go back. */
import { deepStrictEqual, equal } from "node:assert/strict";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { offsetFetchRequest } from "../../src/protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../src/protocol/generated/offset_fetch_response.ts";
import { createTopic, only } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

/** Commits `offset` in each partition of `topic`; answers the error codes. */
async function commit(client: WireClient, groupId: string, topic: string, offset: number, partitions = 1) {
  const answer = await client.send(offsetCommitRequest, offsetCommitResponse, 9, {
    groupId,
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
    if (offset === 2) await broker.running.engine.snapshot();
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
