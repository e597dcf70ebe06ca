/**
 * What a produce and a fetch cost, counted: copies, buffers, commits, calls to disk and sockets. Counts are the same
 * on every machine, so they fail when someone spoils the hot path, and never because the machine is busy.
 *
 * A bound is what is needed and a little for headers and pages. Whoever has a reason to cost more changes the bound
 * and says why.
 */
import { equal, ok } from "node:assert/strict";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import {
  createTopic,
  fetch,
  fetchInput,
  produce,
  produceInput,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import type { WireClient } from "../support/wire_client.ts";
import { type BareClient, CountedBroker, type IoCounts } from "./counted_broker.ts";
import { countMemory, type MemoryCounts } from "./memory_counts.ts";

const CONFIG = { walSegmentBytes: 4 << 20, tailMemoryBytes: 8 << 20 };
const PAGE_BYTES = 4096;
const LARGE_BYTES = 60_000;
/** Headers of segments, and the like. */
const SMALL_BYTES = 64 * 1024;
const ANSWER_BYTES = 3 << 20;
/** Long answers go out in pieces of this size. */
const ANSWER_PIECE_BYTES = 1 << 20;

interface World {
  readonly broker: CountedBroker;
  /** For what is not counted. */
  readonly client: WireClient;
  readonly bare: BareClient;
  readonly topic: TopicRef;
}

function guard(name: string, test: (world: World) => Promise<void>): void {
  Deno.test(name, async () => {
    const broker = await CountedBroker.start(CONFIG);
    const client = broker.connect();
    const bare = broker.connectBare();
    const topic = await broker.run(createTopic(client, "guarded"));
    await test({ broker, client, bare, topic });
    bare.close();
    await broker.run(client[Symbol.asyncDispose]());
    await broker.stop();
  });
}

/** A record of so many bytes, of the broker's time. */
function batchOf({ broker }: World, bytes: number): Uint8Array {
  return textBatch(["x".repeat(bytes)], broker.clock.nowMs());
}

function produceFrame({ client, topic }: World, batch: Uint8Array): Uint8Array {
  return client.encode(produceRequest, 9, produceInput(topic, batch));
}

function repeated(bytes: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(bytes.length * count);
  for (let index = 0; index < count; index++) all.set(bytes, index * bytes.length);
  return all;
}

async function times(count: number, action: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done++) await action();
}

/** What `action` costs in memory and in calls. */
async function costOf(
  { broker }: World,
  action: () => Promise<unknown>,
): Promise<{ readonly io: IoCounts; readonly memory: MemoryCounts }> {
  let io: IoCounts | undefined;
  const memory = await countMemory(async () => {
    io = await broker.cost(action);
  });
  ok(io !== undefined);
  return { io, memory };
}

function atMost(count: number, bound: number, what: string): void {
  ok(count <= bound, `${count} ${what}, more than ${bound}`);
}

/** Commits are all that is asked of the disk. */
function nothingElse({ logWrites, logSyncs, logReads }: IoCounts): void {
  equal(logWrites, 0, "writes to the log beside commits");
  equal(logSyncs, 0, "syncs of the log beside commits");
  equal(logReads, 0, "reads from the log");
}

guard("a produced byte is copied once, and written once, by one call a commit", async (world) => {
  const { broker, bare } = world;
  const COUNT = 20;
  const batch = batchOf(world, LARGE_BYTES);
  const frame = produceFrame(world, batch);
  await broker.run(times(3, () => bare.exchange(frame, 1)));
  const { io, memory } = await costOf(world, () => times(COUNT, () => bare.exchange(frame, 1)));
  const bytes = COUNT * batch.length;
  atMost(memory.copiedBytes, 1.01 * bytes, "bytes copied");
  equal(memory.allocations, 0, "new buffers");
  equal(io.commits, COUNT, "commits");
  // A commit begins and ends with a page that is not full.
  atMost(io.committedBytes, bytes + COUNT * 2 * PAGE_BYTES, "bytes written to the log");
  nothingElse(io);
  equal(io.socketReads, COUNT, "reads from the socket");
  equal(io.socketWrites, COUNT, "writes to the socket");
});

guard(
  "room for the log is made ahead without a buffer of zeros, and costs no other commit",
  async (world) => {
    const { broker, bare } = world;
    const batch = batchOf(world, LARGE_BYTES);
    const frame = produceFrame(world, batch);
    const COUNT = Math.ceil(3 * CONFIG.walSegmentBytes / LARGE_BYTES);
    await broker.run(times(3, () => bare.exchange(frame, 1)));
    const { io, memory } = await costOf(world, () => times(COUNT, () => bare.exchange(frame, 1)));
    const bytes = COUNT * batch.length;
    ok(io.logWrites > 0, "segments were prepared");
    atMost(memory.allocatedBytes, SMALL_BYTES, "bytes of new buffers");
    atMost(memory.copiedBytes, 1.01 * bytes, "bytes copied");
    equal(io.commits, COUNT, "commits");
  },
);

