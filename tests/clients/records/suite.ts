/**
 * The run: every client writes its topics, one for each codec; the log ends are
 * looked at; then every client reads all topics, its own and the others'.
 */
import { join } from "node:path";
import {
  type Client,
  type Codec,
  CODECS,
  type Reader,
  type ReadTarget,
  recordCounts,
  type TopicData,
} from "./client.ts";
import type { DataRecord } from "./data_record.ts";
import { makeDataSet } from "./data_set.ts";
import { type ExpectedPiece, findDifference } from "./difference.ts";
import { TopicAdmin } from "../topic_admin.ts";

/** What is run, against which broker. */
export interface SuiteOptions {
  readonly bootstrap: string;
  readonly clients: readonly Client[];
  readonly recordsPerCodec: number;
  readonly seed: number;
  /** Told of every step that is done. */
  readonly progress: (line: string) => void;
}

/** One thing that was checked: that `writer`'s records of one codec are in the log (`reader` null), or come back. */
export interface Check {
  readonly writer: string;
  readonly codec: Codec;
  readonly reader: string | null;
  readonly records: number;
  /** What is wrong; null when nothing is. */
  readonly failure: string | null;
}

/** How long a client took, over all its topics. */
export interface ClientReport {
  readonly name: string;
  readonly version: string;
  readonly limits: string;
  readonly writeMs: number;
  readonly readMs: number;
}

/** All that a run found out. */
export interface SuiteReport {
  readonly checks: readonly Check[];
  readonly clients: readonly ClientReport[];
}

/** How many clients are at work at the same time. */
const CONCURRENCY = 2;
const MAX_PARTITIONS = 3;
/** After this many failures of one reader the rest is not tried: each may take its full time limit. */
const MAX_READ_FAILURES = 3;
const HOUR_MS = 3_600_000;

/** Runs all of it. Failures of clients are in the report; only trouble of the run itself is thrown. */
export async function runSuite(options: SuiteOptions): Promise<SuiteReport> {
  const { bootstrap, progress } = options;
  const admin = await TopicAdmin.connect(bootstrap);
  const scratch = await Deno.makeTempDir({ prefix: "klite-compat-" });
  try {
    const runs = planRuns(options);
    await inParallel(runs, (run) => prepare(run, progress));
    const topics = runs.flatMap((run) => run.topics);
    await admin.create(topics);
    await inParallel(runs, (run) => writeAll(run, bootstrap, progress));
    for (const run of runs) await checkLogEnds(run, admin);
    const written = runs.flatMap((run) => run.topics.filter((topic) => run.written.has(topic)));
    await inParallel(runs, (run) => readAll(run, bootstrap, written, scratch, progress));
    await admin.remove(topics);
    return { checks: runs.flatMap((run) => run.checks), clients: runs.map(reportOf) };
  } finally {
    await Deno.remove(scratch, { recursive: true });
    await admin.close();
  }
}

/** One client's part of the run. */
interface ClientRun {
  readonly client: Client;
  readonly topics: readonly TopicData[];
  /** The topics that hold what they should, as far as the log ends tell. */
  readonly written: Set<TopicData>;
  readonly checks: Check[];
  version: string | null;
  writeMs: number;
  readMs: number;
}

function planRuns({ clients, recordsPerCodec, seed }: SuiteOptions): ClientRun[] {
  const prefix = `compat-${crypto.randomUUID().slice(0, 8)}`;
  const baseTimeMs = Math.floor(Date.now() / HOUR_MS - 12) * HOUR_MS;
  const dataSets = CODECS.map((codec, i) => ({
    codec,
    records: makeDataSet({ count: recordsPerCodec, seed: seed + i, partitions: MAX_PARTITIONS, baseTimeMs }),
  }));
  return clients.map((client) => ({
    client,
    topics: dataSets.flatMap(({ codec, records }) => planTopics(prefix, client, codec, records)),
    written: new Set(),
    checks: [],
    version: null,
    writeMs: 0,
    readMs: 0,
  }));
}

/** The client's topic for the codec; none when it only reads. */
function planTopics(
  prefix: string,
  { name, writer }: Client,
  codec: Codec,
  dataSet: readonly DataRecord[],
): TopicData[] {
  if (writer === null) return [];
  return [{
    name: `${prefix}-${name.replaceAll(/[^a-z0-9]+/g, "-").replace(/^-/, "")}-${codec}`,
    writer: name,
    codec,
    partitions: writer.partitions,
    records: writer.express(dataSet),
    timestampsKnown: writer.setsTimestamps,
  }];
}

async function prepare(run: ClientRun, progress: SuiteOptions["progress"]): Promise<void> {
  try {
    run.version = await run.client.prepare();
    progress(`${run.client.name} ${run.version}: ready`);
  } catch (error) {
    const failure = `cannot be prepared: ${messageOf(error)}`;
    for (const topic of run.topics) run.checks.push(checkOf(topic, null, failure));
    progress(`${run.client.name} ${failure}`);
  }
}

