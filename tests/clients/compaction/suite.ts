/**
 * Compacted topics, as clients see them: Kafka's own `LogCompactionTester` is content, and every client reads what
 * compaction has left, in every codec: batches with records missing, without records, with delete horizons.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { buildBatch } from "../../../src/records/compress.ts";
import { Compression } from "../../../src/records/mod.ts";
import { BrokerProcess } from "../../support/broker_process.ts";
import { kafkaJars } from "../../support/kafka_jars.ts";
import {
  createTopic,
  newProducerId,
  produce,
  readAll,
  type ReadRecord,
  type TopicRef,
} from "../../support/requests.ts";
import { WireClient } from "../../support/wire_client.ts";
import { messageOf, type Outcome, type OutcomeReport } from "../outcome.ts";
import { type Client, type Codec, CODECS, type Reader, type TopicData } from "../records/client.ts";
import { compareRead } from "../records/suite.ts";

export interface CompactionSuiteOptions {
  readonly clients: readonly Client[];
  /** Told of every step that is done. */
  readonly progress: (line: string) => void;
}

/** A log so small that all but the last records are in objects. */
const FLAGS = [
  "--wal-segment-max-bytes=2MiB",
  "--wal-max-disk-size=6MiB",
  "--compaction-check-interval=200ms",
  "--compaction-min-dirty-objects=1",
];
const TESTER = "org.apache.kafka.tools.LogCompactionTester";
const TESTER_ARGS = ["--messages=400000", "--duplicates=20", "--percent-deletes=20", "--sleep=2"];
const VERIFIED = "Data verification is completed";

const BATCHES = 100;
const RECORDS = 20;
const KEYS = 60;
const VALUE_BYTES = 1000;
const FILLER_BATCHES = 120;
const FILLER_BYTES = 100_000;
/** A compacted topic comes to rest within so many looks. */
const LOOKS_MAX = 300;
const BETWEEN_LOOKS_MS = 200;

const utf8 = (text: string | null) => text === null ? null : new TextEncoder().encode(text);

/** Runs it, with a broker of its own. */
export async function runCompactionSuite(options: CompactionSuiteOptions): Promise<OutcomeReport> {
  const title = "Compacted topics are read back";
  const broker = await BrokerProcess.start({ flags: FLAGS });
  const scratch = await Deno.makeTempDir({ prefix: "klite-compat-" });
  try {
    return { title, outcomes: await runAll(broker.bootstrap, scratch, options), notes: new Map() };
  } finally {
    await broker.stop();
    await Deno.remove(scratch, { recursive: true });
  }
}

async function runAll(
  bootstrap: string,
  scratch: string,
  { clients, progress }: CompactionSuiteOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [await runTester(bootstrap)];
  progress(`LogCompactionTester: ${outcomes[0]!.failure ?? "verified"}`);
  await using client = await WireClient.connect(Number(bootstrap.split(":").at(-1)));
  const topics = await compactedTopics(client);
  progress(
    `compacted: ${topics.map(({ codec, records }) => `${codec} ${records.length}`).join(", ")} records`,
  );
  for (const one of clients) {
    if (one.reader === null) continue;
    const read = await readWith(one, one.reader, bootstrap, topics, scratch);
    outcomes.push(...read);
    progress(`${one.name}: ${read.find(({ failure }) => failure !== null)?.failure ?? "reads them all"}`);
  }
  return outcomes;
}

async function runTester(bootstrap: string): Promise<Outcome> {
  const jars = await kafkaJars();
  const outcome = { subject: "LogCompactionTester", version: jars.version, check: "verifies" };
  try {
    const { stdout } = await jars.run(TESTER, ["--bootstrap-server", bootstrap, ...TESTER_ARGS]);
    const said = new TextDecoder().decode(stdout).trimEnd();
    return { ...outcome, failure: said.endsWith(VERIFIED) ? null : said };
  } catch (error) {
    return { ...outcome, failure: messageOf(error) };
  }
}

