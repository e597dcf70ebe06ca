import assert from "node:assert/strict";
import { SimRandom } from "../../src/io/sim/random.ts";
import type { BrokerProcess } from "../support/broker_process.ts";
import { freePort } from "../support/broker_ready.ts";
import { createTopic, deleteTopic, readAll, type TopicRef } from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";
import { DataDir } from "./data_dir.ts";
import { IdempotentWriter, recordValue } from "./idempotent_writer.ts";
import { LibrdkafkaWriter } from "./librdkafka_writer.ts";
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
}

/** What came of it, when all is as it must be. */
export interface KillOutcome {
  readonly records: number;
  readonly topics: number;
  readonly stops: number;
}

/**
 * Writes from several idempotent producers and a transactional one, and makes and deletes topics, while
 * the broker is killed again and again; then reads everything back and holds it
 * against what was acknowledged.
 */
export async function killRun(run: KillRun): Promise<KillOutcome> {
  const random = new SimRandom(run.seed);
  await using dir = await DataDir.make();
  await using mortal = await Mortal.start(dir);
  let [records, topics] = [0, 0];
  for (let generation = 0; generation < run.generations; generation++) {
    const outcome = await oneGeneration(run, mortal, random.fork(), `generation-${generation}`);
    records += outcome.records;
    topics += outcome.topics;
  }
  return { records, topics, stops: mortal.stops };
}

/** Who writes to a topic of its own, and knows what must be in it. */
interface OtherWriter {
  readonly topic: TopicRef;
  run(): Promise<void>;
  stop(): void;
  /** Answers how many records there are. */
  check(client: WireClient): Promise<number>;
}

/** A broker that is ended and started again, always at the same port. */
class Mortal implements AsyncDisposable {
  readonly port: number;
  readonly #dir: DataDir;
  #broker: BrokerProcess;
  #stops = 0;

  private constructor(port: number, dir: DataDir, broker: BrokerProcess) {
    this.port = port;
    this.#dir = dir;
    this.#broker = broker;
  }

  static async start(dir: DataDir): Promise<Mortal> {
    const port = freePort();
    return new Mortal(port, dir, await dir.start({ port }));
  }

  /** Orderly stops so far. */
  get stops(): number {
    return this.#stops;
  }

  async kill(): Promise<void> {
    await this.#broker.kill();
    this.#broker = await this.#dir.start({ port: this.port });
  }

  async stop(): Promise<void> {
    assert.deepEqual(await this.#broker.stop(), { code: 0, signal: null }, "an orderly stop");
    this.#stops++;
    this.#broker = await this.#dir.start({ port: this.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker.kill();
  }
}

async function oneGeneration(
  run: KillRun,
  mortal: Mortal,
  random: SimRandom,
  name: string,
): Promise<{ readonly records: number; readonly topics: number }> {
  const topic = await makeTopic(mortal.port, name, run.writers * PARTITIONS_EACH);
  const writers = Array.from({ length: run.writers }, (_, index) => {
    const partitions = Array.from({ length: PARTITIONS_EACH }, (_, at) => index * PARTITIONS_EACH + at);
    return new IdempotentWriter(mortal.port, topic, partitions, random.fork());
  });
  const churner = new TopicChurner(mortal.port, `${name}-churn`, random.fork());
  const transactional = await makeTopic(mortal.port, `${name}-transactions`, TransactionalWriter.partitions);
  const others: OtherWriter[] = [new TransactionalWriter(mortal.port, transactional, random.fork())];
  if (run.withLibrdkafka === true) others.push(await startLibrdkafka(mortal.port, `${name}-librdkafka`));
  const all = [...writers, churner, ...others];
  const working = Promise.all(all.map((one) => one.run()));
  try {
    await endLives(run, mortal, random, working);
  } finally {
    for (const one of all) one.stop();
    await working;
  }
  // What is read back comes from disk, not from memory.
  await mortal.kill();
  await using client = await WireClient.connect(mortal.port);
  let records = await checkRecords(client, topic, writers);
  for (const other of others) records += await other.check(client);
  const names = [topic.name, ...others.map((other) => other.topic.name)];
  await churner.check(client, names);
  await churner.deleteAll(client);
  for (const one of names) await deleteTopic(client, one);
  return { records, topics: churner.size };
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

async function makeTopic(port: number, name: string, partitions: number): Promise<TopicRef> {
  await using client = await WireClient.connect(port);
  return await createTopic(client, name, { partitions });
}

/** Each record once, in order, at the offset that was acknowledged; nothing that was never sent. */
async function checkRecords(
  client: WireClient,
  topic: TopicRef,
  writers: readonly IdempotentWriter[],
): Promise<number> {
  let total = 0;
  for (const batches of writers.map((writer) => Map.groupBy(writer.batches, ({ partition }) => partition))) {
    for (const [partition, sent] of batches) {
      for (const { firstNumber, baseOffset } of sent) {
        assert.equal(baseOffset, firstNumber, "all that was sent was acknowledged in the end");
      }
      const count = sent.reduce((sum, batch) => sum + batch.count, 0);
      const records = await readAll(client, topic, partition);
      for (const [index, { offset, value }] of records.entries()) {
        assert.equal(offset, index, `offsets of partition ${partition} are contiguous`);
        assert.equal(value, recordValue(partition, index), `record ${index} of partition ${partition}`);
      }
      assert.equal(records.length, count, `each record of partition ${partition} is there, once`);
      total += count;
    }
  }
  return total;
}
