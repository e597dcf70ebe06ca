/** When records become objects, and what happens when they cannot. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { SimObjectStore, type StoreMoment } from "../../src/io/sim/object_store.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { ENTRY_HEADER_BYTES } from "../../src/wal/mod.ts";
import {
  createTopic,
  deleteTopic,
  fetch,
  newProducerId,
  produce,
  readAll,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { SEGMENT_BYTES, SimBroker } from "../support/sim_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const BUCKET: Partial<BrokerConfig> = { s3Bucket: "bucket" };
const BATCH_BYTES = 10_000;
const MINUTE_MS = 60_000;

/** A broker with a bucket; `watch` is called around each call of the store. */
function brokerWithBucket(seed: number, watch?: (moment: StoreMoment) => void): SimBroker {
  const sim = new SimBroker(seed);
  const { clock, random } = sim;
  sim.store = new SimObjectStore({ clock, random: random.fork(), ...(watch === undefined ? {} : { watch }) });
  return sim;
}

function storeOf({ store }: SimBroker): SimObjectStore {
  assert.ok(store !== undefined);
  return store;
}

function objectsOf(sim: SimBroker): string[] {
  return storeOf(sim).keys().filter((key) => key.endsWith(".obj"));
}

function snapshotsOf(sim: SimBroker): string[] {
  return storeOf(sim).keys().filter((key) => key.includes("/meta/snapshot-"));
}

function eventsOf(sim: SimBroker, type: string) {
  return sim.events.filter((event) => event.type === type);
}

/** An idempotent producer of numbered batches, each of one large record. */
class Numbers {
  acknowledged = 0;

  constructor(readonly topic: TopicRef, readonly producerId: number) {}

  static async start(sim: SimBroker, client: WireClient, name: string): Promise<Numbers> {
    const topic = await sim.run(createTopic(client, name));
    return new Numbers(topic, await sim.run(newProducerId(client)));
  }

  /** Sends the batch behind those that were acknowledged. */
  async write(sim: SimBroker, client: WireClient): Promise<number> {
    const value = new TextEncoder().encode(String(this.acknowledged).padEnd(BATCH_BYTES));
    const batch = buildBatch([{ value, timestampMs: sim.clock.nowMs() }], {
      producerId: this.producerId,
      producerEpoch: 0,
      baseSequence: this.acknowledged,
    });
    const { errorCode, baseOffset } = await sim.run(produce(client, this.topic, batch));
    if (errorCode !== ErrorCode.NONE) return errorCode;
    assert.equal(baseOffset, this.acknowledged++);
    return errorCode;
  }

  async writeMany(sim: SimBroker, client: WireClient, count: number): Promise<void> {
    for (let left = count; left > 0; left--) assert.equal(await this.write(sim, client), ErrorCode.NONE);
  }

  /** Everything acknowledged is there, once and in order, and nothing else. */
  async check(sim: SimBroker, client: WireClient): Promise<void> {
    const records = await sim.run(readAll(client, this.topic));
    const numbers = records.map(({ offset, value }) => `${offset} ${value?.slice(0, 10).trim()}`);
    assert.deepEqual(
      numbers,
      Array.from({ length: this.acknowledged }, (_, number) => `${number} ${number}`),
    );
  }
}

/** Lets the world go on until `done`, a second at a time. */
async function until(sim: SimBroker, done: () => boolean): Promise<void> {
  for (let seconds = 0; !done(); seconds++) {
    assert.ok(seconds < 600, "it comes to pass");
    await sim.clock.advance(1000);
  }
}

