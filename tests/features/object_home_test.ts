/** A data directory knows where its objects are: it is not started with a store that lacks them. */
import assert from "node:assert/strict";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { readWholeFile } from "../../src/io/atomic_file.ts";
import { DirectoryStore } from "../../src/io/directory_store.ts";
import type { ObjectStore } from "../../src/io/object_store.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { createTopic, produce, readAll, textBatch, type TopicRef } from "../support/requests.ts";
import { SEGMENT_BYTES, SimBroker } from "../support/sim_broker.ts";

const VALUES = Array.from({ length: 60 }, (_, index) => `${index} `.padEnd(10_000, "."));
/** Most of these records leave the log. */
const SMALL: Partial<BrokerConfig> = { walMaxDiskBytes: 4 * SEGMENT_BYTES };
const BUCKET = { ...SMALL, s3Bucket: "first" };

class World {
  readonly sim = new SimBroker(5);
  topic!: TopicRef;

  bucket(): SimObjectStore {
    return new SimObjectStore({ clock: this.sim.clock, random: this.sim.random.fork() });
  }

  directory(): DirectoryStore {
    const { disk, clock } = this.sim;
    return new DirectoryStore({ disk, clock, directory: "objects" });
  }

  async start(config: Partial<BrokerConfig>, store?: SimObjectStore): Promise<void> {
    this.sim.store = store;
    await this.sim.start(config);
  }

  async fill(): Promise<void> {
    const client = this.sim.connect();
    this.topic = await this.sim.run(createTopic(client, "old"));
    for (const value of VALUES) {
      const { errorCode } = await this.sim.run(
        produce(client, this.topic, textBatch([value], this.sim.clock.nowMs())),
      );
      assert.equal(errorCode, 0);
      await this.sim.clock.advance(5_000);
    }
    await this.sim.clock.advance(120_000);
    for (let times = 0; times < 2; times++) {
      await this.sim.run(createTopic(client, `filler-${times}`));
      await this.sim.run(this.sim.running.engine.checkpoints.snapshot());
    }
    const [partition] = this.sim.running.engine.state.topic("old")!.partitions;
    assert.ok(this.sim.running.engine.log(partition!).isStoredOnly(0), "what is old is in objects alone");
    await this.sim.stop();
  }

  async copy(from: ObjectStore, to: ObjectStore): Promise<void> {
    const copying = async () => {
      for await (const page of from.list("")) {
        for (const { key } of page) await to.put(key, (await from.get(key)).bytes);
      }
    };
    await this.sim.run(copying());
  }

  async refusal(config: Partial<BrokerConfig>, store?: SimObjectStore): Promise<string> {
    this.sim.store = store;
    const [result] = await this.sim.run(Promise.allSettled([this.sim.open(config)]));
    assert.ok(result?.status === "rejected");
    return String(result.reason.message);
  }

  async assertAllThere(): Promise<void> {
    const records = await this.sim.run(readAll(this.sim.connect(), this.topic));
    assert.deepEqual(records.map(({ value }) => value), VALUES);
  }
}

Deno.test("objects of the data directory are not left behind for a bucket, but may be copied there", async () => {
  const world = new World();
  await world.start(SMALL);
  await world.fill();
  const bucket = world.bucket();
  const said = await world.refusal(BUCKET, bucket);
  assert.match(
    said,
    /has objects in objects\/ in the data directory, and s3:\/\/first\/ lacks \d+ of them: klite-/,
  );
  assert.match(said, /copy the folder klite-/);
  await world.start(SMALL);
  await world.assertAllThere();
  await world.sim.stop();

  await world.copy(world.directory(), bucket);
  await world.start(BUCKET, bucket);
  await world.assertAllThere();
  await world.sim.stop();
  // From now on it is there, even if the old place still has all of it.
  for (const { key } of (await Array.fromAsync(world.directory().list("")))!.flat()) {
    world.sim.disk.remove(`objects/${key}`);
  }
  await world.start(BUCKET, bucket);
  await world.assertAllThere();
  await world.sim.stop();
});

Deno.test("another bucket, prefix or endpoint is refused unless it has the objects, too; a loss can be accepted", async () => {
  const world = new World();
  const first = world.bucket();
  await world.start(BUCKET, first);
  await world.fill();
  const second = world.bucket();
  for (const change of [{ s3Bucket: "second" }, { s3Prefix: "sub" }, { s3Endpoint: "http://elsewhere:1" }]) {
    assert.match(
      await world.refusal({ ...BUCKET, ...change }, second),
      /^.* has objects in s3:\/\/first\/, and s3:/,
    );
  }
  // The same store by another name has them all.
  await world.start({ ...BUCKET, s3Endpoint: "http://alias:1" }, first);
  await world.assertAllThere();
  await world.sim.stop();
  await world.start({ ...BUCKET, s3Bucket: "second", acceptDataLoss: true }, second);
  const left = await world.sim.run(readAll(world.sim.connect(), world.topic));
  assert.deepEqual(left.map(({ value }) => value), VALUES.slice(VALUES.length - left.length));
  await world.sim.stop();
  await world.start({ ...BUCKET, s3Bucket: "second" }, second);
  assert.equal((await world.sim.run(readAll(world.sim.connect(), world.topic))).length, left.length);
  await world.sim.stop();
});

Deno.test("a data directory without objects goes with any store", async () => {
  const world = new World();
  await world.start(SMALL);
  world.topic = await world.sim.run(createTopic(world.sim.connect(), "old"));
  await world.sim.stop();
  const bucket = world.bucket();
  await world.start(BUCKET, bucket);
  await world.sim.stop();
  const { objects } = JSON.parse(new TextDecoder().decode(readWholeFile(world.sim.disk, "klite.json")));
  assert.equal(objects, "s3://first/");
});
