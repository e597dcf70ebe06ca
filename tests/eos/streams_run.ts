/**
 * Two instances of a Kafka Streams application count words, join orders with a
 * table of customers and add up amounts, while they and the broker are killed.
 * They write every step, so that a count that was taken twice or not at all shows.
 */
import { join } from "node:path";
import type { PreparedProgram } from "../clients/programs.ts";
import type { Restartable } from "../clients/restartable.ts";
import { TopicAdmin } from "../clients/topic_admin.ts";
import { findUnlike, readCommitted, type ReadRecord, valuesBy } from "./read_topic.ts";
import { StreamsFeed } from "./streams_feed.ts";
import { makeTrouble, waitFor } from "./trouble.ts";
import { Worker } from "./worker.ts";

/** What is run. */
export interface StreamsOptions {
  readonly broker: Restartable;
  readonly program: PreparedProgram;
  readonly name: string;
  readonly rounds: number;
}

const PARTITIONS = 3;
const PAUSE_MS = 6_000;
const TOPICS = ["lines", "orders", "customers", "counts", "joined", "totals"];

/** What the application must have written, by key, in order. */
interface Outputs {
  readonly counts: ReadonlyMap<string, readonly string[]>;
  readonly joined: ReadonlyMap<string, readonly string[]>;
  readonly totals: ReadonlyMap<string, readonly string[]>;
}

/** Lets it happen; answers what is wrong (null: nothing) and how much there was. */
export async function streamsRun(options: StreamsOptions): Promise<{ failure: string | null; note: string }> {
  const { broker, program, name, rounds } = options;
  const { bootstrap } = broker;
  const admin = await TopicAdmin.connect(bootstrap);
  await admin.create(TOPICS.map((topic) => ({ name: `${name}-${topic}`, partitions: PARTITIONS })));
  await admin.close();
  const scratch = await Deno.makeTempDir({ prefix: "klite-streams-" });
  const feed = await StreamsFeed.start(bootstrap, name);
  const workers = ["a", "b"].map((id) => new Worker(program, [bootstrap, name, join(scratch, id)]));
  let expected: Outputs;
  try {
    await makeTrouble(broker, workers, { rounds, pauseMs: PAUSE_MS });
    await feed.stop();
    expected = await expectedOutputs(bootstrap, name);
    let actual: Outputs | null = null;
    const isDone = async () => {
      actual = await actualOutputs(bootstrap, name);
      return sizeOf(actual) >= sizeOf(expected);
    };
    const state = () =>
      `${actual === null ? 0 : sizeOf(actual)} of ${sizeOf(expected)} outputs\n${
        workers.map(({ log }) => log).join("")
      }`;
    await waitFor("the application", isDone, state);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await Deno.remove(scratch, { recursive: true });
  }
  const actual = await actualOutputs(bootstrap, name);
  const failure = findUnlike(expected.counts, actual.counts) ?? findUnlike(expected.joined, actual.joined) ??
    findUnlike(expected.totals, actual.totals);
  const starts = workers.reduce((sum, worker) => sum + worker.starts, 0);
  return { failure, note: `${sizeOf(actual)} outputs, ${starts} starts` };
}

async function expectedOutputs(bootstrap: string, name: string): Promise<Outputs> {
  const lines = await readCommitted(bootstrap, `${name}-lines`);
  const orders = await readCommitted(bootstrap, `${name}-orders`);
  const customers = await readCommitted(bootstrap, `${name}-customers`);
  const titles = new Map(customers.map(({ key, value }) => [key, value]));
  const words = Map.groupBy(lines.flatMap(({ value }) => value.split(" ")), (word) => word);
  const byCustomer = [...Map.groupBy(orders, ({ key }) => key)];
  return {
    counts: new Map([...words].map(([word, { length }]) => [word, upTo(length)])),
    joined: new Map(
      byCustomer.map(([key, found]) => [key, found.map(({ value }) => `${titles.get(key)} ${value}`)]),
    ),
    totals: new Map(byCustomer.map(([key, found]) => [key, sums(found)])),
  };
}

async function actualOutputs(bootstrap: string, name: string): Promise<Outputs> {
  return {
    counts: valuesBy(await readCommitted(bootstrap, `${name}-counts`, { isNumber: true }), "key"),
    joined: valuesBy(await readCommitted(bootstrap, `${name}-joined`), "key"),
    totals: valuesBy(await readCommitted(bootstrap, `${name}-totals`, { isNumber: true }), "key"),
  };
}

function upTo(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

function sums(orders: readonly ReadRecord[]): string[] {
  let sum = 0;
  return orders.map(({ value }) => String(sum += Number(value)));
}

function sizeOf({ counts, joined, totals }: Outputs): number {
  return [counts, joined, totals].flatMap((one) => [...one.values()]).reduce(
    (sum, { length }) => sum + length,
    0,
  );
}
