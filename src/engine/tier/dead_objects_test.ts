import assert from "node:assert/strict";
import type { KliteEvent } from "../../io/events.ts";
import { SimClock } from "../../io/sim/clock.ts";
import { SimObjectStore } from "../../io/sim/object_store.ts";
import { SimRandom } from "../../io/sim/random.ts";
import type { PartitionPlace } from "../../objects/contract.ts";
import { objectKey } from "../../objects/object_keys.ts";
import { plainObject } from "../../../tests/support/plain_object.ts";
import { Deadlines } from "../deadlines.ts";
import { DeadObjectQueue, DELETE_DELAY_MS } from "./dead_objects.ts";

const CLUSTER_ID = "test";
const ORDERS: PartitionPlace = { topicName: "orders", topicId: "0123456789abcdefABCDEF", index: 0 };
const MOVED = { type: "log_start_moved", stream: 1, offset: 10 } as const;
const DELETED = { type: "topic_deleted", id: ORDERS.topicId } as const;

const objectAt = (baseOffset: number) => plainObject(baseOffset, baseOffset + 10);

/** A queue with a store in which each of `offsets` has an object. */
class World {
  readonly clock = new SimClock();
  readonly store = new SimObjectStore({ clock: this.clock, random: new SimRandom(1) });
  readonly events: KliteEvent[] = [];
  readonly queue: DeadObjectQueue;
  settledLsn = 0;
  isOurs = true;

  constructor(maxWaiting = 100) {
    this.queue = new DeadObjectQueue({
      clock: this.clock,
      deadlines: new Deadlines(this.clock),
      events: (event) => this.events.push(event),
      settledLsn: () => this.settledLsn,
      store: this.store,
      clusterId: CLUSTER_ID,
      mayChangeObjects: () => this.isOurs,
    }, { maxWaiting });
  }

  static async with(offsets: readonly number[], maxWaiting?: number): Promise<World> {
    const world = new World(maxWaiting);
    for (const offset of offsets) {
      const key = objectKey(CLUSTER_ID, ORDERS, objectAt(offset));
      await world.clock.run(world.store.put(key, new Uint8Array(3)));
    }
    return world;
  }

  die(offsets: readonly number[], lsn: number): void {
    this.queue.died(MOVED, [{ partition: ORDERS, objects: offsets.map(objectAt) }], lsn);
  }
}

Deno.test("a dead object is deleted after its grace, and only when nothing can undo its death", async () => {
  const world = await World.with([0, 10, 20]);
  world.die([0], 100);
  world.die([10], 200);
  world.settledLsn = 150;
  await world.clock.advance(DELETE_DELAY_MS - 1);
  assert.equal(world.store.keys().length, 3, "somebody may still read it");
  await world.clock.advance(60_000);
  const [left = ""] = world.store.keys();
  assert.equal(world.store.keys().length, 2);
  assert.ok(world.queue.holds(left));
  world.settledLsn = 200;
  await world.clock.advance(60_000);
  assert.deepEqual(world.store.keys(), [objectKey(CLUSTER_ID, ORDERS, objectAt(20))]);
  assert.equal(world.queue.waiting, 0);
});

Deno.test("a store that is away is asked again, ever more seldom, and then all goes", async () => {
  const world = await World.with([0, 10]);
  world.settledLsn = 100;
  world.store.faults.awayUntilMs = Infinity;
  world.die([0, 10], 100);
  await world.clock.advance(DELETE_DELAY_MS + 3_600_000);
  const failures = world.events.flatMap((event) =>
    event.type === "objects_not_deleted" ? [event.retryInMs] : []
  );
  assert.ok(failures.length > 5 && failures.length < 30, `${failures.length} attempts in an hour`);
  assert.deepEqual(failures.slice(0, 3), [1000, 2000, 4000]);
  assert.equal(world.queue.waiting, 2);
  world.store.faults.awayUntilMs = 0;
  await world.clock.advance(600_000);
  assert.deepEqual(world.store.keys(), []);
  assert.equal(world.queue.waiting, 0);
});

Deno.test("what has no room in the queue is left to the sweep", async () => {
  const world = await World.with([0, 10, 20], 2);
  world.settledLsn = 100;
  world.die([0, 10, 20], 100);
  assert.equal(world.queue.waiting, 2);
  await world.clock.advance(2 * DELETE_DELAY_MS);
  assert.deepEqual(world.store.keys(), [objectKey(CLUSTER_ID, ORDERS, objectAt(20))]);
});

Deno.test("a deleted topic goes with all that is in its folder, and others stay", async () => {
  const world = await World.with([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]);
  const others = [{ ...ORDERS, topicId: "0123456789abcdefABCDEX" }, { ...ORDERS, topicName: "orders2" }];
  const kept = others.map((place) => objectKey(CLUSTER_ID, place, objectAt(0)));
  for (const key of kept) await world.clock.run(world.store.put(key, new Uint8Array(3)));
  world.settledLsn = 100;
  world.queue.died(DELETED, [{ partition: ORDERS, objects: [objectAt(0)] }], 100);
  await world.clock.advance(2 * DELETE_DELAY_MS);
  assert.deepEqual(world.store.keys(), kept.toSorted());
});

Deno.test("a broker whose lease is not sure deletes nothing until it is", async () => {
  const world = await World.with([0]);
  world.settledLsn = 100;
  world.isOurs = false;
  world.die([0], 100);
  await world.clock.advance(10 * DELETE_DELAY_MS);
  assert.equal(world.store.keys().length, 1);
  world.isOurs = true;
  await world.clock.advance(DELETE_DELAY_MS);
  assert.equal(world.store.keys().length, 0);
});