Deno.test("with a bucket records are in an object when they have waited for the interval, and so is the metadata", async () => {
  const sim = brokerWithBucket(1);
  await sim.start(BUCKET);
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "orders", { partitions: 2 }));
  await sim.run(produce(client, topic, textBatch(["a", "b"], sim.clock.nowMs()), { partition: 1 }));
  await sim.clock.advance(MINUTE_MS - 1000);
  assert.deepEqual(objectsOf(sim), []);
  await sim.clock.advance(10_000);
  assert.equal(objectsOf(sim).length, 1);
  assert.match(objectsOf(sim)[0]!, /^klite-[^/]+\/orders-[^/]{22}\/1\/0{20}\.obj$/);
  assert.ok(snapshotsOf(sim).length > 0);
  await sim.run(produce(client, topic, textBatch(["c"], sim.clock.nowMs()), { partition: 1 }));
  await sim.clock.advance(MINUTE_MS + 10_000);
  assert.match(objectsOf(sim)[1]!, /\/1\/0{19}2\.obj$/);
  await sim.clock.advance(20 * MINUTE_MS);
  assert.equal(objectsOf(sim).length, 2, "what is stored is not stored again");
  assert.ok(snapshotsOf(sim).length <= 3);
  await sim.stop();
});

Deno.test("a partition that has gathered an object's worth does not wait", async () => {
  const sim = brokerWithBucket(2);
  await sim.start({
    ...BUCKET,
    s3TargetObjectBytes: 3 * BATCH_BYTES + 1000,
    walSegmentBytes: 4 * SEGMENT_BYTES,
    tailMemoryBytes: 8 * SEGMENT_BYTES,
  });
  const client = sim.connect();
  const numbers = await Numbers.start(sim, client, "numbers");
  await numbers.writeMany(sim, client, 7);
  await sim.clock.advance(8000);
  assert.equal(objectsOf(sim).length, 2, "the seventh has its own time");
  await sim.clock.advance(MINUTE_MS);
  assert.equal(objectsOf(sim).length, 3);
  await numbers.check(sim, client);
  await sim.stop();
});

Deno.test("without a bucket nothing is stored until the log needs the room; then it holds what it may, and all is readable", async () => {
  const sim = new SimBroker(3);
  const walMaxDiskBytes = 6 * SEGMENT_BYTES;
  await sim.start({ walMaxDiskBytes });
  const client = sim.connect();
  const numbers = await Numbers.start(sim, client, "numbers");
  await numbers.writeMany(sim, client, 12);
  await sim.clock.advance(9 * MINUTE_MS);
  assert.equal(sim.disk.exists("objects"), false);
  await numbers.writeMany(sim, client, 60);
  const { wal } = sim.running.engine;
  assert.ok(wal.figures.diskBytes <= walMaxDiskBytes, `${wal.figures.diskBytes} bytes of log`);
  assert.ok(wal.oldestLsn > 60 * BATCH_BYTES / 2, "the log has let go of most");
  assert.equal(eventsOf(sim, "snapshot_failed").length, 0);
  await numbers.check(sim, client);
  await sim.stop();
  await sim.start({ walMaxDiskBytes });
  await numbers.check(sim, sim.connect());
  sim.powerCut();
  await sim.start({ walMaxDiskBytes });
  await numbers.check(sim, sim.connect());
  await sim.stop();
});