async function writeAll(
  run: ClientRun,
  bootstrap: string,
  progress: SuiteOptions["progress"],
): Promise<void> {
  const { client: { name, writer }, version, topics } = run;
  if (writer === null || version === null) return;
  const began = performance.now();
  for (const topic of topics) {
    try {
      await writer.write(bootstrap, topic);
      run.written.add(topic);
    } catch (error) {
      const failure = messageOf(error);
      run.checks.push(checkOf(topic, null, failure));
      progress(`${name} writing ${topic.codec}: ${failure}`);
    }
  }
  run.writeMs = performance.now() - began;
  progress(`${name}: wrote ${run.written.size} of ${topics.length} topics in ${seconds(run.writeMs)}`);
}

/** A log that ends elsewhere than at the number of records lost some or holds some twice. */
async function checkLogEnds(run: ClientRun, admin: TopicAdmin): Promise<void> {
  for (const topic of [...run.written]) {
    const ends = (await admin.logEnds(topic)).join(", ");
    const expected = recordCounts(topic).join(", ");
    const failure = ends === expected ? null : `the partitions end at ${ends}, expected ${expected}`;
    if (failure !== null) run.written.delete(topic);
    run.checks.push(checkOf(topic, null, failure));
  }
}

async function readAll(
  run: ClientRun,
  bootstrap: string,
  topics: readonly TopicData[],
  scratch: string,
  progress: SuiteOptions["progress"],
): Promise<void> {
  const { client: { name, reader }, version } = run;
  if (reader === null || version === null) return;
  const targets = topics.filter((topic) => reader.partitionsOf(topic).length > 0).map((topic) => ({
    topic,
    outputFile: join(scratch, `${name.replaceAll("/", "_")}-${topic.name}`),
  }));
  const began = performance.now();
  const failures = await readTargets(reader, bootstrap, targets);
  run.readMs = performance.now() - began;
  let wrong = 0;
  for (const target of targets) {
    const failure = failures.get(target) ?? await compareRead(reader, target);
    if (failure !== null) {
      progress(`${name} reading ${target.topic.writer}, ${target.topic.codec}: ${failure}`);
    }
    if (failure !== null) wrong++;
    run.checks.push(checkOf(target.topic, run, failure));
  }
  progress(`${name}: read ${targets.length - wrong} of ${targets.length} topics in ${seconds(run.readMs)}`);
}

/** Reads all in one go; when that fails, one by one, to tell which topics it is. */
async function readTargets(
  reader: Reader,
  bootstrap: string,
  targets: readonly ReadTarget[],
): Promise<Map<ReadTarget, string>> {
  const failures = new Map<ReadTarget, string>();
  try {
    await reader.read(bootstrap, targets);
    return failures;
  } catch (error) {
    if (targets.length === 1) return new Map(targets.map((target) => [target, messageOf(error)]));
  }
  for (const target of targets) {
    if (failures.size >= MAX_READ_FAILURES) {
      failures.set(target, `not tried after ${MAX_READ_FAILURES} failures`);
      continue;
    }
    try {
      await reader.read(bootstrap, [target]);
    } catch (error) {
      failures.set(target, messageOf(error));
    }
  }
  return failures;
}

/** What is wrong with what was read, which is removed; null when nothing is. */
export async function compareRead(reader: Reader, { topic, outputFile }: ReadTarget): Promise<string | null> {
  const actual = await Deno.readFile(outputFile);
  await Deno.remove(outputFile);
  return findDifference(expectedPieces(reader, topic), actual);
}

function* expectedPieces(reader: Reader, topic: TopicData): Generator<ExpectedPiece> {
  for (const partition of reader.partitionsOf(topic)) {
    for (const record of topic.records) {
      if (record.partition !== partition) continue;
      yield { label: `partition ${partition} offset ${record.offset}`, bytes: reader.render(record, topic) };
    }
  }
}

function checkOf(topic: TopicData, reader: ClientRun | null, failure: string | null): Check {
  const partitions = reader?.client.reader?.partitionsOf(topic);
  const counts = recordCounts(topic).filter((_, partition) => partitions?.includes(partition) ?? true);
  return {
    writer: topic.writer,
    codec: topic.codec,
    reader: reader?.client.name ?? null,
    records: counts.reduce((sum, count) => sum + count, 0),
    failure,
  };
}

function reportOf({ client, version, writeMs, readMs }: ClientRun): ClientReport {
  const limits = [
    client.writer?.limits ? `writes: ${client.writer.limits}` : "",
    client.reader?.limits ? `reads: ${client.reader.limits}` : "",
  ];
  const said = limits.filter((limit) => limit !== "").join("; ");
  return { name: client.name, version: version ?? "?", limits: said, writeMs, readMs };
}

/** Runs `work` for every item, a few at a time. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
