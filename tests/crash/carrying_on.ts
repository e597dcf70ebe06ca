/** Clients that carry on by themselves while the broker under them loses its disk, again and again. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { killPrograms } from "../clients/child_program.ts";
import { type PreparedProgram, prepareKafkaTool, preparePython } from "../clients/programs.ts";
import { createTopic, readAll, type TopicRef } from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";
import { objectsOf, storedEnd } from "./bucket_contents.ts";
import { DataDir } from "./data_dir.ts";
import { LineProgram } from "./line_program.ts";
import { Mortal } from "./mortal.ts";
import { S3Server } from "../support/s3_server.ts";

const PARTITIONS = 3;
const LIFE_MS = 6000;
const POLL_MS = 200;
const CATCH_UP_MS = 30_000;
/** Records may have been there for consumers whose producer had not heard of that yet. */
const IN_FLIGHT = 1000;
const FLAGS = [
  ...["--s3-flush-interval=1s", "--s3-flush-check-interval=200ms", "--cluster-id=carrying-on"],
  ...["--lease-duration=2s", "--lease-renew-interval=500ms", "--lease-retry-interval=200ms"],
];

/** One record as a client's program tells of it. */
interface Told {
  readonly partition: number;
  readonly value: string;
  readonly offset: number;
}

/** A client library: how its producer and its consumer are run, and how they are told to end. */
interface Library {
  readonly name: string;
  readonly writer: PreparedProgram;
  readonly writerArgs: (bootstrap: string, topic: string) => string[];
  readonly reader: PreparedProgram;
  readonly readerArgs: (bootstrap: string, topic: string) => string[];
  /** What it tells of a record in a line; `null` for lines about other things. */
  readonly parse: (line: string) => Told | null;
  /**
   * librdkafka's consumer does not check the leader epoch of what it had committed. If it commits where it was before it
   * has found out about the loss, and then starts from there, it passes by what came in place of what was lost.
   */
  readonly trustsCommits: boolean;
  readonly endSignal?: "SIGTERM";
}

/** What came of it for one library. */
export interface CarryingOnFigures {
  readonly client: string;
  readonly acknowledged: number;
  /** Acknowledged, and lost with a disk. */
  readonly lost: number;
  /** In the end. */
  readonly records: number;
  /** Of these, what the consumer has not got: see `Library.trustsCommits`. */
  readonly passedBy: number;
}

/**
 * Producers and consumers of librdkafka and of Kafka itself work while the disk is lost `losses` times. No client is
 * started again. In the end the log has each record at most once and in order; what was acknowledged and is not there
 * had not been in the bucket when a disk was lost; and the consumers have seen all that is there.
 */
export async function carryingOnRun(losses: number): Promise<CarryingOnFigures[]> {
  await using s3 = await S3Server.start();
  await using dir = await DataDir.make();
  const flags = [...FLAGS, `--s3-bucket=${s3.bucket}`, `--s3-endpoint=${s3.endpoint}`];
  await using mortal = await Mortal.start(dir, { env: s3.env, flags });
  const scratch = await Deno.makeTempDir({ prefix: "klite-crash-" });
  const teams: Team[] = [];
  try {
    for (const library of [await librdkafka(), await java(scratch)]) {
      teams.push(await Team.start(library, mortal));
    }
    for (let count = 0; count < losses; count++) {
      await delay(LIFE_MS);
      await mortal.kill(async () => {
        for (const team of teams) await team.noteStored(s3);
        await Deno.remove(dir.path, { recursive: true });
      });
    }
    await delay(LIFE_MS);
    const figures = [];
    for (const team of teams) figures.push(await team.check(mortal.port));
    return figures;
  } catch (error) {
    throw new Error(`with a broker that said:\n${mortal.broker.log()}`, { cause: error });
  } finally {
    killPrograms();
    await Deno.remove(scratch, { recursive: true });
  }
}

/** A producer and a consumer of one library, on a topic of their own. */
class Team {
  readonly #library: Library;
  readonly #topic: TopicRef;
  readonly #writer: LineProgram;
  readonly #reader: LineProgram;
  /** By loss and partition: up to where the bucket had the records. */
  readonly #stored: number[][] = [];

  private constructor(library: Library, topic: TopicRef, bootstrap: string) {
    this.#library = library;
    this.#topic = topic;
    this.#writer = new LineProgram(library.writer, library.writerArgs(bootstrap, topic.name));
    this.#reader = new LineProgram(library.reader, library.readerArgs(bootstrap, topic.name));
  }

  static async start(library: Library, mortal: Mortal): Promise<Team> {
    await using client = await WireClient.connect(mortal.port);
    const topic = await createTopic(client, library.name, { partitions: PARTITIONS });
    return new Team(library, topic, `127.0.0.1:${mortal.port}`);
  }

