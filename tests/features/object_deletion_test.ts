/** What becomes of objects that nobody needs, seen from outside: in simulated time, with a bucket. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { deleteRecordsRequest } from "../../src/protocol/generated/delete_records_request.ts";
import { deleteRecordsResponse } from "../../src/protocol/generated/delete_records_response.ts";
import { createTopic, deleteTopic, produce, readAll, textBatch, type TopicRef } from "../support/requests.ts";
import { SimBroker } from "../support/sim_broker.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Flush and grace, and a look of each. */
const FLUSH_MS = 70_000;
const GRACE_MS = 70_000;
const CONFIG = { s3Bucket: "b", clusterId: "ours" };

class World {
  readonly sim = new SimBroker(3);
  #store = this.#newStore();

  async start(config: Partial<BrokerConfig> = {}): Promise<void> {
    this.sim.store = this.#store;
    await this.sim.start({ ...CONFIG, ...config });
  }

  /** The disk is lost with the broker; another begins with an empty one. */
  async restartWithoutDisk(): Promise<void> {
    this.sim.kill();
    this.#store = this.#store.restart({ clock: this.sim.clock, random: this.sim.random.fork() });
    this.sim.disk = new SimDisk({ clock: this.sim.clock, random: this.sim.random.fork() });
    await this.start();
  }

  async restartByKill(): Promise<void> {
    this.sim.kill();
    this.#store = this.#store.restart({ clock: this.sim.clock, random: this.sim.random.fork() });
    await this.start();
  }

  /** Keys of a topic's objects, without the folders before them. */
  objectsOf({ name, topicId }: TopicRef): string[] {
    const keys = this.#store.keys();
    return keys.flatMap((key) =>
      key.includes(`/${name}-${topicId}/`) ? [key.split("/").slice(-2).join("/")] : []
    );
  }

  /** Puts something beside the objects of a topic. */
  async leave({ name, topicId }: TopicRef, rest: string): Promise<void> {
    const folder = this.#store.keys().find((key) => key.includes("/meta/"))?.split("/")[0];
    assert.ok(folder !== undefined, "the cluster has a folder");
    await this.sim.run(this.#store.put(`${folder}/${name}-${topicId}/${rest}`, new Uint8Array(10)));
  }

  create(name: string, configs: Readonly<Record<string, string>> = {}): Promise<TopicRef> {
    return this.sim.run(createTopic(this.sim.connect(), name, { configs }));
  }

  /** Two records, which become an object of their own. */
  async writeObject(topic: TopicRef): Promise<void> {
    const batch = textBatch(["a", "b"], this.sim.clock.nowMs());
    assert.equal((await this.sim.run(produce(this.sim.connect(), topic, batch))).errorCode, ErrorCode.NONE);
    await this.sim.clock.advance(FLUSH_MS);
  }

  async deleteBelow({ name }: TopicRef, offset: number): Promise<void> {
    const answer = await this.sim.run(
      this.sim.connect().send(deleteRecordsRequest, deleteRecordsResponse, 2, {
        topics: [{ name, partitions: [{ partitionIndex: 0, offset }] }],
        timeoutMs: 30_000,
      }),
    );
    assert.equal(answer.topics[0]?.partitions[0]?.errorCode, ErrorCode.NONE);
  }

  async offsetsOf(topic: TopicRef): Promise<number[]> {
    const records = await this.sim.run(readAll(this.sim.connect(), topic));
    return records.map(({ offset }) => offset);
  }

  #newStore(): SimObjectStore {
    return new SimObjectStore({ clock: this.sim.clock, random: this.sim.random.fork() });
  }
}

const objectAt = (offset: number) => `0/${String(offset).padStart(20, "0")}.obj`;

