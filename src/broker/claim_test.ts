import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { KliteError } from "../base/klite_error.ts";
import { ClusterState } from "../cluster/mod.ts";
import { type BrokerSnapshot, SnapshotStore } from "../engine/mod.ts";
import type { KliteEvent } from "../io/events.ts";
import { SimDisk } from "../io/sim/disk.ts";
import { PartitionLog } from "../log/mod.ts";
import { type Claim, claimCluster, type ClaimOptions } from "./claim.ts";
import { isLossMarked, SNAPSHOT_DIRECTORY } from "./data_directory.ts";
import { OddClock, TIMES } from "../../tests/support/lease_world.ts";
import { CLUSTER, StoredCluster, TOPIC } from "../../tests/support/stored_cluster.ts";

/** Brokers on the bucket of a cluster that was stored before, each with an empty directory. */
class Claims {
  readonly events: KliteEvent[] = [];
  readonly disk: SimDisk;

  constructor(readonly cluster: StoredCluster) {
    this.disk = new SimDisk({ clock: cluster.clock, random: cluster.random.fork() });
  }

  options(changes: Partial<ClaimOptions> = {}): ClaimOptions {
    const { store, clock, random } = this.cluster;
    return {
      ...{ disk: this.disk, clock, random: random.fork(), times: TIMES },
      openStore: () => Promise.resolve(store),
      events: (event) => void this.events.push(event),
      clusterId: CLUSTER,
      acceptDataLoss: false,
      address: "here:9092",
      objectHome: "s3://bucket/",
      onLost: (error) => {
        throw error;
      },
      ...changes,
    };
  }

  async claim(changes: Partial<ClaimOptions> = {}): Promise<Claim> {
    const claim = await this.cluster.clock.run(claimCluster(this.options(changes)));
    claim.lease.abandon();
    return claim;
  }

  /** What the directory holds after a claim. */
  snapshot(): BrokerSnapshot {
    const snapshot = new SnapshotStore(this.disk, SNAPSHOT_DIRECTORY).load();
    if (snapshot === null) throw new Error("nothing was restored");
    return snapshot;
  }

  log(index: number): PartitionLog {
    const snapshot = this.snapshot().logs.find(({ stream }) => stream === index + 1);
    if (snapshot === undefined) throw new Error(`there is no partition ${index}`);
    return PartitionLog.restore(snapshot, { topic: TOPIC, index });
  }

  restored(): Extract<KliteEvent, { type: "cluster_restored" }> | undefined {
    return this.events.find((event) => event.type === "cluster_restored");
  }
}

function bounds(log: PartitionLog): readonly number[] {
  return [log.logStartOffset, log.logEndOffset, log.storedEnd];
}

Deno.test("an empty directory gets all that was flushed, also what is newer than the snapshot, and says what is missing", async () => {
  const cluster = new StoredCluster(3);
  cluster.write(0, 10);
  await cluster.flush(0);
  cluster.write(0, 5);
  cluster.write(1, 7);
  await cluster.saveSnapshot();
  await cluster.flush(0);
  cluster.write(0, 4);
  await cluster.flush(0);
  cluster.write(0, 100);

  const claims = new Claims(cluster);
  const { identity } = await claims.claim();
  deepStrictEqual([identity.clusterId, identity.firstLsn], [CLUSTER, 4096]);
  deepStrictEqual(bounds(claims.log(0)), [0, 19, 19]);
  // Nothing of it was ever stored: its offsets are not given out again.
  deepStrictEqual(bounds(claims.log(1)), [7, 7, 7]);
  deepStrictEqual(bounds(claims.log(2)), [0, 0, 0]);
  strictEqual(isLossMarked(claims.disk), true);
  const told = claims.restored();
  deepStrictEqual([told?.objects, told?.recordsBehindSnapshot, told?.recordsMissing, told?.missing], [
    3,
    4,
    7,
    "orders-1: 7",
  ]);

  // The second start is an ordinary one.
  claims.events.length = 0;
  const again = await claims.claim({ clusterId: null });
  deepStrictEqual(again.identity, identity);
  strictEqual(claims.restored(), undefined);
});

