/** Consumers do not notice where records lie: in memory, in the log's files or in objects. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import type { PartitionLog } from "../../src/engine/mod.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { fetchResponse } from "../../src/protocol/generated/fetch_response.ts";
import { ENTRY_HEADER_BYTES } from "../../src/wal/mod.ts";
import { readCommitted } from "../support/read_committed.ts";
import {
  createTopic,
  EARLIEST,
  fetch,
  fetchInput,
  fetchResults,
  MAX_TIMESTAMP,
  offsetOf,
  produce,
  readAll,
  readRecords,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { SEGMENT_BYTES, SimBroker } from "../support/sim_broker.ts";
import { TransactionalProducer } from "../support/transactional_producer.ts";
import type { WireClient } from "../support/wire_client.ts";

const BATCHES = 120;
const RECORDS_PER_BATCH = 2;
const RECORD_BYTES = 2000;
const START_MS = 1_000_000;

const CONFIG = {
  s3Bucket: "bucket",
  s3FlushIntervalMs: 1000,
  s3FlushCheckIntervalMs: 500,
  s3TargetObjectBytes: 100_000,
  walMaxDiskBytes: 6 * SEGMENT_BYTES,
};

/** A broker with a bucket, and a topic of which all that is old lies there alone. */
class World {
  readonly sim = new SimBroker(7);
  readonly store = new SimObjectStore({ clock: this.sim.clock, random: this.sim.random.fork() });
  client!: WireClient;
  topic!: TopicRef;
  readonly values: string[] = [];

  static async make(): Promise<World> {
    const world = new World();
    world.sim.store = world.store;
    await world.sim.start(CONFIG);
    world.client = world.sim.connect();
    world.topic = await world.run(createTopic(world.client, "old", { partitions: 2 }));
    for (let batch = 0; batch < BATCHES; batch++) await world.produce(batch);
    await world.settle();
    return world;
  }

  get log(): PartitionLog {
    return this.sim.running.engine.log(this.sim.running.engine.state.topic("old")!.partitions[0]!);
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.sim.run(promise);
  }

  async produce(batch: number, partition = 0): Promise<void> {
    const values = Array.from(
      { length: RECORDS_PER_BATCH },
      (_, index) => `${batch}-${index} `.padEnd(RECORD_BYTES, "."),
    );
    if (partition === 0) this.values.push(...values);
    const timestampMs = START_MS + batch;
    await this.run(produce(this.client, this.topic, textBatch(values, timestampMs), { partition }));
    if (batch % 20 === 19) await this.settle();
  }

  /** Time for a flush, and for snapshots to let the log go. */
  async settle(): Promise<void> {
    await this.sim.clock.advance(10_000);
    for (let times = 0; times < 2; times++) {
      await this.run(createTopic(this.client, `filler-${this.sim.clock.monotonicMs()}-${times}`));
      await this.run(this.sim.running.engine.checkpoints.snapshot());
    }
  }

  async restart(): Promise<void> {
    await this.sim.stop();
    await this.sim.start(CONFIG);
    this.client = this.sim.connect();
  }

  async values0(): Promise<(string | null)[]> {
    return (await this.run(readAll(this.client, this.topic))).map(({ value }) => value);
  }
}

Deno.test("a consumer reads every record once, in order, from objects, files and memory, after a restart too", async () => {
  const world = await World.make();
  const { log } = world;
  assert.ok(
    log.objects.count > 3 && log.isStoredOnly(0) && log.isStoredOnly(100),
    "the log has let go of them",
  );
  assert.equal(log.isStoredOnly(log.logEndOffset - 1), false, "and keeps the newest");
  assert.deepEqual(await world.values0(), world.values);
  for (const limit of [1, RECORD_BYTES * 5, 300_000]) {
    for (let offset = 0; offset < world.values.length;) {
      const result = await world.run(fetch(world.client, world.topic, offset, { partitionMaxBytes: limit }));
      const got = readRecords(result.records).filter((record) => record.offset >= offset);
      assert.equal(got[0]?.offset, offset, `at ${offset} with ${limit}`);
      assert.equal(result.logStartOffset, 0);
      offset = got.at(-1)!.offset + 1;
    }
  }
  await world.restart();
  assert.ok(world.log.isStoredOnly(0));
  assert.deepEqual(await world.values0(), world.values);
  await world.sim.stop();
});

