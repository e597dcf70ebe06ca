import assert from "node:assert/strict";
import { ClusterState, decideCreateTopic, type MetadataRecord } from "../../cluster/mod.ts";
import type { KliteEvent } from "../../io/events.ts";
import { SimClock } from "../../io/sim/clock.ts";
import { SimObjectStore } from "../../io/sim/object_store.ts";
import { SimRandom } from "../../io/sim/random.ts";
import { emptyLog } from "../../log/testing/test_log.ts";
import { objectKey, parseObjectName } from "../../objects/object_keys.ts";
import { plainObject } from "../../../tests/support/plain_object.ts";
import { buildBatch } from "../../records/compress.ts";
import { BatchHeader } from "../../records/outside.ts";
import { Deadlines } from "../deadlines.ts";
import { PartitionLogs } from "../partition_logs.ts";
import { judgeName, OrphanSweep } from "./orphan_sweep.ts";

const CLUSTER_ID = "test";
const TOPIC_ID = "0123456789abcdefABCDEF";
const DAY_MS = 86_400_000;

/** `count` records from `baseOffset` on, as one batch. */
function batchHeader(baseOffset: number, count: number): BatchHeader {
  const batch = buildBatch(Array.from({ length: count }, () => ({ timestampMs: 0 })));
  new DataView(batch.buffer, batch.byteOffset).setBigInt64(0, BigInt(baseOffset));
  return new BatchHeader().read(batch, 0);
}

const pad = (offset: number) => String(offset).padStart(20, "0");

Deno.test("only names go that no future can make live", () => {
  const log = emptyLog();
  log.append(batchHeader(0, 100), 1, 0);
  log.raiseHighWatermark(100);
  const judge = (name: string, isStoring = false) => {
    const parsed = parseObjectName(`${name}.obj`);
    assert.ok(parsed !== null, name);
    return judgeName(parsed, log, isStoring);
  };
  assert.equal(judge(pad(0)), "left", "the next flush writes there");
  log.objectsStored([plainObject(0, 10), plainObject(10, 20), plainObject(20, 30)], 0);
  log.objectsReplaced(10, 20, [plainObject(10, 20, { generation: 2 })]);
  assert.equal(judge(pad(0)), "live");
  assert.equal(judge(pad(10)), "orphan", "replaced");
  assert.equal(judge(pad(15)), "orphan", "of a flush that was cut otherwise");
  assert.equal(judge(pad(20)), "live");
  assert.equal(judge(pad(30)), "left", "the next flush writes there");
  assert.equal(judge(pad(40)), "left", "and then there");
  assert.equal(judge(`${pad(10)}-${pad(20)}-2`), "live");
  assert.equal(judge(`${pad(10)}-${pad(20)}-1`), "orphan");
  assert.equal(judge(`${pad(10)}-${pad(15)}-2`), "orphan", "part of a compaction that was done otherwise");
  assert.equal(judge(`${pad(10)}-${pad(20)}-3`), "left", "of a compaction under way");
  assert.equal(judge(`${pad(0)}-${pad(20)}-1`), "left");
  assert.equal(judge(`${pad(20)}-${pad(40)}-1`), "left");
  log.moveLogStart(25);
  assert.equal(judge(pad(0)), "orphan");
  assert.equal(
    judge(`${pad(20)}-${pad(24)}-1`),
    "left",
    "a compaction under way cuts what the log starts in",
  );
  assert.equal(judge(`${pad(0)}-${pad(20)}-9`), "orphan");
  log.moveLogStart(100);
  assert.equal(judge(pad(20)), "orphan");
  assert.equal(judge(pad(20), true), "left", "a flush that began below the start may end there");
});

/** A cluster with one topic, of which the offsets 0 to 20 are in two objects. */
class World {
  readonly clock = new SimClock();
  readonly store = new SimObjectStore({ clock: this.clock, random: new SimRandom(1) });
  readonly events: KliteEvent[] = [];
  readonly state = new ClusterState();
  readonly logs = new PartitionLogs();
  readonly held = new Set<string>();
  isOurs = true;
  readonly place = { topicName: "orders", topicId: TOPIC_ID, index: 0 };

