/** Records of a real klite become objects: files of the data directory, or of a bucket of a real S3 server. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { BrokerProcess } from "../support/broker_process.ts";
import { createTopic, produce, readAll, textBatch, type TopicRef } from "../support/requests.ts";
import { lacksS3Server, S3Server } from "../support/s3_server.ts";
import { WireClient } from "../support/wire_client.ts";

const RECORD_BYTES = 100_000;
const SMALL_LOG = ["--wal-segment-max-bytes=2MiB", "--wal-max-disk-size=12MiB", "--chunk-pool-memory=4MiB"];

/** Writes numbered records behind the first `from`. */
async function write(client: WireClient, topic: TopicRef, from: number, count: number): Promise<void> {
  for (let number = from; number < from + count; number++) {
    const { errorCode, baseOffset } = await produce(
      client,
      topic,
      textBatch([String(number).padEnd(RECORD_BYTES)]),
    );
    assert.deepEqual([errorCode, baseOffset], [ErrorCode.NONE, number]);
  }
}

/** The first `count` records are there, once and in order, and nothing else. */
async function check(port: number, topic: TopicRef, count: number): Promise<void> {
  await using client = await WireClient.connect(port);
  const records = await readAll(client, topic);
  const numbers = records.map(({ offset, value }) => `${offset} ${value?.slice(0, 10).trim()}`);
  assert.deepEqual(numbers, Array.from({ length: count }, (_, number) => `${number} ${number}`));
}

/** Paths of all objects below a directory. */
async function objectsIn(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) found.push(...await objectsIn(path));
    else if (entry.name.endsWith(".obj")) found.push(path);
  }
  return found.sort();
}

async function logBytes(dir: string): Promise<number> {
  let bytes = 0;
  for await (const entry of Deno.readDir(join(dir, "wal"))) {
    bytes += (await Deno.stat(join(dir, "wal", entry.name))).size;
  }
  return bytes;
}

Deno.test("without a bucket a log goes on beyond its bound, in objects beside it, through stops and kills", async () => {
  const dir = await Deno.makeTempDir({ prefix: "klite-flush-" });
  try {
    let topic: TopicRef = { name: "", topicId: "" };
    for (const life of [0, 1, 2]) {
      const broker = await BrokerProcess.start({ dir, flags: SMALL_LOG });
      await using client = await WireClient.connect(broker.port);
      if (life === 0) topic = await createTopic(client, "numbers");
      else await check(broker.port, topic, life * 300);
      await write(client, topic, life * 300, 300);
      assert.ok(await logBytes(dir) <= 14 * 2 ** 20);
      if (life === 1) await broker.kill();
      else assert.deepEqual(await broker.stop(), { code: 0, signal: null });
    }
    assert.ok((await objectsIn(join(dir, "objects"))).length > 5);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

if (!await lacksS3Server()) {
  Deno.test("with a bucket all is in it when the interval is over, and the rest when klite has stopped", async () => {
    await using s3 = await S3Server.start();
    const { accessKeyId, secretAccessKey } = s3.credentials;
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const bucket = ["--s3-bucket", s3.bucket, "--s3-endpoint", s3.endpoint, "--s3-prefix=team/one"];
    const flags = [...SMALL_LOG, ...bucket, "--s3-flush-interval=1s", "--s3-flush-check-interval=100ms"];
    const broker = await BrokerProcess.start({ flags, env });
    await using client = await WireClient.connect(broker.port);
    const topic = await createTopic(client, "numbers");
    await write(client, topic, 0, 200);
    for (let tries = 0; (await objectsIn(s3.bucketFolder)).length === 0; tries++) {
      assert.ok(tries < 600, "objects come");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await check(broker.port, topic, 200);
    await write(client, topic, 200, 100);
    assert.deepEqual(await broker.stop(), { code: 0, signal: null });
    let bytes = 0;
    for (const path of await objectsIn(s3.bucketFolder)) {
      assert.ok(path.startsWith(join(s3.bucketFolder, "team/one/klite-")));
      bytes += (await Deno.stat(path)).size;
    }
    assert.ok(bytes > 300 * RECORD_BYTES, `${bytes} bytes in objects`);
    assert.doesNotMatch(broker.log(), /"level":"(?:warn|error)"/);
  });
}
