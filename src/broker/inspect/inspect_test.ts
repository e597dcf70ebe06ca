import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { CLUSTER, StoredCluster } from "../../../tests/support/stored_cluster.ts";
import { inspect, type InspectOptions, type InspectReport } from "./mod.ts";

/** What `klite inspect` finds in the cluster's bucket. */
function look(cluster: StoredCluster, changes: Partial<InspectOptions> = {}): Promise<InspectReport> {
  const { store, clock } = cluster;
  return cluster.clock.run(inspect({
    ...{ disk: null, store, clock, clusterId: null, topic: null, verifies: false },
    onProgress: () => {},
    ...changes,
  }));
}

Deno.test("a bucket is told by its newest readable snapshot and by what is newer than that", async () => {
  const cluster = new StoredCluster(2);
  cluster.write(0, 10);
  await cluster.flush(0);
  const older = await cluster.saveSnapshot();
  cluster.write(0, 5);
  await cluster.flush(0);
  cluster.store.corrupt(await cluster.saveSnapshot(), (bytes) => bytes.subarray(1));
  const progress: number[] = [];
  const onProgress: InspectOptions["onProgress"] = (_, done, total) => progress.push(done / total);
  const report = await look(cluster, { verifies: true, onProgress });
  const [found] = report.clusters;
  deepStrictEqual([found?.clusterId, found?.metadata, found?.objects], [CLUSTER, "stored snapshot", 2]);
  deepStrictEqual(found?.snapshots[0]?.key, older);
  const [partition, empty] = found?.topics[0]?.partitions ?? [];
  deepStrictEqual([partition?.logEndOffset, partition?.storedEndOffset, partition?.unnamedObjects], [
    15,
    15,
    1,
  ]);
  deepStrictEqual([empty?.logEndOffset, empty?.objects], [0, 0]);
  strictEqual(report.problems.length, 1);
  match(report.problems[0] ?? "", /snapshot-0000000000008192\.json is damaged/);
  deepStrictEqual([report.verified?.objects, progress.at(-1)], [2, 1]);
});

Deno.test("damage is found where it is, by size without reading, by checksum with it, and said once", async () => {
  const cluster = new StoredCluster(1);
  const objects = [];
  for (let count = 0; count < 3; count++) {
    cluster.write(0, 10);
    objects.push(await cluster.flush(0));
  }
  await cluster.saveSnapshot();
  deepStrictEqual((await look(cluster, { verifies: true })).problems, []);
  const key = cluster.keyOf(0, objects[1]!);
  cluster.store.corrupt(key, (bytes) => (bytes[50]! ^= 1, bytes));
  deepStrictEqual((await look(cluster)).problems, []);
  const verified = await look(cluster, { verifies: true });
  strictEqual(verified.problems.length, 1);
  match(verified.problems[0] ?? "", /0010\.obj is damaged: the batch at byte 0, offset 10/);
  cluster.store.corrupt(key, (bytes) => bytes.subarray(1));
  match((await look(cluster)).problems.join("\n"), /bytes and should have/);
  strictEqual((await look(cluster, { topic: "another" })).problems.length, 0);
});

Deno.test("every bit of an object's footer and batches is covered", async () => {
  const cluster = new StoredCluster(1);
  cluster.write(0, 3);
  const object = await cluster.flush(0);
  await cluster.saveSnapshot();
  const key = cluster.keyOf(0, object);
  for (let at = 0; at < object.sizeBytes; at++) {
    const flip = (bytes: Uint8Array<ArrayBuffer>) => (bytes[at]! ^= 0x10, bytes);
    cluster.store.corrupt(key, flip);
    strictEqual((await look(cluster, { verifies: true })).problems.length, 1, `byte ${at}`);
    cluster.store.corrupt(key, flip);
  }
});

/** A v2 batch of one record, value "hello", at offset 0, and its footer, byte by byte. */
const BATCH = "0000000000000000" + "0000003d" + "00000000" + "02" + "00000000" + "0000" + "00000000" +
  "0000018bcfe56800".repeat(2) + "ffffffffffffffff" + "ffff" + "ffffffff" + "00000001" +
  "16000000010a68656c6c6f00";

Deno.test("objects of the Go klite are read where there is no snapshot: topics and offsets by their names", async () => {
  const { crc32c } = await import("../../base/crc32c.ts");
  const batch = Uint8Array.fromHex(BATCH);
  new DataView(batch.buffer).setUint32(8, batch.length - 12);
  new DataView(batch.buffer).setUint32(17, crc32c(batch, 21, batch.length));
  const footer = Uint8Array.fromHex(
    "0000000000000000" + "00000000" + batch.length.toString(16).padStart(8, "0") + "00000000" +
      "0000018bcfe56800" + "00000001" + "00000001" + "4b4c4958",
  );
  const cluster = new StoredCluster(1);
  const key = "klite-abc/events-AAECAwQFBgcICQoLDA0ODw/3/00000000000000000000.obj";
  await cluster.clock.run(cluster.store.put(key, new Uint8Array([...batch, ...footer])));
  const report = await look(cluster, { verifies: true });
  deepStrictEqual(report.problems, []);
  const [found] = report.clusters;
  strictEqual(found?.metadata, "object names");
  deepStrictEqual(found?.topics.map(({ name, configs }) => [name, configs]), [["events", null]]);
  const [partition] = found?.topics[0]?.partitions ?? [];
  deepStrictEqual([partition?.index, partition?.logStartOffset, partition?.logEndOffset], [3, 0, 1]);
});