  constructor() {
    const command = { name: "orders", partitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    const limits = { nodeId: 1, defaultPartitions: 1, maxPartitionsPerRequest: 1, maxPartitions: 1 };
    const decision = decideCreateTopic(this.state, command, limits, TOPIC_ID);
    assert.ok("records" in decision);
    for (const record of decision.records) this.apply(record);
    const log = this.logs.of(1);
    log.append(batchHeader(0, 20), 1, 0);
    log.raiseHighWatermark(20);
    const objects = [plainObject(0, 10), plainObject(10, 20)];
    this.apply({ type: "objects_stored", stream: 1, objects });
    for (const stored of objects) this.put(objectKey(CLUSTER_ID, this.place, stored));
  }

  apply(record: MetadataRecord): void {
    this.logs.apply(this.state, record, 0);
  }

  put(key: string): string {
    void this.store.put(key, new Uint8Array(3));
    return key;
  }

  sweep(): OrphanSweep {
    const { clock, state, logs } = this;
    return new OrphanSweep({
      engine: { clock, state, logs, deadlines: new Deadlines(clock) },
      events: (event) => this.events.push(event),
      store: this.store,
      dead: { holds: (key) => this.held.has(key) },
      clusterId: CLUSTER_ID,
      settled: () => Promise.resolve(),
      isStoring: () => false,
      mayChangeObjects: () => this.isOurs,
    });
  }

  /** Keys of the objects that are live, sorted. */
  get live(): string[] {
    return [plainObject(0, 10), plainObject(10, 20)].map((stored) =>
      objectKey(CLUSTER_ID, this.place, stored)
    );
  }
}

Deno.test("orphans go once they are old, at the start and day by day; what is not klite's own stays", async () => {
  const world = new World();
  const folder = `klite-${CLUSTER_ID}`;
  const orphans = [
    objectKey(CLUSTER_ID, world.place, plainObject(5, 10)),
    objectKey(CLUSTER_ID, { ...world.place, topicId: "zzzzzzzzzzzzzzzzzzzzzz" }, plainObject(0, 10)),
  ];
  const kept = [
    objectKey(CLUSTER_ID, world.place, plainObject(20, 30)),
    `${folder}/meta/snapshot-0000000000000001.json`,
    `${folder}/meta/lease.json`,
    `${folder}/notes.txt`,
    `${folder}/orders-${TOPIC_ID}/0/5.obj`,
    `${folder}/orders-${TOPIC_ID}/7/${pad(0)}.obj`,
    `${folder}/payments-${TOPIC_ID}/0/${pad(0)}.obj`,
    `klite-other/orders-${TOPIC_ID}/0/${pad(5)}.obj`,
    "klite-test2/x",
  ];
  for (const key of [...orphans, ...kept]) world.put(key);
  world.sweep();
  await world.clock.advance(3_000_000);
  assert.equal(world.store.keys().length, orphans.length + kept.length + 2, "all are too young");
  await world.clock.advance(DAY_MS);
  assert.deepEqual(world.store.keys(), [...world.live, ...kept].sort());
  const swept = world.events.filter(({ type }) => type === "orphans_swept");
  assert.deepEqual(swept.map((event) => "deleted" in event && event.deleted), [0, 2]);
  const unknown = world.events.findLast((event) => event.type === "unknown_objects");
  assert.deepEqual(unknown?.examples, kept.filter((key) => /notes|\/5\.obj|\/7\/|payments/.test(key)).sort());
});

Deno.test("a broker that knows no topic deletes nothing, and says what it has found", async () => {
  const world = new World();
  world.apply({ type: "topic_deleted", id: TOPIC_ID });
  world.sweep();
  await world.clock.advance(3 * DAY_MS);
  assert.deepEqual(world.store.keys(), world.live);
  assert.ok(world.events.some((event) => event.type === "unknown_objects" && event.count === 2));
});

Deno.test("what waits to be deleted keeps its grace, and without the lease nothing goes", async () => {
  const world = new World();
  const orphan = world.put(objectKey(CLUSTER_ID, world.place, plainObject(5, 10)));
  world.held.add(orphan);
  world.sweep();
  await world.clock.advance(2 * DAY_MS);
  assert.ok(world.store.keys().includes(orphan));
  world.held.clear();
  world.isOurs = false;
  await world.clock.advance(2 * DAY_MS);
  assert.ok(world.store.keys().includes(orphan));
  world.isOurs = true;
  await world.clock.advance(3_600_000);
  assert.deepEqual(world.store.keys(), world.live);
});

Deno.test("a sweep that the store cuts short is done again soon", async () => {
  const world = new World();
  world.put(objectKey(CLUSTER_ID, world.place, plainObject(5, 10)));
  await world.clock.advance(2 * 3_600_000);
  world.store.faults.awayUntilMs = Infinity;
  world.sweep();
  await world.clock.advance(3_600_000);
  const failures = world.events.filter(({ type }) => type === "orphan_sweep_failed");
  assert.ok(failures.length >= 2 && failures.length <= 4, `${failures.length} attempts in an hour`);
  world.store.faults.awayUntilMs = 0;
  await world.clock.advance(3_600_000);
  assert.deepEqual(world.store.keys(), world.live);
});
