import assert from "node:assert/strict";
import { KliteError } from "../base/klite_error.ts";
import { ClusterState } from "../cluster/mod.ts";
import { SimClock } from "../io/sim/clock.ts";
import { SimDisk } from "../io/sim/disk.ts";
import { SimRandom } from "../io/sim/random.ts";
import { type BrokerSnapshot, SNAPSHOT_FORMAT, SnapshotStore } from "./snapshot_store.ts";
import { emptyLog } from "../log/testing/test_log.ts";

const pause = () => Promise.resolve();

function snapshotAt(lsn: number): BrokerSnapshot {
  return { format: SNAPSHOT_FORMAT, lsn, cluster: new ClusterState().snapshot(), logs: [] };
}

Deno.test("a saved snapshot survives a power cut, the first one too", async () => {
  const world = { clock: new SimClock(), random: new SimRandom(1) };
  const disk = new SimDisk(world);
  await world.clock.run(new SnapshotStore(disk, "snapshots").save(snapshotAt(64), pause));
  const after = disk.powerCut(world, 0);
  assert.deepEqual(new SnapshotStore(after, "snapshots").load(), snapshotAt(64));
});

Deno.test("a snapshot that cannot be read is not the one to fall back on", async () => {
  const world = { clock: new SimClock(), random: new SimRandom(1) };
  const disk = new SimDisk(world);
  const before = new SnapshotStore(disk, "snapshots");
  for (const lsn of [64, 128]) await world.clock.run(before.save(snapshotAt(lsn), pause));
  disk.flipBit("snapshots/snapshot-0000000000000128.json", 30, 0);

  const store = new SnapshotStore(disk, "snapshots");
  assert.deepEqual(store.load(), snapshotAt(64));
  assert.equal(store.oldestLsn(), 0, "with one readable snapshot the whole log is needed");
  await world.clock.run(store.save(snapshotAt(192), pause));
  assert.deepEqual(
    disk.list("snapshots"),
    [64, 192].map((lsn) => `snapshot-${String(lsn).padStart(16, "0")}.json`),
  );
  assert.equal(store.oldestLsn(), 64);
});

Deno.test("a snapshot of the format before objects is read as one that has none", async () => {
  const world = { clock: new SimClock(), random: new SimRandom(1) };
  const store = new SnapshotStore(new SimDisk(world), "snapshots");
  await world.clock.run(store.save({ ...snapshotAt(64), format: 2 }, pause));
  assert.equal(store.load()?.lsn, 64);
});

Deno.test("a snapshot of another format is refused, not misread", async () => {
  const world = { clock: new SimClock(), random: new SimRandom(1) };
  const store = new SnapshotStore(new SimDisk(world), "snapshots");
  const foreign = { ...snapshotAt(64), format: SNAPSHOT_FORMAT + 1 };
  await world.clock.run(store.save(foreign as unknown as BrokerSnapshot, pause));
  assert.throws(() => store.load(), (error) => error instanceof KliteError && error.code === "INCOMPATIBLE");
});

Deno.test("a snapshot of many partitions and groups is written in parts, and read as one", async () => {
  const world = { clock: new SimClock(), random: new SimRandom(1) };
  const store = new SnapshotStore(new SimDisk(world), "snapshots");
  const logs = Array.from({ length: 2000 }, (_, stream) => emptyLog(stream).snapshot());
  const state = new ClusterState();
  for (let count = 0; count < 2000; count++) {
    const topics = [{ topic: "T", rows: [[0, count, -1, '"text"']] as const }];
    state.apply({ type: "offsets_committed", group: `group-${count}`, atMs: 1, topics });
  }
  for (const parts of [{ logs }, { cluster: state.snapshot() }]) {
    let pauses = 0;
    const snapshot = { ...snapshotAt(64), ...parts };
    await world.clock.run(store.save(snapshot, () => Promise.resolve(void pauses++)));
    assert.ok(pauses > 1, `${pauses} pauses`);
    assert.deepEqual(store.load(), snapshot);
  }
});