/** Topics of every codec with what compaction has left in them, which is checked against what was written. */
async function compactedTopics(client: WireClient): Promise<TopicData[]> {
  const configs = { "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01" };
  const refs = new Map<Codec, TopicRef>();
  for (const codec of CODECS) refs.set(codec, await createTopic(client, `compacted-${codec}`, { configs }));
  const written = await writeRounds(client, refs);
  // Pushes all of them out of the log.
  const filler = await createTopic(client, "filler");
  for (let batch = 0; batch < FILLER_BATCHES; batch++) {
    await produce(
      client,
      filler,
      buildBatch([{ value: new Uint8Array(FILLER_BYTES), timestampMs: Date.now() }]),
    );
  }
  const topics: TopicData[] = [];
  for (const [codec, ref] of refs) {
    const records = await whenCompacted(client, ref);
    for (const { offset, key, value } of records) {
      const { key: wasKey, value: wasValue } = written[offset]!;
      if (key !== wasKey || value !== wasValue) throw new Error(`${ref.name}: another record at ${offset}`);
    }
    const last = new Map(written.map((record, offset) => [record.key, offset]));
    const left = new Set(records.map(({ offset }) => offset));
    for (const offset of last.values()) if (!left.has(offset)) throw new Error(`${ref.name} lacks ${offset}`);
    topics.push({
      name: ref.name,
      writer: "klite",
      codec,
      partitions: 1,
      timestampsKnown: true,
      records: records.map(({ offset, timestampMs, key, value }) => ({
        ...{ partition: 0, offset, timestampMs, headers: [] },
        key: utf8(key),
        value: utf8(value),
      })),
    });
  }
  return topics;
}

/** The same records to all topics, each batch by an idempotent producer of its own at times. */
async function writeRounds(client: WireClient, refs: ReadonlyMap<Codec, TopicRef>) {
  const written: { readonly key: string; readonly value: string | null }[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const producerId = await newProducerId(client);
    const records = Array.from({ length: RECORDS }, (_, index) => {
      const offset = batch * RECORDS + index;
      // What does not compress, so that the log fills up.
      const noise = crypto.getRandomValues(new Uint8Array(VALUE_BYTES)).toHex();
      return { key: `key ${offset * 7 % KEYS}`, value: offset % 13 === 0 ? null : `${offset} ${noise}` };
    });
    written.push(...records);
    const timestampMs = Date.now();
    const inputs = records.map(({ key, value }) => ({ key: utf8(key), value: utf8(value), timestampMs }));
    const sequence = batch % 2 === 0 ? {} : { producerId, producerEpoch: 0, baseSequence: 0 };
    for (const [index, ref] of [...refs.values()].entries()) {
      const fields = { compression: index as Compression, ...sequence };
      const { errorCode } = await produce(client, ref, buildBatch(inputs, fields));
      if (errorCode !== 0) throw new Error(`produce to ${ref.name}: error ${errorCode}`);
    }
  }
  return written;
}

/** What is left once compaction has nothing more to do: what it takes away later, clients would miss. */
async function whenCompacted(client: WireClient, topic: TopicRef): Promise<ReadRecord[]> {
  let count = 0;
  for (let look = 0; look < LOOKS_MAX; look++) {
    const records = await readAll(client, topic);
    if (records.length === KEYS) return records;
    count = records.length;
    await delay(BETWEEN_LOOKS_MS);
  }
  throw new Error(`${topic.name} is not compacted: it has ${count} records for ${KEYS} keys`);
}

async function readWith(
  { name, prepare }: Client,
  reader: Reader,
  bootstrap: string,
  topics: readonly TopicData[],
  scratch: string,
): Promise<Outcome[]> {
  const targets = topics.filter((topic) => reader.partitionsOf(topic).length > 0).map((topic) => ({
    topic,
    outputFile: join(scratch, `${name.replaceAll("/", "_")}-${topic.name}`),
  }));
  let version = "";
  try {
    version = await prepare();
    await reader.read(bootstrap, targets);
  } catch (error) {
    return [{ subject: name, version, check: "reads", failure: messageOf(error) }];
  }
  const outcomes: Outcome[] = [];
  for (const target of targets) {
    const failure = await compareRead(reader, target);
    outcomes.push({ subject: name, version, check: `reads ${target.topic.codec}`, failure });
  }
  return outcomes;
}