Deno.test("while the store is away a full log lets producers wait and then refuses; when it is back nothing is lost or stored twice", async () => {
  const sim = brokerWithBucket(4);
  const config = { ...BUCKET, walMaxDiskBytes: 6 * SEGMENT_BYTES };
  await sim.start(config);
  const client = sim.connect();
  const numbers = await Numbers.start(sim, client, "numbers");
  await numbers.writeMany(sim, client, 3);
  storeOf(sim).faults.awayUntilMs = Infinity;
  let errorCode: number = ErrorCode.NONE;
  while (errorCode === ErrorCode.NONE) errorCode = await numbers.write(sim, client);
  assert.equal(errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assert.ok(numbers.acknowledged > 20);
  assert.equal(sim.running.engine.room.isRefusing, true);
  await numbers.check(sim, client);
  await sim.clock.advance(9 * MINUTE_MS);
  assert.equal(eventsOf(sim, "store_away").length, 1, "said once");
  assert.match(sim.running.engine.tier.troubles().join(), /log is full.*nothing could be stored/);
  assert.equal(await numbers.write(sim, client), ErrorCode.KAFKA_STORAGE_ERROR);

  storeOf(sim).faults.awayUntilMs = 0;
  // Producers may be kept away for as long as it says that it has no room.
  await until(sim, () => !sim.running.engine.room.isRefusing);
  await numbers.writeMany(sim, client, 10);
  assert.equal(eventsOf(sim, "store_back").length, 1);
  assert.equal(sim.running.engine.room.isRefusing, false);
  await sim.clock.advance(2 * MINUTE_MS);
  assert.deepEqual(sim.running.engine.tier.troubles(), []);
  await numbers.check(sim, client);
  const { objects, logEndOffset, storedEnd } = [...sim.running.engine.logs][0]!;
  assert.equal(storedEnd, logEndOffset);
  assert.equal(objectsOf(sim).length, objects.count, "each object is live");
  await sim.stop();
});

Deno.test("a log that is full with the store away can be killed and started, and goes on when the store is back", async () => {
  const sim = brokerWithBucket(5);
  const config = { ...BUCKET, walMaxDiskBytes: 4 * SEGMENT_BYTES };
  await sim.start(config);
  const numbers = await Numbers.start(sim, sim.connect(), "numbers");
  storeOf(sim).faults.awayUntilMs = Infinity;
  const writer = sim.connect();
  while (await numbers.write(sim, writer) === ErrorCode.NONE);
  for (let round = 0; round < 3; round++) {
    sim.powerCut();
    sim.store = storeOf(sim).restart({ clock: sim.clock, random: sim.random.fork() });
    sim.store.faults.awayUntilMs = Infinity;
    await sim.start(config);
    const client = sim.connect();
    await numbers.check(sim, client);
    assert.equal(await numbers.write(sim, client), ErrorCode.KAFKA_STORAGE_ERROR);
  }
  storeOf(sim).faults.awayUntilMs = 0;
  const client = sim.connect();
  await numbers.writeMany(sim, client, 20);
  await numbers.check(sim, client);
  await sim.stop();
});

Deno.test("a stop stores everything, the metadata too", async () => {
  const sim = brokerWithBucket(6);
  await sim.start(BUCKET);
  const client = sim.connect();
  const numbers = await Numbers.start(sim, client, "numbers");
  await numbers.writeMany(sim, client, 5);
  const { engine } = sim.running;
  await sim.stop();
  assert.equal(objectsOf(sim).length, 1);
  const [log] = engine.logs;
  assert.equal(log?.storedEnd, 5);
  assert.ok(snapshotsOf(sim).length > 0);
  assert.equal(eventsOf(sim, "flush_incomplete").length, 0);
  await sim.start(BUCKET);
  await numbers.check(sim, sim.connect());
  await sim.stop();
  assert.equal(objectsOf(sim).length, 1);
});

Deno.test("a stop does not wait for a store that is away, and says what is left in the data directory", async () => {
  const sim = brokerWithBucket(7);
  await sim.start(BUCKET);
  const client = sim.connect();
  const numbers = await Numbers.start(sim, client, "numbers");
  await numbers.writeMany(sim, client, 5);
  storeOf(sim).faults.awayUntilMs = Infinity;
  const sinceMs = sim.clock.monotonicMs();
  await sim.stop();
  assert.ok(sim.clock.monotonicMs() - sinceMs < 2 * MINUTE_MS + 10_000);
  const [incomplete] = eventsOf(sim, "flush_incomplete");
  assert.ok(
    incomplete?.type === "flush_incomplete" && incomplete.partitions === 1 &&
      incomplete.bytes > 5 * BATCH_BYTES,
  );
});

Deno.test("an object of a topic that is deleted while it is put does not stay", async () => {
  let isPut = false;
  const sim = brokerWithBucket(8, ({ verb, key, isDone }) => {
    if (verb === "put" && key.endsWith(".obj") && isDone) isPut = true;
  });
  await sim.start(BUCKET);
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "short-lived"));
  await sim.run(produce(client, topic, textBatch(["a"], sim.clock.nowMs())));
  const { engine } = sim.running;
  await until(sim, () => engine.tier.unstored.size > 0);
  for (let step = 0; !isPut; step++) {
    assert.ok(step < 200_000, "it is put");
    await sim.clock.advance(1);
  }
  if (objectsOf(sim).length > 0) await sim.run(deleteTopic(client, "short-lived"));
  await sim.clock.advance(5 * MINUTE_MS);
  assert.deepEqual(objectsOf(sim), []);
  await sim.stop();
});