Deno.test("offsets are found by time in objects as in the log", async () => {
  const world = await World.make();
  for (let batch = 0; batch < BATCHES; batch += 7) {
    const { offset, timestamp } = await world.run(offsetOf(world.client, world.topic, START_MS + batch));
    assert.deepEqual([offset, timestamp], [batch * RECORDS_PER_BATCH, START_MS + batch]);
  }
  const none = await world.run(offsetOf(world.client, world.topic, START_MS + BATCHES));
  assert.equal(none.offset, -1);
  const newest = await world.run(offsetOf(world.client, world.topic, MAX_TIMESTAMP));
  assert.equal(newest.timestamp, START_MS + BATCHES - 1);
  // The largest time of all may be an old record's.
  await world.run(
    produce(world.client, world.topic, textBatch(["far ahead"], START_MS * 2), { partition: 1 }),
  );
  for (let batch = 0; batch < BATCHES; batch++) await world.produce(batch, 1);
  await world.settle();
  const ahead = await world.run(offsetOf(world.client, world.topic, MAX_TIMESTAMP, { partition: 1 }));
  assert.deepEqual([ahead.offset, ahead.timestamp], [0, START_MS * 2]);

  world.log.moveLogStart(9);
  assert.equal((await world.run(offsetOf(world.client, world.topic, EARLIEST))).offset, 9);
  assert.equal((await world.run(offsetOf(world.client, world.topic, START_MS))).offset, 9);
  await world.sim.stop();
});

Deno.test("readers of committed records see these alone, wherever transactions, their ends and aborts lie", async () => {
  const world = await World.make();
  const { sim, client, topic } = world;
  const producer = new TransactionalProducer(client, "mover", { timestampMs: START_MS });
  await world.run(producer.init());
  const committed: string[] = [];
  for (let turn = 0; turn < 12; turn++) {
    const value = `turn ${turn} `.padEnd(10_000, ".");
    await world.run(producer.write(topic, [value], { partition: 1 }));
    const isCommit = turn % 3 !== 1;
    await world.run(producer.end(isCommit));
    if (isCommit) committed.push(value);
    if (turn % 4 === 3) await world.settle();
  }
  for (let batch = 0; batch < BATCHES; batch++) await world.produce(batch);
  await world.settle();
  const log = sim.running.engine.log(sim.running.engine.state.topic("old")!.partitions[1]!);
  assert.ok(log.isStoredOnly(0), "they lie in objects");
  assert.deepEqual(await world.run(readCommitted(client, topic, 1)), committed);
  await sim.stop();
});

/** What a fetch of both partitions from their beginnings answers: values by partition, and errors. */
async function fetchBoth({ client, topic, sim }: World, offsets: readonly number[]) {
  const sinceMs = sim.clock.monotonicMs();
  const input = fetchInput(topic, 0, { maxWaitMs: 100 });
  const answer = await sim.run(client.send(fetchRequest, fetchResponse, 12, {
    ...input,
    topics: [{
      topic: topic.name,
      partitions: offsets.map((fetchOffset, partition) => ({
        partition,
        fetchOffset,
        partitionMaxBytes: 8000,
      })),
    }],
  }));
  const results = fetchResults(answer).toSorted((a, b) => a.partitionIndex - b.partitionIndex);
  return {
    errors: results.map(({ errorCode }) => errorCode),
    counts: results.map(({ records }) => readRecords(records).length),
    tookMs: sim.clock.monotonicMs() - sinceMs,
  };
}

Deno.test("a partition that is slow to read holds up no other for long, and its reader gets on all the same", async () => {
  const world = await World.make();
  await world.produce(0, 1);
  world.store.faults.slowChance = 1;
  let got = 0;
  let longestMs = 0;
  for (let times = 0; times < 50 && got === 0; times++) {
    const { errors, counts, tookMs } = await fetchBoth(world, [0, 0]);
    assert.deepEqual(errors, [0, 0]);
    assert.equal(counts[1], RECORDS_PER_BATCH, "what is in memory comes in any case");
    longestMs = Math.max(longestMs, tookMs);
    got = counts[0]!;
  }
  assert.ok(got > 0 && longestMs < 600, `${got} records, ${longestMs} ms`);
  const alone = await world.run(fetch(world.client, world.topic, 100, { maxWaitMs: 100 }));
  assert.ok(readRecords(alone.records).length > 0, "whoever reads nothing else waits for it");
  world.store.faults.slowChance = 0;
  await world.sim.stop();
});