Deno.test("objects below a client's deletion go after their grace, and those that are needed stay", async () => {
  const world = new World();
  await world.start();
  const topic = await world.create("orders");
  for (let i = 0; i < 3; i++) await world.writeObject(topic);
  assert.deepEqual(world.objectsOf(topic), [0, 2, 4].map(objectAt));
  await world.deleteBelow(topic, 3);
  await world.sim.clock.advance(30_000);
  assert.deepEqual(world.objectsOf(topic), [0, 2, 4].map(objectAt), "somebody may still read them");
  await world.sim.clock.advance(GRACE_MS);
  assert.deepEqual(world.objectsOf(topic), [2, 4].map(objectAt));
  assert.deepEqual(await world.offsetsOf(topic), [3, 4, 5]);
  await world.restartByKill();
  assert.deepEqual(await world.offsetsOf(topic), [3, 4, 5]);
});

Deno.test("objects of old records and of deleted topics go", async () => {
  const world = new World();
  await world.start();
  const short = await world.create("short", { "retention.ms": String(HOUR_MS) });
  const gone = await world.create("gone");
  await world.writeObject(short);
  await world.writeObject(gone);
  assert.deepEqual([world.objectsOf(short), world.objectsOf(gone)], [[objectAt(0)], [objectAt(0)]]);
  await world.sim.run(deleteTopic(world.sim.connect(), "gone"));
  await world.sim.clock.advance(GRACE_MS);
  assert.deepEqual([world.objectsOf(short), world.objectsOf(gone)], [[objectAt(0)], []]);
  await world.sim.clock.advance(2 * HOUR_MS);
  assert.deepEqual(world.objectsOf(short), []);
  assert.deepEqual(await world.offsetsOf(short), []);
});

Deno.test("what a crash has left is found by the next broker, and nothing else is touched", async () => {
  const world = new World();
  await world.start();
  const topic = await world.create("orders");
  const gone = await world.create("gone");
  for (let i = 0; i < 3; i++) await world.writeObject(topic);
  await world.writeObject(gone);
  // The deletions that these lead to are in memory only.
  await world.deleteBelow(topic, 2);
  await world.sim.run(deleteTopic(world.sim.connect(), "gone"));
  await world.leave(topic, objectAt(1));
  await world.leave(topic, "0/notes.txt");
  await world.restartByKill();
  assert.equal(world.objectsOf(topic).length, 5);
  await world.sim.clock.advance(2 * DAY_MS);
  assert.deepEqual(world.objectsOf(topic), [...[2, 4].map(objectAt), "0/notes.txt"]);
  assert.deepEqual(world.objectsOf(gone), []);
  assert.deepEqual(await world.offsetsOf(topic), [2, 3, 4, 5]);
  const unknown = world.sim.events.findLast(({ type }) => type === "unknown_objects");
  assert.ok(unknown?.type === "unknown_objects" && unknown.count === 1);
});

Deno.test("nothing goes that a restore would still ask for: the loss of the disk at no moment finds a hole", async () => {
  for (const isStored of [false, true]) {
    const world = new World();
    // Flushes, and the metadata behind them, come once an hour.
    await world.start({ s3FlushIntervalMs: HOUR_MS, s3TargetObjectBytes: 30_000 });
    const [old, gone] = [await world.create("old"), await world.create("gone")];
    // Of each, the last one is too small to be an object yet.
    for (
      const [topic, bytes] of [[old, 40_000], [gone, 40_000], [old, 40_000], [gone, 1], [old, 40_000], [
        old,
        1,
      ]] as const
    ) {
      const batch = textBatch(["x".repeat(bytes)], world.sim.clock.nowMs());
      await world.sim.run(produce(world.sim.connect(), topic, batch));
      await world.sim.clock.advance(GRACE_MS);
    }
    assert.equal(world.objectsOf(old).length, 3);
    await world.deleteBelow(old, 2);
    await world.sim.run(deleteTopic(world.sim.connect(), "gone"));
    await world.sim.clock.advance(20 * 60_000);
    assert.equal(world.objectsOf(old).length, 3, "no stored snapshot says that they are dead");
    assert.equal(world.objectsOf(gone).length, 1);
    if (isStored) {
      await world.sim.clock.advance(HOUR_MS);
      assert.deepEqual([world.objectsOf(old).length, world.objectsOf(gone).length], [2, 0]);
    }
    await world.restartWithoutDisk();
    assert.deepEqual(await world.offsetsOf(old), isStored ? [2, 3] : [0, 1, 2]);
    await world.sim.stop();
  }
});