Deno.test("of what the snapshot knew beyond the objects, producers and offsets are forgotten, the rest stays", async () => {
  const cluster = new StoredCluster(1);
  cluster.write(0, 1, { id: 5, epoch: 0, sequence: 0 });
  await cluster.flush(0);
  cluster.write(0, 1, { id: 5, epoch: 0, sequence: 1 });
  cluster.write(0, 1, { id: 6, epoch: 0, sequence: 0 });
  await cluster.saveSnapshot();
  const claims = new Claims(cluster);
  await claims.claim();
  const log = claims.log(0);
  deepStrictEqual(bounds(log), [0, 1, 1]);
  const next = (id: number, sequence: number) => ({
    ...{
      producerId: id,
      producerEpoch: 0,
      baseSequence: sequence,
      lastSequence: sequence,
      maxTimestampMs: 1,
    },
  });
  strictEqual(log.producers.duplicateOf(next(5, 0))?.baseOffset, 0);
  strictEqual(log.producers.duplicateOf(next(5, 1)), undefined);
  strictEqual(log.producers.epochOf(6), -1);
});

Deno.test("batches behind the snapshot tell of their producers; ids that were given out are not given out again", async () => {
  const cluster = new StoredCluster(1);
  const identity = { producerId: 3, epoch: 1, lastEpoch: -1, previousProducerId: -1 };
  const initialized = {
    type: "txn_producer_initialized",
    id: "t",
    identity,
    timeoutMs: 60_000,
    atMs: 1,
  } as const;
  cluster.logs.apply(cluster.state, initialized, 0);
  await cluster.saveSnapshot();
  cluster.write(0, 2, { id: 3, epoch: 4, sequence: 0, isTransactional: true });
  cluster.mark(0, 3, 5, false);
  cluster.write(0, 2, { id: 3, epoch: 5, sequence: 0, isTransactional: true });
  cluster.write(0, 2, { id: 90, epoch: 0, sequence: 0, isTransactional: true });
  await cluster.flush(0);

  const claims = new Claims(cluster);
  await claims.claim();
  const log = claims.log(0);
  deepStrictEqual([log.logEndOffset, log.lastStableOffset], [7, 3]);
  deepStrictEqual(log.abortedIn(0, 7), [{ producerId: 3, firstOffset: 0, markerOffset: 2 }]);
  const { transactions: [transaction], nextProducerId } = claims.snapshot().cluster;
  deepStrictEqual([
    transaction?.state,
    transaction?.startMs,
    transaction?.identity.epoch,
    transaction?.streams,
  ], [
    "Ongoing",
    0,
    5,
    [1],
  ]);
  strictEqual(nextProducerId > 1_000_000, true);
});

Deno.test("a rewritten object stands for those that are gone, and for none that the snapshot names and that are there", async () => {
  const cluster = new StoredCluster(2);
  const objects = [];
  for (let count = 0; count < 3; count++) {
    for (const index of [0, 1]) {
      cluster.write(index, 10);
      objects.push(await cluster.flush(index));
    }
  }
  await cluster.saveSnapshot();
  // Of one partition the first two were joined and one of them deleted; of the other half of a job was done.
  await cluster.put(0, 0, 20, 1);
  cluster.store.lose(cluster.keyOf(0, { baseOffset: 0, endOffset: 10, generation: 0 }));
  await cluster.put(1, 0, 10, 1);

  const claims = new Claims(cluster);
  await claims.claim();
  deepStrictEqual([...claims.log(0).objects].map((each) => [each.baseOffset, each.generation]), [[0, 1], [
    20,
    0,
  ]]);
  deepStrictEqual([...claims.log(1).objects].map((each) => each.generation), [0, 0, 0]);
  deepStrictEqual(bounds(claims.log(0)), [0, 30, 30]);
});

Deno.test("objects that are missing at the beginning, in the middle or at the end are a reason to refuse unless that is accepted", async () => {
  const lost: readonly (readonly [number, RegExp, readonly number[]])[] = [
    [0, /orders-0 lacks the objects of the offsets 0 to 9/, [10, 30, 30]],
    [10, /orders-0 lacks the objects of the offsets 10 to 19/, [0, 30, 30]],
    [20, /orders-0 lacks the objects of the offsets 20 to 29/, [0, 20, 20]],
  ];
  for (const [baseOffset, expected, whenAccepted] of lost) {
    const cluster = new StoredCluster(1);
    for (let count = 0; count < 3; count++) {
      cluster.write(0, 10);
      await cluster.flush(0);
    }
    await cluster.saveSnapshot();
    cluster.store.lose(cluster.keyOf(0, { baseOffset, endOffset: baseOffset + 10, generation: 0 }));
    const claims = new Claims(cluster);
    await rejects(claims.claim(), (error) => {
      match(String(error), expected);
      return error instanceof KliteError && error.code === "DATA_DAMAGED";
    });
    strictEqual(claims.disk.exists("klite.json"), false);
    await claims.claim({ acceptDataLoss: true });
    deepStrictEqual(bounds(claims.log(0)), whenAccepted);
  }
});

