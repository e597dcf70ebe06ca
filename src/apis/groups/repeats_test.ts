/** An answer is no larger than all there is: whoever asks for the same over and over is told it once. */
import assert from "node:assert/strict";
import { createTopic, only } from "../../../tests/support/requests.ts";
import { SimBroker } from "../../../tests/support/sim_broker.ts";
import { consumerGroupDescribeRequest } from "../../protocol/generated/consumer_group_describe_request.ts";
import { consumerGroupDescribeResponse } from "../../protocol/generated/consumer_group_describe_response.ts";
import { describeProducersRequest } from "../../protocol/generated/describe_producers_request.ts";
import { describeProducersResponse } from "../../protocol/generated/describe_producers_response.ts";
import { offsetCommitRequest } from "../../protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../protocol/generated/offset_commit_response.ts";
import { offsetFetchRequest } from "../../protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../protocol/generated/offset_fetch_response.ts";

async function broker() {
  const sim = new SimBroker(1);
  await sim.start();
  const client = sim.connect();
  await sim.run(createTopic(client, "t"));
  return { sim, client };
}

Deno.test("a consumer group is described once", async () => {
  const { sim, client } = await broker();
  const { groups } = await sim.run(
    client.send(consumerGroupDescribeRequest, consumerGroupDescribeResponse, 1, {
      groupIds: ["g", "g", "h", "g"],
      includeAuthorizedOperations: false,
    }),
  );
  assert.deepEqual(groups.map(({ groupId }) => groupId), ["g", "h"]);
});

Deno.test("a partition's producers are told once", async () => {
  const { sim, client } = await broker();
  const { topics } = await sim.run(client.send(describeProducersRequest, describeProducersResponse, 0, {
    topics: [{ name: "t", partitionIndexes: [0, 0, 1] }, { name: "t", partitionIndexes: [1, 0] }],
  }));
  assert.deepEqual(
    topics.map(({ partitions }) => partitions.map(({ partitionIndex }) => partitionIndex)),
    [[0, 1], []],
  );
});

Deno.test("the text that was committed with an offset is told once", async () => {
  const { sim, client } = await broker();
  await sim.run(client.send(offsetCommitRequest, offsetCommitResponse, 9, {
    groupId: "g",
    topics: [{
      name: "t",
      partitions: [{ partitionIndex: 0, committedOffset: 5, committedMetadata: "a long text" }],
    }],
  }));
  const asked = { groupId: "g", topics: [{ name: "t", partitionIndexes: [0, 0, 1, 1] }] };
  const { groups } = await sim.run(client.send(offsetFetchRequest, offsetFetchResponse, 9, {
    groupId: "",
    topics: [],
    groups: [asked, asked],
  }));
  const told = groups.map(({ topics }) =>
    only(topics).partitions.map(({ partitionIndex }) => partitionIndex)
  );
  assert.deepEqual(told, [[0, 1, 1], [1, 1]]);
});