Deno.test("topics that come and go leave nothing behind where records wait for lack of room only", async () => {
  const sim = new SimBroker(7);
  await sim.start();
  const client = sim.connect();
  for (let round = 0; round < 3; round++) {
    const topic = await sim.run(createTopic(client, "brief"));
    await sim.run(produce(client, topic, textBatch(["a"], sim.clock.nowMs())));
    assert.equal(sim.running.engine.tier.unstored.size, 1);
    await sim.run(deleteTopic(client, "brief"));
  }
  assert.equal(sim.running.engine.tier.unstored.size, 0);
  await sim.stop();
});

Deno.test("a wall clock that is set back keeps no records from the store", async () => {
  const sim = brokerWithBucket(8);
  await sim.start(BUCKET);
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "orders"));
  await sim.run(produce(client, topic, textBatch(["a"], sim.clock.nowMs())));
  const nowMs = sim.clock.nowMs.bind(sim.clock);
  sim.clock.nowMs = () => nowMs() - 24 * 60 * MINUTE_MS;
  await sim.clock.advance(MINUTE_MS + 10_000);
  assert.equal(objectsOf(sim).length, 1);
  await sim.stop();
});

Deno.test("the log looks for what it can let go of now and then, not for each of many objects", async () => {
  const sim = new SimBroker(9);
  const walMaxDiskBytes = 8 * SEGMENT_BYTES;
  await sim.start({ walMaxDiskBytes });
  const client = sim.connect();
  const partitions = 600;
  const topic = await sim.run(createTopic(client, "wide", { partitions }));
  const { engine } = sim.running;
  let looks = 0;
  const freeLog = engine.checkpoints.freeLog.bind(engine.checkpoints);
  engine.checkpoints.freeLog = () => (looks++, freeLog());
  const batch = textBatch(["x".repeat(600)], sim.clock.nowMs());
  for (let partition = 0; partition < partitions; partition++) {
    await sim.run(produce(client, topic, batch.slice(), { partition }));
  }
  await sim.clock.advance(60_000);
  assert.ok(eventsOf(sim, "flush_done").length > 0);
  assert.ok(engine.wal.liveBytes < walMaxDiskBytes * 0.75, "there is room again");
  assert.ok(looks < 30, `${looks} looks`);
  await sim.stop();
});

Deno.test("no object is put of a topic while the disk has no room for a snapshot that knows it", async () => {
  const sim = brokerWithBucket(10);
  await sim.start(BUCKET);
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "orders"));
  await sim.run(produce(client, topic, textBatch(["a"], sim.clock.nowMs())));
  sim.disk.faults.quotaBytes = 0;
  await sim.clock.advance(3 * MINUTE_MS);
  assert.ok(eventsOf(sim, "snapshot_failed").length > 0);
  assert.deepEqual(objectsOf(sim), []);
  sim.disk.faults.quotaBytes = Infinity;
  await sim.clock.advance(MINUTE_MS);
  assert.equal(objectsOf(sim).length, 1);
  assert.ok(snapshotsOf(sim).length > 0);
  await sim.stop();
});