Deno.test("where only an older snapshot can be read, a missing beginning was deleted since and moves the log start", async () => {
  const cluster = new StoredCluster(1);
  for (let count = 0; count < 2; count++) {
    cluster.write(0, 10);
    await cluster.flush(0);
  }
  await cluster.saveSnapshot();
  cluster.moveLogStart(0, 10);
  cluster.store.corrupt(await cluster.saveSnapshot(), (bytes) => bytes.subarray(0, 20));
  const claims = new Claims(cluster);
  await claims.claim();
  deepStrictEqual(bounds(claims.log(0)), [10, 20, 20]);
});

Deno.test("all objects gone is, when that is accepted, a log that begins where it ends", async () => {
  const cluster = new StoredCluster(1);
  cluster.write(0, 10);
  const object = await cluster.flush(0);
  await cluster.saveSnapshot();
  cluster.store.lose(cluster.keyOf(0, object));
  const claims = new Claims(cluster);
  await rejects(claims.claim(), /orders-0 lacks the objects of the offsets 0 to 9/);
  await claims.claim({ acceptDataLoss: true });
  deepStrictEqual(bounds(claims.log(0)), [10, 10, 10]);
});

Deno.test("a damaged object behind the snapshot is named, and left out when that is accepted", async () => {
  for (const at of [20, -3]) {
    const cluster = new StoredCluster(1);
    await cluster.saveSnapshot();
    cluster.write(0, 10);
    await cluster.flush(0);
    cluster.write(0, 10);
    const second = await cluster.flush(0);
    cluster.store.corrupt(cluster.keyOf(0, second), (bytes) => {
      bytes[at < 0 ? bytes.length + at : at]! ^= 1;
      return bytes;
    });
    const claims = new Claims(cluster);
    await rejects(claims.claim(), (error) => {
      match(String(error), /orders-0: .*00000000000000000010\.obj is damaged/);
      return true;
    });
    await claims.claim({ acceptDataLoss: true });
    deepStrictEqual(bounds(claims.log(0)), [0, 10, 10]);
    match(claims.restored()?.givenUp ?? "", /is damaged/);
  }
});

Deno.test("leader epochs behind the snapshot are kept, and those that cannot be are damage", async () => {
  for (const [leaderEpoch, expected] of [[3, 3], [2 ** 30, null]] as const) {
    const cluster = new StoredCluster(1);
    await cluster.saveSnapshot();
    cluster.write(0, 10);
    const object = await cluster.flush(0);
    cluster.store.corrupt(cluster.keyOf(0, object), (bytes) => {
      new DataView(bytes.buffer).setInt32(12, leaderEpoch);
      return bytes;
    });
    const claims = new Claims(cluster);
    if (expected === null) {
      await rejects(claims.claim(), /the leader epoch of the batch at offset 0 cannot be/);
    } else {
      await claims.claim();
      strictEqual(claims.snapshot().cluster.leaderEpoch, expected);
    }
  }
});

Deno.test("a damaged snapshot is named and an older one taken; the log begins behind all of them", async () => {
  const cluster = new StoredCluster(1);
  cluster.write(0, 10);
  await cluster.flush(0);
  await cluster.saveSnapshot();
  cluster.write(0, 10);
  await cluster.flush(0);
  const newest = await cluster.saveSnapshot();
  const damage = (key: string) => cluster.store.corrupt(key, (bytes) => bytes.subarray(0, bytes.length - 1));
  damage(newest);
  const claims = new Claims(cluster);
  const { identity } = await claims.claim();
  strictEqual(identity.firstLsn, 8192);
  deepStrictEqual(bounds(claims.log(0)), [0, 20, 20]);
  deepStrictEqual(claims.events.filter(({ type }) => type === "stored_snapshot_damaged"), [
    { type: "stored_snapshot_damaged", key: newest },
  ]);

  damage(cluster.store.keys().find((key) => key.includes("snapshot"))!);
  const none = new Claims(cluster);
  await rejects(none.claim(), /None of the 2 snapshots of the cluster clusterA/);
});