  async noteStored(s3: S3Server): Promise<void> {
    const found = await objectsOf(s3, this.#topic.name);
    this.#stored.push(Array.from({ length: PARTITIONS }, (_, index) => storedEnd(found.get(index) ?? [])));
  }

  async check(port: number): Promise<CarryingOnFigures> {
    this.#reader.assertRunning();
    await this.#writer.end(this.#library.endSignal);
    const acknowledged = this.#told(this.#writer);
    await using client = await WireClient.connect(port);
    let [records, passedBy] = [0, 0];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const values = (await readAll(client, this.#topic, partition)).map(({ value }) => value ?? "");
      const lost = this.#checkLog(
        partition,
        values,
        acknowledged.filter((told) => told.partition === partition),
      );
      passedBy += await this.#untilRead(partition, values, lost);
      records += values.length;
    }
    await this.#reader.end(this.#library.endSignal);
    const { length } = acknowledged;
    return { client: this.#library.name, acknowledged: length, lost: length - records, records, passedBy };
  }

  /** Answers the offsets at which something was lost. */
  #checkLog(partition: number, values: readonly string[], acknowledged: readonly Told[]): Set<number> {
    const place = `partition ${partition} of ${this.#topic.name}`;
    const numbers = values.map(numberOf);
    for (const [offset, number] of numbers.entries()) {
      assert.ok(offset === 0 || number > numbers[offset - 1]!, `${place} is in order at offset ${offset}`);
    }
    const kept = acknowledged.filter(({ value, offset }) => numbers[offset] === numberOf(value));
    assert.equal(kept.length, numbers.length, `all that is in ${place} was acknowledged`);
    const firstLost = Math.min(...this.#stored.map((ends) => ends[partition]!));
    const lost = acknowledged.filter(({ value, offset }) => numbers[offset] !== numberOf(value));
    for (const told of lost) {
      assert.ok(told.offset >= firstLost, `${place}: ${JSON.stringify(told)} was in the bucket`);
    }
    // What one loss takes away is the end of what was sent before it: at most one gap for each.
    const sent = acknowledged.map(({ value }) => numberOf(value)).toSorted((a, b) => a - b);
    const there = new Set(numbers);
    const gaps = sent.filter((number, index) =>
      !there.has(number) && (index === 0 || there.has(sent[index - 1]!))
    );
    assert.ok(gaps.length <= this.#stored.length, `${place} lacks records from ${gaps.join(", ")} on`);
    return new Set(lost.map(({ offset }) => offset));
  }

  /** Waits until the consumer has got all of a partition that it must get; answers how many it has not. */
  async #untilRead(partition: number, values: readonly string[], lost: ReadonlySet<number>): Promise<number> {
    const endMs = performance.now() + CATCH_UP_MS;
    const mayBePassedBy = (offset: number) =>
      this.#library.trustsCommits &&
      Array.from({ length: IN_FLIGHT }, (_, before) => offset - before).some((each) => lost.has(each));
    for (;;) {
      const missing = new Map(values.map((value, offset) => [`${offset} ${numberOf(value)}`, offset]));
      for (const told of this.#told(this.#reader)) {
        if (told.partition === partition) missing.delete(`${told.offset} ${numberOf(told.value)}`);
      }
      const due = [...missing.values()].filter((offset) => !mayBePassedBy(offset));
      if (due.length === 0) return missing.size;
      this.#reader.assertRunning();
      if (performance.now() > endMs) {
        assert.fail(
          `the consumer of ${this.#topic.name} has not got ${due.length} records, from ${due[0]} on`,
        );
      }
      await delay(POLL_MS);
    }
  }

  #told({ lines }: LineProgram): Told[] {
    return lines.map(this.#library.parse).filter((told) => told !== null);
  }
}

/** Values are a number, behind a partition or alone, and before filling or alone. */
function numberOf(value: string): number {
  return Number(/^(?:\d+\/)?(\d+)/.exec(value)?.[1] ?? NaN);
}

async function librdkafka(): Promise<Library> {
  const { command: [python = ""], version } = await preparePython("confluent_client.py", "confluent-kafka");
  const program = (file: string): PreparedProgram => ({
    command: [python, "-B", fileURLToPath(new URL(file, import.meta.url))],
    version,
  });
  return {
    name: "librdkafka",
    trustsCommits: true,
    writer: program("librdkafka_writer.py"),
    writerArgs: (bootstrap, topic) => [bootstrap, topic, String(PARTITIONS), "0.003"],
    reader: program("librdkafka_reader.py"),
    readerArgs: (bootstrap, topic) => [bootstrap, topic, "librdkafka-readers"],
    parse: (line) => {
      const [partition, value, offset] = line.split(" ");
      return offset === undefined
        ? null
        : { partition: Number(partition), value: value!, offset: Number(offset) };
    },
  };
}

async function java(scratch: string): Promise<Library> {
  const config = `${scratch}/producer.properties`;
  // The tool turns retries off, as no application does.
  await Deno.writeTextFile(
    config,
    "retries=2147483647\ndelivery.timeout.ms=600000\nreconnect.backoff.max.ms=100\n",
  );
  return {
    name: "java",
    trustsCommits: false,
    writer: await prepareKafkaTool("org.apache.kafka.tools.VerifiableProducer"),
    writerArgs: (bootstrap, topic) => [
      ...["--bootstrap-server", bootstrap, "--topic", topic, "--throughput", "1000"],
      ...["--producer.config", config],
    ],
    reader: await prepareKafkaTool("org.apache.kafka.tools.VerifiableConsumer"),
    readerArgs: (bootstrap, topic) => [
      ...["--bootstrap-server", bootstrap, "--topic", topic, "--group-id", "java-readers", "--verbose"],
      ...["--session-timeout", "6000"],
    ],
    parse: (line) => {
      const told: Record<string, unknown> = line.startsWith("{") ? JSON.parse(line) : {};
      if (told["name"] === "producer_send_error") throw new Error(line);
      if (told["name"] !== "producer_send_success" && told["name"] !== "record_data") return null;
      return {
        partition: Number(told["partition"]),
        value: String(told["value"]),
        offset: Number(told["offset"]),
      };
    },
    endSignal: "SIGTERM",
  };
}
