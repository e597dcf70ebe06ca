/** Retention over the wire, in simulated time. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import {
  createTopic,
  EARLIEST,
  fetch,
  offsetOf,
  produce,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { SimBroker } from "../support/sim_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RETENTION_CHECK_MS = 300_000;
/** A look that is due, and the one behind it. */
const TWO_CHECKS_MS = 2 * RETENTION_CHECK_MS + 1000;

class World {
  readonly sim = new SimBroker(1);

  client(): WireClient {
    return this.sim.connect();
  }

  create(name: string, configs: Readonly<Record<string, string>>): Promise<TopicRef> {
    return this.sim.run(createTopic(this.client(), name, { configs }));
  }

  async write(topic: TopicRef, value: string): Promise<void> {
    const batch = textBatch([value], this.sim.clock.nowMs());
    const { errorCode } = await this.sim.run(produce(this.client(), topic, batch));
    assert.equal(errorCode, ErrorCode.NONE);
  }

  async start(topic: TopicRef): Promise<number> {
    return (await this.sim.run(offsetOf(this.client(), topic, EARLIEST))).offset;
  }

  pass(ms: number): Promise<void> {
    return this.sim.clock.advance(ms);
  }
}

Deno.test("old records go by time, each topic by its own, seven days where nothing is said", async () => {
  const world = new World();
  await world.sim.start();
  const usual = await world.create("usual", {});
  const short = await world.create("short", { "retention.ms": String(2 * HOUR_MS) });
  const forever = await world.create("forever", { "retention.ms": "-1" });
  const compacted = await world.create("compacted", {
    "cleanup.policy": "compact",
    "retention.ms": String(HOUR_MS),
  });
  const all = [usual, short, forever];
  for (const topic of all) await world.write(topic, "old");
  await world.pass(HOUR_MS);
  for (const topic of all) await world.write(topic, "new");
  await world.pass(HOUR_MS + TWO_CHECKS_MS);
  assert.deepEqual(await Promise.all(all.map((topic) => world.start(topic))), [0, 1, 0]);
  assert.equal(
    (await world.sim.run(fetch(world.client(), short, 0))).errorCode,
    ErrorCode.OFFSET_OUT_OF_RANGE,
  );
  await world.pass(HOUR_MS);
  assert.equal(await world.start(short), 2, "also the newest record goes");
  await world.pass(7 * DAY_MS);
  assert.deepEqual(await Promise.all(all.map((topic) => world.start(topic))), [2, 2, 0]);
  assert.equal(await world.start(compacted), 0);
  world.sim.kill();
  await world.sim.start();
  assert.deepEqual(await Promise.all(all.map((topic) => world.start(topic))), [2, 2, 0]);
  await world.write(short, "after");
  assert.equal(await world.start(short), 2);
});

Deno.test("the oldest records go where a partition holds more than retention.bytes", async () => {
  const world = new World();
  await world.sim.start();
  const topic = await world.create("small", { "retention.bytes": "1000" });
  for (let i = 0; i < 10; i++) await world.write(topic, "x".repeat(330));
  await world.pass(TWO_CHECKS_MS);
  assert.equal(await world.start(topic), 7, "three of about 400 bytes are left: two would be too few");
});
