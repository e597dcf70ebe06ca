/** What `klite inspect` answers of topics, records and transactions: a running broker's word, and what it leaves behind. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { DenoClock } from "../../src/io/deno/clock.ts";
import { DenoDisk } from "../../src/io/deno/disk.ts";
import { DirectoryStore } from "../../src/io/directory_store.ts";
import { Compression, type RecordInput } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { inspectCli } from "../support/inspect_cli.ts";
import { createTopic, produce, textBatch, type TopicRef } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import { TransactionalProducer } from "../support/transactional_producer.ts";
import type { WireClient } from "../support/wire_client.ts";

const TIME_MS = Date.parse("2026-01-02T03:04:05.678Z");
const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);

/** A data directory of the test's own, removed at the end. */
class Folder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<Folder> {
    return new Folder(await Deno.makeTempDir({ prefix: "klite-inspect-" }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

async function put(client: WireClient, topic: TopicRef, batch: Uint8Array, partition = 0): Promise<void> {
  const { errorCode } = await produce(client, topic, batch, { partition });
  assert.equal(errorCode, ErrorCode.NONE);
}

/** Every codec, null and binary values, headers; transactions of every kind. */
async function fill(client: WireClient): Promise<TopicRef> {
  const topic = await createTopic(client, "orders", { partitions: 2 });
  for (const [name, compression] of Object.entries(Compression)) {
    const records: RecordInput[] = [
      {
        key: bytes(name),
        value: bytes(`{"big": 12345678901234567890, "codec": "${name}"}`),
        timestampMs: TIME_MS,
      },
      {
        ...{ key: null, value: new Uint8Array([0, 255, 254]), timestampMs: TIME_MS + compression },
        headers: [{ key: "trace", value: bytes("a\tb") }, { key: "none", value: null }],
      },
    ];
    await put(client, topic, buildBatch(records, { compression }));
  }
  const producer = new TransactionalProducer(client, "payments", { timestampMs: TIME_MS + 10 });
  await producer.init();
  await producer.write(topic, ["committed"]);
  await producer.end(true);
  await producer.write(topic, ["aborted"]);
  await producer.end(false);
  await producer.write(topic, ["open"], { partition: 1 });
  return topic;
}

/** Questions, each answered as JSON by whoever is named by the flags. */
const QUESTIONS = [
  ["topics"],
  ["topics", "--topic=orders"],
  ["records", "-t", "orders", "-p", "0", "--offset=0", "-n", "100"],
  ["records", "-t", "orders", "-p", "0", "--offset=1", "-n", "3", "--format=hex"],
  ["records", "-t", "orders", "-p", "0", "--offset=-1", "--format=json"],
  ["records", "-t", "orders", "-p", "0", "--time", "2026-01-02T03:04:05.681Z", "-n", "2"],
  ["records", "-t", "orders", "-p", "1"],
  ["transactions"],
  ["transactions", "--all"],
  ["producers", "-t", "orders"],
];

async function answers(source: readonly string[], store?: DirectoryStore): Promise<string[]> {
  const all: string[] = [];
  for (const question of QUESTIONS) {
    const { code, out, err } = await inspectCli([...question, ...source, "-o", "json"], store);
    assert.deepEqual([code, err], [0, ""], question.join(" "));
    all.push(`${question.join(" ")}\n${withoutSource(out)}`);
  }
  return all;
}

/** The answer without what a running broker does not tell, and what differs by who answers. */
function withoutSource(out: string): string {
  return out.replace(/"source": "[^"]*"/, "").replaceAll(/"tiers": (?:null|\{[^}]*\})/g, "");
}

Deno.test("a running broker and its data directory, during its life and after it, give the same answers", async () => {
  await using folder = await Folder.make();
  await using broker = await TestBroker.start({ disk: new DenoDisk(folder.path) });
  await fill(await broker.connect());
  const live = await answers([`--addr=127.0.0.1:${broker.port}`]);
  const beside = await answers([`--data-dir=${folder.path}`]);
  await broker.stop();
  assert.deepEqual(await answers([`--data-dir=${folder.path}`]), live);
  // Until a snapshot has it, nobody wrote down when the open transaction began.
  const known = (all: readonly string[]) => all.filter((each) => !each.startsWith("transactions"));
  assert.deepEqual(known(beside), known(live));
});

Deno.test("records are shown decoded from every codec, with their headers, and with what ended transactions", async () => {
  await using broker = await TestBroker.start();
  await fill(await broker.connect());
  const addr = `--addr=127.0.0.1:${broker.port}`;
  const all = ["records", "-t", "orders", "-p", "0", "--offset=0", "-n", "100", addr];
  const { out } = await inspectCli([...all, "-o", "json", "--format=json"]);
  const lines = out.trimEnd().split("\n");
  const records = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    records.map(({ compression, control }) => control?.type ?? compression),
    [
      ...Object.keys(Compression).flatMap((name) => [name, name]).map((name) => name.toLowerCase()),
      ..."none commit none abort".split(" "),
    ],
  );
  assert.match(lines[0]!, /"value":\{"big":12345678901234567890,"codec":"NONE"\}/, "no digit is lost");
  assert.deepEqual([records[1].key, records[1].value, records[1].headers], [
    null,
    { hex: "00fffe" },
    [{ key: "trace", value: "a\tb" }, { key: "none", value: null }],
  ]);
  assert.deepEqual([records[10].transactional, records[10].sequence, records[11].control], [
    true,
    0,
    { type: "commit", coordinatorEpoch: 0 },
  ]);
  const text = (await inspectCli(all)).out;
  assert.match(text, /^orders-0 \(broker at 127\.0\.0\.1:\d+\): it has the offsets 0 to 13\n/);
  assert.match(
    text,
    /\n 1 {2}2026-01-02T03:04:05\.678Z {2}\(null\): \\x00\\xff\\xfe\n {30,}trace = a\\tb\n {30,}none = \(null\)\n/,
  );
  assert.match(text, /\n13 .*\[ABORT of producer \d+, epoch \d+; coordinator epoch 0\]\n$/);
  const lastTwo = (await inspectCli([...all.slice(0, 5), "-n", "2", addr])).out;
  assert.deepEqual(lastTwo.trimEnd().split("\n").slice(1).map((line) => line.slice(0, 2)), ["12", "13"]);
});

Deno.test("what is mistyped or not there is said with what might be meant", async () => {
  await using broker = await TestBroker.start();
  await fill(await broker.connect());
  const addr = `--addr=127.0.0.1:${broker.port}`;
  for (
    const [args, code, words] of [
      [["records", "-t", "order", addr], 1, /no topic 'order' .*Did you mean 'orders'\?/],
      [
        ["records", "-t", "orders", addr],
        1,
        /'orders' has the partitions 0 to 1\. Say which with --partition/,
      ],
      [
        ["records", "-t", "orders", "-p", "7", addr],
        1,
        /'orders' has no partition 7; it has the partitions 0 to 1/,
      ],
      [
        ["records", "-t", "orders", "-p", "0", "--offset=15", addr],
        1,
        /orders-0 ends before offset 15: it has the offsets 0 to 13/,
      ],
      [["records", "-t", "orders", "-p", "0", "--offset=14", addr], 0, /no record at offset 14 or behind it/],
      [
        ["records", "-t", "orders", "-p", "0", "--time=2999-01-01", addr],
        0,
        /no record of 2999-01-01T00:00:00\.000Z or later/,
      ],
      [
        ["records", "-t", "orders", "--time=yesterday", addr],
        2,
        /--time: 'yesterday' is not valid: not a time/,
      ],
      [["records", "-t", "orders", "--time=2026-01-01", "--offset=1", addr], 2, /Leave out one of them/],
      [["records", addr], 2, /--topic: '' is not valid/],
      [["topics", "--data-dir=x", addr], 2, /Leave out one of them/],
      [["groups", "-g", "none", addr], 1, /no group 'none' .*There is none at all/],
      [["topics", "--addr=127.0.0.1:1"], 1, /No broker answers\. 127\.0\.0\.1:1: .*--data-dir/],
      [["topics", "--data-dir=/nowhere/at/all"], 1, /is not a data directory of klite's.*--addr/],
      [["record"], 2, /Unknown command 'inspect record'\. Did you mean 'inspect records'\?/],
    ] as const
  ) {
    const inspected = await inspectCli(args);
    assert.equal(inspected.code, code, `${args.join(" ")}: ${inspected.err}`);
    assert.match(inspected.err, words);
  }
});

/** Flips a bit behind each place where a file below the directory has these bytes; answers how many. */
async function damage(directory: string, text: string): Promise<number> {
  let places = 0;
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) {
      places += await damage(path, text);
      continue;
    }
    const content = await Deno.readFile(path);
    const latin = new TextDecoder("latin1").decode(content);
    const found = places;
    for (let at = latin.indexOf(text); at >= 0; at = latin.indexOf(text, at + 1), places++) content[at]! ^= 1;
    if (places > found) await Deno.writeFile(path, content);
  }
  return places;
}

Deno.test("a damaged batch is named, with what is whole on both sides of it", async () => {
  await using folder = await Folder.make();
  await using broker = await TestBroker.start({ disk: new DenoDisk(folder.path) });
  const client = await broker.connect();
  const topic = await createTopic(client, "orders");
  for (const value of ["before", "in the middle", "behind"]) await put(client, topic, textBatch([value]));
  await broker.stop();
  assert.equal(await damage(join(folder.path, "wal"), "in the middle"), 1);
  const { code, out } = await inspectCli(["records", "-t", "orders", `--data-dir=${folder.path}`]);
  assert.equal(code, 10);
  assert.match(
    out,
    /0 .*: before\n1 {2}\(damaged: .*\.wal, bytes \d+ to \d+: .*checksum does not fit\)\n2 .*: behind\n$/,
  );
  await broker.start();
  const addr = `--addr=127.0.0.1:${broker.port}`;
  const live = await inspectCli(["records", "-t", "orders", addr]);
  assert.equal(live.code, 10);
  // The broker says so itself, of the page that it goes on writing, too.
  assert.match(live.out, /0 .*: before\n1 {2}\(damaged: the broker cannot read it: CORRUPT_MESSAGE\)\n/);
  const behind = await inspectCli(["records", "-t", "orders", "--offset=2", addr]);
  assert.equal(behind.code, 0);
  assert.match(behind.out, /2 .*: behind\n$/);
});

Deno.test("where a start would refuse a damaged log, what is before the damage is shown, and the damage is told", async () => {
  await using folder = await Folder.make();
  await using crashed = await Folder.make();
  await using broker = await TestBroker.start({ disk: new DenoDisk(folder.path) });
  const client = await broker.connect();
  const topic = await createTopic(client, "orders");
  for (const value of ["before", "in the middle", "behind"]) await put(client, topic, textBatch([value]));
  await copyFolder(folder.path, crashed.path);
  assert.equal(await damage(join(crashed.path, "wal"), "in the middle"), 1);
  const { code, out, err } = await inspectCli(["records", "-t", "orders", `--data-dir=${crashed.path}`]);
  assert.equal(code, 10);
  assert.match(out, /it has the offsets 0 to 0\n0 .*: before\n$/);
  assert.match(err, /^klite: .*00000001\.wal.*\n/);
});

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

Deno.test("a bucket answers for what is in it, and names what is damaged there", async () => {
  await using folder = await Folder.make();
  await using bucket = await Folder.make();
  const openBucket = () =>
    new DirectoryStore({ disk: new DenoDisk(bucket.path), clock: new DenoClock(), directory: "objects" });
  await using broker = await TestBroker.start({
    disk: new DenoDisk(folder.path),
    store: openBucket(),
    config: { s3Bucket: "bucket", s3FlushIntervalMs: 100, s3FlushCheckIntervalMs: 50 },
  });
  const client = await broker.connect();
  const topic = await createTopic(client, "orders");
  for (const value of ["one", "two", "three"]) await put(client, topic, textBatch([value], TIME_MS));
  const question = ["records", "-t", "orders", "-o", "json"];
  const live = (await inspectCli([...question, `--addr=127.0.0.1:${broker.port}`])).out;
  await broker.stop();
  const stored = await inspectCli([...question, "--s3-bucket=bucket"], openBucket());
  assert.deepEqual([stored.code, stored.err, stored.out], [0, "", live]);
  const both = await inspectCli(
    [...question, "--s3-bucket=bucket", `--data-dir=${folder.path}`],
    openBucket(),
  );
  assert.deepEqual([both.code, both.err, both.out], [0, "", live]);
  const topics = await inspectCli(["topics", "--s3-bucket=bucket", "-o", "json"], openBucket());
  const [partition] = JSON.parse(topics.out).topics[0].partitions;
  assert.deepEqual([partition.endOffset, partition.tiers.logBytes], [3, 0]);
  assert.equal(partition.tiers.objectBytes, partition.sizeBytes);
  assert.equal(await damage(bucket.path, "two"), 1);
  const damaged = await inspectCli(["records", "-t", "orders", "--s3-bucket=bucket"], openBucket());
  assert.equal(damaged.code, 10);
  const whole = await inspectCli(
    [...question, "--s3-bucket=bucket", `--data-dir=${folder.path}`],
    openBucket(),
  );
  assert.equal(whole.out, live, "the log still has it");
  assert.match(damaged.out, /0 .*: one\n1 {2}\(damaged: .*\.obj.*\)\n2 .*: three\n$/);
});