guard("pipelined requests share reads, commits and writes", async (world) => {
  const { broker, bare } = world;
  const COUNT = 64;
  const frames = repeated(produceFrame(world, batchOf(world, 10)), COUNT);
  await broker.run(bare.exchange(frames, COUNT));
  const io = await broker.cost(() => bare.exchange(frames, COUNT));
  equal(io.socketReads, 1, "reads from the socket");
  equal(io.commits, 1, "commits");
  atMost(io.socketWrites, 2, "writes to the socket");
  nothingElse(io);
});

guard("connections that produce together share commits", async (world) => {
  const { broker } = world;
  const COUNT = 16;
  const frame = produceFrame(world, batchOf(world, 10));
  const clients = Array.from({ length: COUNT }, () => broker.connectBare());
  const all = () => Promise.all(clients.map((client) => client.exchange(frame, 1)));
  await broker.run(all());
  const io = await broker.cost(all);
  atMost(io.commits, 2, "commits");
  equal(io.socketReads, COUNT, "reads from the socket");
  equal(io.socketWrites, COUNT, "writes to the socket");
  nothingElse(io);
  for (const client of clients) client.close();
});

guard("small requests make do with the buffers that are there", async (world) => {
  const { broker, bare, client, topic } = world;
  const COUNT = 100;
  const batch = batchOf(world, 500);
  const produceOne = produceFrame(world, batch);
  const fetchOne = client.encode(fetchRequest, 12, fetchInput(topic, 7, { maxBytes: 1 }));
  const both = async () => {
    await bare.exchange(produceOne, 1);
    await bare.exchange(fetchOne, 1);
  };
  await broker.run(times(200, both));
  const { io, memory } = await costOf(world, () => times(COUNT, both));
  equal(memory.allocations, 0, "new buffers");
  // To the log, from there to the answer, and a few header fields.
  atMost(memory.copiedBytes, COUNT * 2 * (batch.length + 50), "bytes copied");
  equal(io.commits, COUNT, "commits");
  equal(io.socketReads, 2 * COUNT, "reads from the socket");
  equal(io.socketWrites, 2 * COUNT, "writes to the socket");
  nothingElse(io);
});

guard("a fetch near the end reads no file and copies each byte once", async (world) => {
  const { broker, bare, client, topic } = world;
  const COUNT = 20;
  const batch = batchOf(world, LARGE_BYTES);
  const produceOne = produceFrame(world, batch);
  await broker.run(times(COUNT, () => bare.exchange(produceOne, 1)));
  const fetchAll = client.encode(fetchRequest, 12, fetchInput(topic, 0));
  await broker.run(bare.exchange(fetchAll, 1));
  const { io, memory } = await costOf(world, () => bare.exchange(fetchAll, 1));
  const bytes = COUNT * batch.length;
  atMost(memory.copiedBytes, 1.01 * bytes, "bytes copied");
  equal(memory.allocations, 0, "new buffers");
  atMost(io.socketWrites, Math.ceil(bytes / ANSWER_PIECE_BYTES), "writes to the socket");
  equal(io.commits, 0, "commits");
  nothingElse(io);
});

guard(
  "answers of several megabytes need no new memory, whatever small ones go out between",
  async (world) => {
    const { broker, bare, client, topic } = world;
    const COUNT = 60;
    const batch = batchOf(world, LARGE_BYTES);
    const produceOne = produceFrame(world, batch);
    await broker.run(times(COUNT, () => bare.exchange(produceOne, 1)));
    const fetchAll = client.encode(
      fetchRequest,
      12,
      fetchInput(topic, 0, { partitionMaxBytes: ANSWER_BYTES }),
    );
    const both = async () => {
      await bare.exchange(fetchAll, 1);
      await bare.exchange(produceOne, 1);
    };
    await broker.run(both());
    const { memory } = await costOf(world, () => times(3, both));
    equal(memory.allocations, 0, "new buffers");
    atMost(memory.copiedBytes, 1.01 * 3 * (ANSWER_BYTES + batch.length), "bytes copied");
  },
);

guard("whoever waits for records costs nothing until they come", async (world) => {
  const { broker, client, topic } = world;
  const COUNT = 50;
  const other = await broker.run(createTopic(client, "other"));
  const batch = batchOf(world, 10);
  const clients = Array.from({ length: COUNT }, () => broker.connect());
  const waits = clients.map((waiting) => fetch(waiting, topic, 0, { maxWaitMs: 50_000 }));
  await broker.clock.advance(100);
  const waiting = await broker.cost(() => broker.clock.advance(20_000));
  const beside = await broker.cost(() => produce(client, other, batch));
  const wanted = await broker.cost(async () => {
    await produce(client, topic, batch);
    await Promise.all(waits);
  });
  equal(waiting.socketReads + waiting.socketWrites + waiting.commits, 0, "calls while nothing comes");
  // The server looks after its connections once a second, all of them together.
  atMost(waiting.timers, 25, "timers");
  nothingElse(waiting);
  equal(beside.socketWrites, 1, "writes when records come for others");
  equal(wanted.socketWrites, COUNT + 1, "writes when records come");
  equal(wanted.commits, 1, "commits");
  await broker.run(Promise.all(clients.map((one) => one[Symbol.asyncDispose]())));
});