Deno.test("a store that is away, and a damaged object, are an error of the partition alone", async () => {
  const world = await World.make();
  await world.produce(0, 1);
  world.store.faults.awayUntilMs = Infinity;
  const away = await fetchBoth(world, [0, 0]);
  assert.deepEqual(away.errors, [ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.NONE]);
  assert.equal(away.counts[1], RECORDS_PER_BATCH);
  const byTime = await world.run(offsetOf(world.client, world.topic, START_MS));
  assert.equal(byTime.errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  world.store.faults.awayUntilMs = 0;
  assert.deepEqual((await fetchBoth(world, [0, 0])).errors, [0, 0]);

  const key = world.store.keys().find((each) => each.includes("/0/00000000000000000000.obj"))!;
  const flip = (bytes: Uint8Array<ArrayBuffer>) => bytes.with(RECORD_BYTES * 3, bytes[RECORD_BYTES * 3]! ^ 1);
  world.store.corrupt(key, flip);
  await world.restart();
  const damaged = await fetchBoth(world, [2, 0]);
  assert.deepEqual(damaged.errors, [ErrorCode.CORRUPT_MESSAGE, ErrorCode.NONE]);
  assert.ok((await fetchBoth(world, [4, 0])).counts[0]! > 0, "what lies behind it can be read");
  const told = world.sim.events.flatMap((event) => event.type === "read_failed" ? [event] : []);
  assert.deepEqual([told.at(-1)?.partition, told.at(-1)?.offset, told.at(-1)?.hasOther], ["old-0", 2, false]);
  await world.sim.stop();
});

/** Flips a bit in the middle of the batch at `offset`, in its file of the log. */
function damageLog(world: World, offset: number): string {
  const { engine } = world.sim.running;
  const { batches } = world.log;
  const lsn = batches.lsn(batches.rowOf(offset));
  const segment = engine.wal.hold(lsn);
  world.sim.disk.flipBit(segment.path, segment.positionOf(lsn) + ENTRY_HEADER_BYTES + RECORD_BYTES, 3);
  segment.release();
  return segment.path;
}

/** The first offset that lies in a file of the log and in an object. */
function heldTwice({ log, sim }: World): number {
  const { batches } = log;
  for (let row = 1; row < batches.rows; row++) {
    const range = { fromRow: row, toRow: row + 1, bytes: batches.lengthBytes(row) };
    if (sim.running.engine.reader.isCold(log, range)) return batches.baseOffset(row);
  }
  return assert.fail("a batch lies in a file");
}

Deno.test("a batch that rots in the log is read from its object while the broker runs, and said so", async () => {
  const world = await World.make();
  const offset = heldTwice(world);
  assert.ok(offset < world.log.storedEnd);
  const path = damageLog(world, offset);
  const { records } = await world.run(fetch(world.client, world.topic, offset, { partitionMaxBytes: 1 }));
  assert.deepEqual(readRecords(records).map(({ value }) => value), world.values.slice(offset, offset + 2));
  assert.deepEqual(await world.values0(), world.values);
  const told = world.sim.events.flatMap((event) => event.type === "read_failed" ? [event] : []);
  assert.deepEqual(told.map((event) => [event.offset, event.hasOther]), [[offset, true]]);
  assert.ok(String(told[0]!.error).includes(path));
  await world.sim.stop();
});

Deno.test("a log that is damaged where objects have everything starts as it is, and says where", async () => {
  const world = await World.make();
  const { log } = world;
  const offset = heldTwice(world);
  const lsn = log.batches.lsn(log.batches.rowOf(offset));
  const segment = world.sim.running.engine.wal.hold(lsn);
  const position = segment.positionOf(lsn);
  segment.release();
  await world.sim.stop();
  // The entry's own header: an ordinary start looks at no more below its snapshot.
  world.sim.disk.flipBit(segment.path, position + 16, 1);
  await world.sim.start(CONFIG);
  world.client = world.sim.connect();
  const told = world.sim.events.flatMap((event) => event.type === "log_damage_bypassed" ? [event] : []);
  assert.deepEqual(told.map(({ path, positionBytes, fromLsn }) => [path, positionBytes, fromLsn]), [
    [segment.path, position, lsn],
  ]);
  assert.equal(world.sim.events.some(({ type }) => type === "data_lost"), false);
  assert.deepEqual(await world.values0(), world.values);
  await world.restart();
  assert.deepEqual(await world.values0(), world.values);
  assert.equal(
    world.sim.events.filter(({ type }) => type === "log_damage_bypassed").length,
    1,
    "it is mended",
  );
  await world.sim.stop();
});
