import assert from "node:assert/strict";
import { ClusterState, decideCreateTopic, decideDeleteTopic, type Partition } from "../cluster/mod.ts";
import { SimClock } from "../io/sim/clock.ts";
import { SimDisk } from "../io/sim/disk.ts";
import { SimRandom } from "../io/sim/random.ts";
import { buildBatch } from "../records/compress.ts";
import { PLAIN_PRODUCE } from "../records/mod.ts";
import { Engine } from "./engine.ts";
import { PartitionLogs } from "./partition_logs.ts";
import { SnapshotStore } from "./snapshot_store.ts";
import { WalByHand } from "./wal_by_hand_test.ts";

const LIMITS = { nodeId: 1, defaultPartitions: 1, maxPartitionsPerRequest: 10, maxPartitions: 10 };

/** An engine that takes a snapshot whenever something has become durable, on a log whose syncs are the test's. */
async function openEngine() {
  const clock = new SimClock();
  const random = new SimRandom(1);
  let wal: WalByHand | undefined;
  const engine = await Engine.open({
    clock,
    random,
    events: () => {},
    state: new ClusterState(),
    logs: new PartitionLogs(),
    snapshots: new SnapshotStore(new SimDisk({ clock, random }), "snapshots"),
    snapshotLsn: 0,
    snapshotEveryBytes: 1,
    producerExpiryMs: 1000,
    openWal: (onDurable) => Promise.resolve(wal = new WalByHand(onDurable)),
  });
  assert.ok(wal !== undefined);
  return { clock, engine, wal };
}

async function createTopic(engine: Engine, name: string): Promise<Partition> {
  const command = { name, partitions: 1, replicationFactor: -1, assignments: [], configs: [] };
  const id = engine.newTopicId();
  assert.equal(await engine.execute((state) => decideCreateTopic(state, command, LIMITS, id)), null);
  const partition = engine.state.topic(name)?.partitions[0];
  assert.ok(partition !== undefined);
  return partition;
}

function append(engine: Engine, partition: Partition): void {
  const records = buildBatch([{ value: new Uint8Array(10), timestampMs: engine.clock.nowMs() }]);
  assert.equal(engine.appender.append(partition, records, false, PLAIN_PRODUCE)?.errorCode, 0);
}

Deno.test("the log below a deleted topic's records is kept until the deletion is durable", async () => {
  const { clock, engine, wal } = await openEngine();
  const [kept, deleted] = [await createTopic(engine, "kept"), await createTopic(engine, "deleted")];
  append(engine, deleted);
  const recordsLsn = engine.log(deleted).batches.lsn(0);
  for (let i = 0; i < 3; i++) {
    append(engine, kept);
    wal.sync();
    await clock.runUntilIdle();
  }
  append(engine, kept);
  wal.sync();
  // The snapshot is being written; a crash from here on to the next sync undoes this.
  assert.equal(await engine.execute((state) => decideDeleteTopic(state, { name: "deleted" })), null);
  await clock.runUntilIdle();
  assert.ok(wal.oldestLsn <= recordsLsn, `${wal.oldestLsn} is above ${recordsLsn}`);

  for (let i = 0; i < 3; i++) {
    append(engine, kept);
    wal.sync();
    await clock.runUntilIdle();
  }
  assert.ok(wal.oldestLsn > recordsLsn, "then it is given up");
});

Deno.test("an epoch that cannot be raised is not passed over", async () => {
  const { engine, wal } = await openEngine();
  wal.refuses = "disk_full";
  await assert.rejects(engine.raiseLeaderEpoch(), { code: "DISK_FULL" });
});
