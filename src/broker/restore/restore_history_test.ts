import { strictEqual } from "node:assert/strict";
import { SimDisk } from "../../io/sim/disk.ts";
import type { SimRandom } from "../../io/sim/random.ts";
import { lacksRecords, PartitionLog } from "../../log/mod.ts";
import { SnapshotStore } from "../../engine/mod.ts";
import { CLUSTER, StoredCluster, TOPIC } from "../../../tests/support/stored_cluster.ts";
import { TIMES } from "../../../tests/support/lease_world.ts";
import { claimCluster } from "../claim.ts";
import { SNAPSHOT_DIRECTORY } from "../data_directory.ts";

const PARTITIONS = 3;

/** Writes neighbouring objects anew as one. `mayCrash`: half of a job may be left, or a job whose sources are not all gone. */
async function rewrite(
  cluster: StoredCluster,
  index: number,
  random: SimRandom,
  mayCrash: boolean,
): Promise<void> {
  const log = cluster.log(index);
  if (log.objects.count === 0) return;
  const from = random.below(log.objects.count);
  const to = from + random.below(log.objects.count - from);
  const sources = [...log.objects].slice(from, to + 1);
  const fromOffset = sources[0]!.baseOffset;
  const toOffset = sources.at(-1)!.endOffset;
  const generation = Math.max(...sources.map((each) => each.generation)) + 1;
  if (mayCrash && random.chance(0.3)) {
    await cluster.put(index, fromOffset, sources[0]!.endOffset, generation);
    return;
  }
  const object = await cluster.put(index, fromOffset, toOffset, generation);
  const objects = [object];
  cluster.replace(index, { fromOffset, toOffset, objects });
  for (const source of sources) {
    if (!mayCrash || random.chance(0.5)) cluster.store.lose(cluster.keyOf(index, source));
  }
}

/** One thing that happens to a partition. */
async function step(cluster: StoredCluster, random: SimRandom): Promise<void> {
  const index = random.below(PARTITIONS);
  const log = cluster.log(index);
  switch (random.below(7)) {
    case 0:
    case 1:
      return cluster.write(index, 1 + random.below(9));
    case 2:
    case 3:
      if (log.storedEnd < log.logEndOffset) await cluster.flush(index);
      return;
    case 4:
      if (random.chance(0.2)) await cluster.saveSnapshot();
      return;
    case 5:
      return await rewrite(cluster, index, random, false);
    case 6: {
      const bounds = [...log.objects].map(({ endOffset }) => endOffset);
      if (bounds.length > 0 && random.chance(0.5)) cluster.moveLogStart(index, random.pick(bounds));
    }
  }
}

Deno.test("whatever happened after the snapshot, a restore finds all that was stored, in objects without a gap", async () => {
  let adopted = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const cluster = new StoredCluster(PARTITIONS, seed);
    cluster.store.faults.slowChance = 0;
    const { clock, random, store } = cluster;
    await cluster.saveSnapshot();
    for (let count = 20 + random.below(60); count > 0; count--) await step(cluster, random);
    for (let index = 0; index < PARTITIONS; index++) await rewrite(cluster, index, random, true);

    const disk = new SimDisk({ clock, random: random.fork() });
    const claim = await clock.run(claimCluster({
      ...{
        disk,
        clock,
        random,
        clusterId: CLUSTER,
        acceptDataLoss: false,
        times: TIMES,
        address: "here",
        objectHome: "s3://b/",
      },
      openStore: () => Promise.resolve(store),
      events: (event) => {
        if (event.type === "cluster_restored") adopted += event.recordsBehindSnapshot;
      },
      onLost: (error) => {
        throw error;
      },
    }));
    claim.lease.abandon();
    const restored = new SnapshotStore(disk, SNAPSHOT_DIRECTORY).load();
    for (let index = 0; index < PARTITIONS; index++) {
      const why = `seed ${seed}, partition ${index}`;
      const saved = restored?.logs.find(({ stream }) => stream === index + 1);
      const log = PartitionLog.restore(saved!, { topic: TOPIC, index });
      const truth = cluster.log(index);
      strictEqual(log.logStartOffset <= truth.logStartOffset || log.objects.count === 0, true, why);
      if (truth.objects.count > 0) strictEqual(log.logEndOffset, truth.storedEnd, why);
      let next = log.objects.count === 0 ? 0 : log.objects.baseOffset;
      for (const object of log.objects) {
        strictEqual(object.baseOffset, next, why);
        strictEqual(store.peek(cluster.keyOf(index, object))?.length, object.sizeBytes, why);
        next = object.endOffset;
      }
      strictEqual(lacksRecords(log), false, why);
    }
  }
  strictEqual(adopted > 1000, true, `${adopted} records were adopted`);
});