Deno.test("two thousand partitions that trickle are all stored, few at a time, and none of them has a timer", async () => {
  const PARTITIONS = 2000;
  let inFlight = 0;
  let most = 0;
  const sim = brokerWithBucket(9, ({ verb, key, isDone }) => {
    if (verb !== "put" || !key.endsWith(".obj")) return;
    inFlight += isDone ? -1 : 1;
    most = Math.max(most, inFlight);
  });
  await sim.start({ ...BUCKET, walSegmentBytes: 16 * SEGMENT_BYTES, tailMemoryBytes: 32 * SEGMENT_BYTES });
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "wide", { partitions: PARTITIONS }));
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const batch = textBatch([String(partition)], sim.clock.nowMs());
    assert.equal((await sim.run(produce(client, topic, batch, { partition }))).errorCode, ErrorCode.NONE);
  }
  await until(sim, () => objectsOf(sim).length === PARTITIONS);
  assert.ok(most <= 8, `${most} at a time`);
  assert.ok(sim.running.engine.deadlines.queued < 20, `${sim.running.engine.deadlines.queued} deadlines`);
  const { records } = await sim.run(fetch(client, topic, 0, { partition: PARTITIONS - 1 }));
  assert.ok(records !== null && records.length > 0);
  await sim.stop();
});

Deno.test("the scrub finds damage in objects that nobody reads, and says where", async () => {
  const sim = brokerWithBucket(10);
  await sim.start({ ...BUCKET, scrubIntervalMs: 5 * MINUTE_MS });
  const client = sim.connect();
  for (const name of ["sound", "rotten"]) {
    const topic = await sim.run(createTopic(client, name));
    await sim.run(produce(client, topic, textBatch([name], sim.clock.nowMs())));
  }
  await until(sim, () => objectsOf(sim).length === 2);
  const rotten = objectsOf(sim).find((key) => key.includes("/rotten-"))!;
  storeOf(sim).corrupt(rotten, (bytes) => {
    bytes[70]! ^= 4;
    return bytes;
  });
  await until(sim, () => eventsOf(sim, "scrub_done").length > 0);
  assert.deepEqual(eventsOf(sim, "scrub_done"), [{ type: "scrub_done", files: 0, objects: 2, damaged: 1 }]);
  const [damaged] = eventsOf(sim, "object_damaged");
  assert.ok(
    damaged?.type === "object_damaged" && damaged.topic === "rotten" && damaged.problem.includes(rotten),
  );
  await sim.stop();
});

Deno.test("a partition that cannot be stored is named as long as that is so, and looked at no more often for what it gathers", async () => {
  const sim = brokerWithBucket(11);
  await sim.start({ ...BUCKET, s3TargetObjectBytes: 5 * BATCH_BYTES });
  const client = sim.connect();
  const numbers = await Numbers.start(sim, client, "numbers");
  await numbers.writeMany(sim, client, 2);
  const { engine } = sim.running;
  const { batches } = engine.log(engine.state.topic("numbers")!.partitions[0]!);
  const segment = engine.wal.hold(batches.lsn(0));
  const flip = () =>
    sim.disk.flipBit(segment.path, segment.positionOf(batches.lsn(0)) + ENTRY_HEADER_BYTES + 900, 3);
  flip();
  await until(sim, () => eventsOf(sim, "flush_failed").length > 0);
  assert.deepEqual(engine.tier.troubles(), ["records of 1 partitions cannot be stored: numbers-0"]);

  const { unstored } = engine.tier;
  let looks = 0;
  unstored[Symbol.iterator] = () => {
    looks++;
    return unstored.values();
  };
  await numbers.writeMany(sim, client, 8);
  assert.equal(looks, 0);
  await until(sim, () => eventsOf(sim, "flush_failed").length > 1);
  assert.equal(engine.tier.troubles().length, 1);

  flip();
  segment.release();
  await until(sim, () => engine.tier.troubles().length === 0);
  assert.ok(objectsOf(sim).length > 0);
  await numbers.check(sim, client);
  await sim.stop();
});
