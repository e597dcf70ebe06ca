import assert from "node:assert/strict";
import { SimRandom } from "../../src/io/sim/random.ts";
import { createTopic, deleteTopic, type TopicRef } from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";
import { DataDir } from "./data_dir.ts";
import { IdempotentWriter } from "./idempotent_writer.ts";
import { checkKept, KEPT, type Kept, type KeptTopic } from "./kept_topics.ts";
import { LibrdkafkaWriter } from "./librdkafka_writer.ts";
import { Mortal } from "./mortal.ts";
import { StoreSite } from "./store_site.ts";
import { TopicChurner } from "./topic_churner.ts";
import { TransactionalWriter } from "./transactional_writer.ts";

const PARTITIONS_EACH = 2;

/** What kind of run, all of it decided by `seed` but for how far things get between two kills. */
export interface KillRun {
  readonly kills: number;
  /** After each, all is read back and deleted, so that the log's files become free and are used again. */
  readonly generations: number;
  readonly writers: number;
  readonly seed: number;
  /** A broker lives up to so long after its first answer. */
  readonly longestLifeMs: number;
  /** How likely an orderly stop (SIGTERM) comes between two kills. */
  readonly stopChance: number;
  /** Whether librdkafka writes along. */
  readonly withLibrdkafka?: boolean;
  /**
   * Whether there is a bucket: whose server fails now and then, topics that are cleaned, and a disk that is lost at the
   * end of each generation.
   */
  readonly withBucket?: boolean;
}

/** What came of it, when all is as it must be. */
export interface KillOutcome {
  readonly records: number;
  readonly topics: number;
  readonly stops: number;
  /** What befell the bucket. */
  readonly disturbances: number;
}

/**
 * Writes from several idempotent producers and a transactional one, and makes and deletes topics, while
 * the broker is killed again and again; then reads everything back and holds it
 * against what was acknowledged.
 */
export async function killRun(run: KillRun): Promise<KillOutcome> {
  const random = new SimRandom(run.seed);
  await using dir = await DataDir.make();
  await using site = run.withBucket === true ? await StoreSite.start(random.fork()) : null;
  await using mortal = await Mortal.start(dir, site?.brokerOptions);
  let [records, topics] = [0, 0];
  for (let generation = 0; generation < run.generations; generation++) {
    const outcome = await oneGeneration(
      { run, dir, site, mortal },
      random.fork(),
      `generation-${generation}`,
    );
    records += outcome.records;
    topics += outcome.topics;
  }
  return { records, topics, stops: mortal.stops, disturbances: site?.disturbances ?? 0 };
}

/** Who writes to a topic of its own, and knows what must be in it. */
interface OtherWriter {
  readonly topic: TopicRef;
  run(): Promise<void>;
  stop(): void;
  /** Answers how many records there are. */
  check(client: WireClient): Promise<number>;
}

interface Scene {
  readonly run: KillRun;
  readonly dir: DataDir;
  readonly site: StoreSite | null;
  readonly mortal: Mortal;
}

async function oneGeneration(
  { run, dir, site, mortal }: Scene,
  random: SimRandom,
  name: string,
): Promise<{ readonly records: number; readonly topics: number }> {
  const kinds: readonly Kept[] = site === null ? ["all"] : ["all", "newest", "latest"];
  const kept: KeptTopic[] = [];
  for (const kind of kinds) kept.push(await keptTopic(run, mortal.port, `${name}-${kind}`, kind, random));
  const churner = new TopicChurner(mortal.port, `${name}-churn`, random.fork());
  const transactional = await makeTopic(mortal.port, `${name}-transactions`, TransactionalWriter.partitions);
  const others: OtherWriter[] = [new TransactionalWriter(mortal.port, transactional, random.fork())];
  if (run.withLibrdkafka === true) others.push(await startLibrdkafka(mortal.port, `${name}-librdkafka`));
  const all = [...kept.flatMap(({ writers }) => writers), churner, ...others];
  const working = Promise.all(all.map((one) => one.run()));
  const disturbing = site?.disturb();
  try {
    await endLives(run, mortal, random, working);
  } finally {
    site?.calm();
    for (const one of all) one.stop();
    await disturbing;
    await working;
  }
  // What is read back comes from disk, not from memory; with a bucket, from there alone.
  if (site === null) await mortal.kill();
  else {
    await mortal.stop((ended) => {
      assert.doesNotMatch(ended.log(), /not everything could be stored/);
      return Deno.remove(dir.path, { recursive: true });
    });
  }
  await using client = await WireClient.connect(mortal.port);
  let records = 0;
  for (const topic of kept) records += await checkKept(client, topic);
  for (const other of others) records += await other.check(client);
  for (const topic of kept) await site?.checkObjects(topic);
  const names = [...kept, ...others].map(({ topic }) => topic.name);
  await churner.check(client, names);
  await churner.deleteAll(client);
  for (const one of names) await deleteTopic(client, one);
  return { records, topics: churner.size };
}

async function keptTopic(
  { writers }: KillRun,
  port: number,
  name: string,
  kept: Kept,
  random: SimRandom,
): Promise<KeptTopic> {
  const topic = await makeTopic(port, name, writers * PARTITIONS_EACH, KEPT[kept]);
  return {
    topic,
    kept,
    writers: Array.from({ length: writers }, (_, index) => {
      const partitions = Array.from({ length: PARTITIONS_EACH }, (_, at) => index * PARTITIONS_EACH + at);
      return new IdempotentWriter(port, topic, partitions, random.fork());
    }),
  };
}

/** Ends the broker's life as often as a generation has to see it, while others work. */
async function endLives(run: KillRun, mortal: Mortal, random: SimRandom, working: Promise<unknown>) {
  const ended = working.then(() => "ended" as const);
  // Whoever fails ends the run through the race below; this one may come too late for it.
  ended.catch(() => {});
  for (let kills = 0; kills < run.kills / run.generations;) {
    const life = new Promise((resolve) => setTimeout(resolve, random.unit() * run.longestLifeMs));
    assert.notEqual(await Promise.race([life, ended]), "ended", "they go on until they are told to stop");
    if (random.chance(run.stopChance)) {
      await mortal.stop();
    } else {
      await mortal.kill();
      kills++;
    }
  }
}

async function startLibrdkafka(port: number, name: string): Promise<LibrdkafkaWriter> {
  return await LibrdkafkaWriter.start(port, await makeTopic(port, name, LibrdkafkaWriter.partitions));
}

async function makeTopic(
  port: number,
  name: string,
  partitions: number,
  configs: Readonly<Record<string, string>> = {},
): Promise<TopicRef> {
  await using client = await WireClient.connect(port);
  return await createTopic(client, name, { partitions, configs });
}
