import assert from "node:assert/strict";
import { ClusterState } from "../cluster/mod.ts";
import { SimClock } from "../io/sim/clock.ts";
import { SimDisk } from "../io/sim/disk.ts";
import { SimRandom } from "../io/sim/random.ts";
import { type BrokerSnapshot, SnapshotStore } from "./snapshot_store.ts";

function snapshotAt(lsn: number): BrokerSnapshot {
  return { format: 1, lsn, cluster: new ClusterState().snapshot(), logs: [] };
}

Deno.test("a saved snapshot survives a power cut, the first one too", async () => {
  const world = { clock: new SimClock(), random: new SimRandom(1) };
  const disk = new SimDisk(world);
  await world.clock.run(new SnapshotStore(disk, "snapshots").save(snapshotAt(64)));
  const after = disk.powerCut(world, 0);
  assert.deepEqual(new SnapshotStore(after, "snapshots").load(), snapshotAt(64));
});
