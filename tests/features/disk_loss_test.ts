/** The disk is lost, and the bucket brings the cluster back; what must not be mixed up is refused. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { offsetFetchRequest } from "../../src/protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../src/protocol/generated/offset_fetch_response.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { BucketCluster } from "../support/bucket_cluster.ts";
import { readCommitted } from "../support/read_committed.ts";
import {
  createTopic,
  newProducerId,
  only,
  produce,
  readAll,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { lacksS3Server } from "../support/s3_server.ts";
import { TransactionalProducer } from "../support/transactional_producer.ts";
import { WireClient } from "../support/wire_client.ts";

const ignore = await lacksS3Server();
const OURS = "--cluster-id=ours";

async function commit(client: WireClient, groupId: string, topic: string, offset: number): Promise<void> {
  const answer = await client.send(offsetCommitRequest, offsetCommitResponse, 9, {
    groupId,
    memberId: "",
    generationIdOrMemberEpoch: -1,
    topics: [{
      name: topic,
      partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: "" }],
    }],
  });
  assert.equal(only(only(answer.topics).partitions).errorCode, ErrorCode.NONE);
}

async function committed(client: WireClient, groupId: string): Promise<number> {
  const answer = await client.send(offsetFetchRequest, offsetFetchResponse, 9, {
    groupId: "",
    topics: [],
    groups: [{ groupId, topics: null }],
  });
  return only(only(only(answer.groups).topics).partitions).committedOffset;
}

function sequenced(producerId: number, baseSequence: number, value: string): Uint8Array {
  const records = [{ value: new TextEncoder().encode(value), timestampMs: 1 }];
  return buildBatch(records, { producerId, producerEpoch: 0, baseSequence });
}

async function values(client: WireClient, topic: TopicRef): Promise<(string | null)[]> {
  return (await readAll(client, topic)).map(({ value }) => value);
}

Deno.test({
  name: "all up to the last flush is there once after the loss of the disk, and what came later is not",
  ignore,
  fn: async () => {
    await using cluster = await BucketCluster.start();
    const first = await cluster.start("first", OURS);
    let plain: TopicRef, marked: TopicRef, producerId: number;
    try {
      await using client = await WireClient.connect(first.port);
      plain = await createTopic(client, "plain", { partitions: 3, configs: { "retention.ms": "-1" } });
      marked = await createTopic(client, "marked");
      producerId = await newProducerId(client);
      for (const sequence of [0, 1]) {
        await produce(client, plain, sequenced(producerId, sequence, `s${sequence}`));
      }
      const transaction = new TransactionalProducer(client, "t");
      assert.equal(await transaction.init(), 0);
      for (const [value, isCommit] of [["kept", true], ["dropped", false]] as const) {
        await transaction.write(marked, [value]);
        assert.equal(await transaction.end(isCommit), 0);
      }
      await commit(client, "g", "plain", 2);
      await transaction.write(marked, ["open"]);
      await produce(client, plain, textBatch(["a", "b"]));
      await cluster.untilStored("plain", 4);
      await cluster.untilStored("marked", 5);
      await cluster.s3.stop();
      await produce(client, plain, textBatch(["lost"]));
      await commit(client, "g", "plain", 5);
    } finally {
      await first.kill();
    }
    await Deno.remove(cluster.dir("first"), { recursive: true });
    await cluster.s3.restart();

    const second = await cluster.start("second", OURS);
    try {
      await using client = await WireClient.connect(second.port);
      assert.deepEqual(await values(client, plain), ["s0", "s1", "a", "b"]);
      assert.equal(await committed(client, "g"), 2);
      // A retry is known, and the next one too.
      const retried = await produce(client, plain, sequenced(producerId, 1, "s1"));
      assert.deepEqual([retried.errorCode, retried.baseOffset], [ErrorCode.NONE, 1]);
      const next = await produce(client, plain, sequenced(producerId, 2, "s2"));
      assert.deepEqual([next.errorCode, next.baseOffset], [ErrorCode.NONE, 4]);
      assert.notEqual(await newProducerId(client), producerId);
      // What was open is aborted, and nobody waits before it.
      const transaction = new TransactionalProducer(client, "t");
      assert.equal(await transaction.init(), 0);
      await transaction.write(marked, ["later"]);
      assert.equal(await transaction.end(true), 0);
      assert.deepEqual(await readCommitted(client, marked), ["kept", "later"]);
      const report = await cluster.report("--data-dir", cluster.dir("second"), ...cluster.flags, "--verify");
      assert.deepEqual(report.problems, []);
      const topics = only(report.clusters).topics;
      assert.deepEqual(topics.map(({ name, configs }) => [name, configs]), [
        ["marked", {}],
        ["plain", { "retention.ms": "-1" }],
      ]);
    } finally {
      assert.deepEqual(await second.stop(), { code: 0, signal: null });
    }
    const { code, out } = await cluster.inspect(...cluster.flags, "--verify");
    assert.equal(code, 0, out);
    assert.match(out, /released by 127\.0\.0\.1/);
    assert.ok(!out.includes(cluster.s3.credentials.secretAccessKey));
  },
});

Deno.test({
  name: "of two brokers on one bucket one serves; a directory that the cluster has left behind is refused",
  ignore,
  fn: async () => {
    await using cluster = await BucketCluster.start();
    const first = await cluster.start("first", OURS);
    try {
      await using client = await WireClient.connect(first.port);
      const topic = await createTopic(client, "t");
      await produce(client, topic, textBatch(["a"]));
      await cluster.untilStored("t", 1);
      await assert.rejects(cluster.start("second", OURS), /Another broker is at work on the cluster ours/);
      await assert.rejects(cluster.start("second"), /has the cluster ours \(1 topics/);
      assert.deepEqual(await values(client, topic), ["a"]);
    } finally {
      await first.kill();
    }
    // The first one's lease has to be over before.
    const second = await cluster.start("second", OURS);
    await second.stop();
    await assert.rejects(cluster.start("first"), /has gone on without this data directory/);
    const another = await cluster.start("third", "--cluster-id=another");
    await another.stop();
    const { clusters } = await cluster.report(...cluster.flags);
    assert.deepEqual(clusters.map(({ clusterId }) => clusterId), ["another", "ours"]);
  },
});

Deno.test({
  name: "a copy of the data directory that is older than the bucket is refused",
  ignore,
  fn: async () => {
    await using cluster = await BucketCluster.start();
    const life = async (value: string) => {
      const broker = await cluster.start("first", OURS);
      try {
        await using client = await WireClient.connect(broker.port);
        await produce(client, await createTopic(client, value), textBatch([value]));
      } finally {
        assert.deepEqual(await broker.stop(), { code: 0, signal: null });
      }
    };
    await life("a");
    const copied = await new Deno.Command("cp", { args: ["-r", cluster.dir("first"), cluster.dir("copy")] })
      .output();
    assert.ok(copied.success);
    await life("b");
    await assert.rejects(
      cluster.start("copy"),
      /This data directory is older than what s3:.*has of the cluster ours/,
    );
    await life("c");
  },
});

Deno.test({
  name: "a damaged and a missing object are found and named",
  ignore,
  fn: async () => {
    await using cluster = await BucketCluster.start();
    const broker = await cluster.start("first", OURS);
    const bucket = cluster.s3.bucketFolder;
    let folder: string, topic: TopicRef;
    try {
      await using client = await WireClient.connect(broker.port);
      topic = await createTopic(client, "t");
      for (let count = 1; count <= 3; count++) {
        await produce(client, topic, textBatch([`${count}`]));
        await cluster.untilStored("t", count);
      }
      folder = `${bucket}/klite-ours/t-${topic.topicId}/0`;
    } finally {
      await broker.stop();
    }
    const file = `${folder}/${"1".padStart(20, "0")}.obj`;
    const bytes = await Deno.readFile(file);
    bytes[40]! ^= 1;
    await Deno.writeFile(file, bytes);
    assert.equal((await cluster.inspect(...cluster.flags)).code, 0, "its size is right");
    const damaged = await cluster.inspect(...cluster.flags, "--verify");
    assert.equal(damaged.code, 10);
    assert.match(
      damaged.out,
      /0000001\.obj is damaged: the batch at byte 0, offset 1: its checksum does not fit/,
    );
    await Deno.remove(file);
    const missing = await cluster.inspect(...cluster.flags);
    assert.equal(missing.code, 10);
    assert.match(missing.out, /t-0: the objects of the offsets 1 to 1 are missing/);
    await assert.rejects(cluster.start("empty", OURS), /t-0 lacks the objects of the offsets 1 to 1/);
    const accepted = await cluster.start("empty", OURS, "--accept-data-loss");
    try {
      await using client = await WireClient.connect(accepted.port);
      assert.deepEqual(await values(client, topic), ["1", "3"]);
    } finally {
      await accepted.stop();
    }
  },
});
