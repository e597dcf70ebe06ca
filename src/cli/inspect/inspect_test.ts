import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { SimDisk } from "../../io/sim/disk.ts";
import type { StoreConfig } from "../../io/store_config.ts";
import { CLUSTER, StoredCluster } from "../../../tests/support/stored_cluster.ts";
import { runCli } from "../mod.ts";
import { ProcessInMemory } from "../testing/process_in_memory.ts";
import { ProgressBar } from "./progress_bar.ts";

// Loading code takes real time, which is no part of a simulated world.
await Promise.all([import("./mod.ts"), import("./inspect.ts"), import("../../broker/inspect/mod.ts")]);

/** Runs `klite inspect` on the cluster's bucket; answers what it ended with, and where it was told to look. */
async function run(cluster: StoredCluster, args: readonly string[]) {
  const process = new ProcessInMemory(["inspect", ...args]);
  const refuse = () => Promise.reject(new Error("not asked for"));
  const asked: StoreConfig[] = [];
  const { clock, random, store } = cluster;
  const code = await clock.run(runCli({
    ...{ process, openLog: refuse, openDoctor: refuse, openBroker: refuse, openProbe: refuse },
    openInspection: (_, config) => {
      asked.push(config);
      return Promise.resolve({ clock, store, disk: new SimDisk({ clock, random: random.fork() }) });
    },
  }));
  return { code, asked, out: process.out, err: process.err };
}

async function storedCluster(): Promise<StoredCluster> {
  const cluster = new StoredCluster(1);
  cluster.write(0, 10);
  await cluster.flush(0);
  await cluster.saveSnapshot();
  return cluster;
}

Deno.test("klite inspect shows a bucket as a table, and as JSON for scripts", async () => {
  const cluster = await storedCluster();
  const { code, out, err, asked } = await run(cluster, ["--s3-bucket=backups", "--s3-prefix=p", "--verify"]);
  deepStrictEqual([code, err], [0, ""]);
  deepStrictEqual(asked, [{
    ...{ kind: "s3", bucket: "backups", region: "us-east-1", endpoint: null, prefix: "p" },
  }]);
  match(out, /^Objects in sim\n\nCluster clusterA, as its stored snapshot has it: 1 topics, 0 groups\n/);
  match(out, /lease: none\n {2}snapshots: 1 stored, the newest at LSN 4096 of 2020-/);
  match(
    out,
    /TOPIC {3}PARTITION {2}START {2}END {2}STORED {2}OBJECTS {2}BYTES\n {2}orders {2}0 {10}0 {6}10 {3}10/,
  );
  match(out, /Verified 1 objects, .*\.\nNo problems\.\n$/);
  const json = JSON.parse((await run(cluster, ["--s3-bucket=backups", "-o", "json"])).out);
  deepStrictEqual([json.dataDir, json.clusters[0].clusterId, json.problems], [null, CLUSTER, []]);
});

Deno.test("klite inspect ends with 10 when something is wrong, with 1 when there is nothing to look at", async () => {
  const cluster = await storedCluster();
  const key = cluster.store.keys().find((each) => each.endsWith(".obj"))!;
  cluster.store.corrupt(key, (bytes) => bytes.subarray(1));
  const wrong = await run(cluster, ["--s3-bucket=backups"]);
  strictEqual(wrong.code, 10);
  match(wrong.out, /1 problems:\n {2}orders-0: the object klite-clusterA\/orders-/);
  const nothing = await run(cluster, ["--data-dir=/none"]);
  deepStrictEqual([nothing.code, nothing.out], [1, ""]);
  match(nothing.err, /sim is not a data directory of klite's/);
  strictEqual((await run(cluster, ["--verfy"])).code, 2);
});

Deno.test("progress is shown on a terminal alone, and leaves nothing behind", () => {
  const process = new ProcessInMemory([]);
  new ProgressBar(process).show("log", 1, 2);
  strictEqual(process.err, "");
  const terminal: ProcessInMemory = Object.assign(process, { stderrIsTerminal: true });
  const bar = new ProgressBar(terminal);
  bar.show("objects", 1, 2);
  bar.show("objects", 1, 2);
  strictEqual(terminal.err, `\robjects  [${"#".repeat(15)}${".".repeat(15)}]  50 %`);
  bar.clear();
  bar.clear();
  match(terminal.err, /%\r +\r$/);
});