Deno.test("without a cluster id an empty directory is a new cluster's only where the bucket has none", async () => {
  const cluster = new StoredCluster(1);
  const first = new Claims(cluster);
  const { identity } = await first.claim({ clusterId: null });
  match(identity.clusterId, /^[A-Za-z0-9_-]{22}$/);
  strictEqual(identity.firstLsn, 0);

  cluster.write(0, 1);
  await cluster.flush(0);
  const beside = new Claims(cluster);
  await rejects(beside.claim(), /has 1 topics of the cluster clusterA, but no snapshot/);
  await cluster.saveSnapshot();
  await rejects(beside.claim({ clusterId: null }), (error) => {
    match(String(error), /clusterA \(1 topics, newest snapshot of 2020-.*--cluster-id/);
    return error instanceof KliteError && error.code === "BAD_CONFIG";
  });
  strictEqual((await beside.claim({ clusterId: "another" })).identity.clusterId, "another");
});

Deno.test("a cluster whose bucket was cleared begins anew, whatever its lease still says", async () => {
  const cluster = new StoredCluster(1);
  const before = await cluster.clock.run(claimCluster(new Claims(cluster).options()));
  before.lease.noteStored(4096);
  await cluster.clock.run(before.release());
  const claims = new Claims(cluster);
  const { identity, lease } = await claims.claim();
  strictEqual(identity.firstLsn, 0);
  lease.requireLog(64);
  await claims.claim();
});

Deno.test("a restore that is cut short anywhere, of a disk or a store that fails, begins anew and ends the same", async () => {
  const cluster = new StoredCluster(4);
  for (let round = 0; round < 3; round++) {
    for (const index of [0, 1, 2, 3]) {
      cluster.write(index, 5, { id: index, epoch: 0, sequence: round * 5 });
      await cluster.flush(index);
    }
    if (round === 1) await cluster.saveSnapshot();
  }
  const { clock, random } = cluster;
  const whole = new Claims(cluster);
  await whole.claim();
  const expected = whole.snapshot();
  let { store } = cluster;
  let cuts = 0;
  for (let life = 0; life < 150; life++) {
    let disk = new SimDisk({ clock, random: random.fork() });
    for (let attempt = 0; !disk.exists("klite.json"); attempt++) {
      const isLast = attempt === 5;
      const chance = isLast ? 0 : 0.01;
      Object.assign(store.faults, { failChance: chance, lostAnswerChance: chance });
      const ownClock = new OddClock(clock);
      const openStore = () => Promise.resolve(store);
      const claiming = claimCluster(whole.options({ disk, openStore, clock: ownClock })).then(
        (claim) => claim.lease.abandon(),
        (error: unknown) => {
          if (!(error instanceof KliteError)) throw error;
        },
      );
      let isOver = false;
      claiming.finally(() => isOver = true);
      let stepsLeft = isLast ? Infinity : random.below(100);
      while (!isOver && stepsLeft-- > 0) await clock.step();
      await clock.settle();
      if (isOver) await claiming;
      else cuts++;
      // The dead do nothing more, and what is awaited never comes.
      ownClock.pause();
      disk = disk.powerCut({ clock, random: random.fork() });
      store = store.restart({ clock, random: random.fork() });
    }
    const restored = new SnapshotStore(disk, SNAPSHOT_DIRECTORY).load();
    deepStrictEqual(
      restored?.logs.toSorted((a, b) => a.stream - b.stream).map(timeless),
      expected.logs
        .toSorted((a, b) => a.stream - b.stream).map(timeless),
    );
    deepStrictEqual(restored?.cluster, expected.cluster);
    strictEqual(isLossMarked(disk), true);
  }
  strictEqual(cuts > 150, true, `${cuts} starts were cut short`);
});

function timeless({ producers, ...log }: BrokerSnapshot["logs"][number]) {
  return { ...log, producers: producers.map(({ lastSeenMs: _, ...rest }) => rest) };
}

Deno.test("no group is further than what is left of its partition", async () => {
  const cluster = new StoredCluster(2);
  for (const index of [0, 1]) cluster.write(index, 5);
  await cluster.flush(0);
  await cluster.flush(1);
  cluster.write(1, 4);
  const topics = [{ topic: TOPIC.id, rows: [[0, 3, 0, "so far"], [1, 9, 0]] as const }];
  cluster.state.apply({ type: "offsets_committed", group: "g", atMs: 0, topics });
  await cluster.saveSnapshot();
  const claims = new Claims(cluster);
  await claims.claim();
  const { offsets } = ClusterState.restore(claims.snapshot().cluster);
  deepStrictEqual([0, 1].map((index) => offsets.committed("g", TOPIC.id, index)?.offset), [3, 5]);
  strictEqual(offsets.committed("g", TOPIC.id, 0)?.metadata, "so far");
});
