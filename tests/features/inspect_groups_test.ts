/** What `klite inspect` answers of groups: a running broker's word, and what it leaves behind. */
import assert from "node:assert/strict";
import { DenoDisk } from "../../src/io/deno/disk.ts";
import { encodeConsumerProtocolAssignment } from "../../src/protocol/generated/consumer_protocol_assignment.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { Writer } from "../../src/protocol/mod.ts";
import { ClassicGroupMember, ConsumerGroupMember } from "../support/consumer_group.ts";
import { inspectCli } from "../support/inspect_cli.ts";
import { createTopic, only, produce, textBatch, type TopicRef } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

function assignment(topic: string, partitions: readonly number[]): Uint8Array {
  const writer = new Writer();
  writer.int16(1);
  encodeConsumerProtocolAssignment(
    writer,
    { assignedPartitions: [{ topic, partitions }], userData: null },
    1,
  );
  return writer.bytes().slice();
}

async function commit(
  client: WireClient,
  groupId: string,
  as: { readonly memberId: string; readonly generation: number },
  topic: TopicRef,
  partition: number,
  offset: number,
): Promise<void> {
  const answer = await client.send(offsetCommitRequest, offsetCommitResponse, 9, {
    groupId,
    memberId: as.memberId,
    generationIdOrMemberEpoch: as.generation,
    topics: [{
      name: topic.name,
      partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: "so far" }],
    }],
  });
  assert.equal(only(only(answer.topics).partitions).errorCode, 0);
}

/** A classic group and one of the consumer protocol, each with a member, and offsets of a group that nobody is in. */
async function makeGroups(client: WireClient): Promise<void> {
  const topic = await createTopic(client, "orders", { partitions: 2 });
  for (const partition of [0, 1]) await produce(client, topic, textBatch(["a", "b", "c"]), { partition });
  const classic = new ClassicGroupMember(client, "classic", ["orders"]);
  await classic.join();
  await classic.sync({ [classic.memberId]: assignment("orders", [0, 1]) });
  await commit(client, "classic", classic, topic, 0, 1);
  const consumer = new ConsumerGroupMember(client, "consumer", "member-1", "static-1");
  await consumer.join(["orders"]);
  await consumer.confirm();
  await commit(client, "consumer", { memberId: "member-1", generation: consumer.epoch }, topic, 1, 3);
  await commit(client, "admin", { memberId: "", generation: -1 }, topic, 1, 2);
}

const QUESTIONS = [
  ["groups"],
  ["groups", "-g", "classic"],
  ["groups", "-g", "consumer"],
  ["groups", "-g", "admin"],
];

async function answers(source: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const question of QUESTIONS) {
    const { code, out, err } = await inspectCli([...question, source, "-o", "json"]);
    assert.deepEqual([code, err], [0, ""]);
    all.push({ ...JSON.parse(out), source: "" });
  }
  return all;
}

Deno.test("groups, members, offsets and lag are the same from a running broker and from its data directory", async () => {
  const path = await Deno.makeTempDir({ prefix: "klite-inspect-" });
  try {
    await using broker = await TestBroker.start({ disk: new DenoDisk(path) });
    await makeGroups(await broker.connect());
    const live = await answers(`--addr=127.0.0.1:${broker.port}`);
    assert.deepEqual(await answers(`--data-dir=${path}`), live);
    await broker.stop();
    assert.deepEqual(await answers(`--data-dir=${path}`), live);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("a group is shown with who reads what, and how far behind", async () => {
  await using broker = await TestBroker.start();
  await makeGroups(await broker.connect());
  const addr = `--addr=127.0.0.1:${broker.port}`;
  const list = (await inspectCli(["groups", addr])).out;
  assert.match(
    list,
    /: 3 groups\n {2}GROUP +KIND +STATE +PROTOCOL TYPE\n {2}admin +classic +Empty +-\n {2}classic +classic +Stable +consumer\n {2}consumer +consumer +Stable +consumer\n$/,
  );
  const { out } = await inspectCli(["groups", "--group=consumer", addr]);
  assert.match(out, /^Group consumer \(broker at .*\): consumer, Stable, uniform, 1 members, lag 0\n/);
  assert.match(out, /\n {2}member-1 \(static-1\) +wire-client +\S+ +orders +orders:0,1\n/);
  assert.match(out, /\n {2}orders {2}0 +- +3 +- +member-1\n {2}orders {2}1 +3 +3 +0 +member-1\n$/);
  const classic = JSON.parse((await inspectCli(["groups", "--group=classic", addr, "-o", "json"])).out);
  assert.deepEqual([classic.members[0].subscription, classic.members[0].assignment, classic.offsets[0].lag], [
    ["orders"],
    [{ topic: "orders", partitions: [0, 1] }],
    2,
  ]);
  const unknown = await inspectCli(["groups", "--group=consumers", addr]);
  assert.deepEqual(unknown.code, 1);
  assert.match(unknown.err, /no group 'consumers' .*Did you mean 'consumer'\?/);
});
