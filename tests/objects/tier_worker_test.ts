/** The object tier's jobs in their real Worker, on a real disk, with a directory and with an S3 server as the store. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { DenoClock } from "../../src/io/deno/clock.ts";
import { JobWorker } from "../../src/io/deno/job_worker.ts";
import {
  type ObjectJobs,
  PLACE_NUMBERS,
  RemoteObjectJobs,
  type StoreJob,
  type TierWorkerConfig,
} from "../../src/objects/mod.ts";
import type { StoreConfig } from "../../src/io/store_config.ts";
import { batchOf, PARTITION } from "../support/object_world.ts";
import { lacksS3Server, S3Server } from "../support/s3_server.ts";

const PAGE = new URL("../../tier_worker.ts", import.meta.url);

const lacksS3 = await lacksS3Server();

interface World extends AsyncDisposable {
  readonly root: string;
  readonly jobs: ObjectJobs;
}

function openWorld(root: string, store: StoreConfig): World {
  const config: TierWorkerConfig = { clusterId: "c1", dataDir: root, store };
  const worker = new JobWorker({ page: PAGE, config, clock: new DenoClock(), idleMs: 0 });
  const jobs = new RemoteObjectJobs(worker, { storeDescription: store.kind });
  return {
    root,
    jobs,
    async [Symbol.asyncDispose]() {
      await jobs.close();
      await Deno.remove(root, { recursive: true });
    },
  };
}

async function openDirectoryWorld(): Promise<World> {
  return openWorld(await Deno.makeTempDir(), { kind: "directory", directory: "objects" });
}

async function openS3World(): Promise<World> {
  const server = await S3Server.start();
  const { bucket, region, endpoint, credentials } = server;
  // Where the Worker looks for them.
  Deno.env.set("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  Deno.env.set("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  const store: StoreConfig = { kind: "s3", bucket, region, endpoint, prefix: "below" };
  const world = openWorld(await Deno.makeTempDir(), store);
  return {
    ...world,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The same with either store. */
function workerTest(name: string, run: (world: World) => Promise<void>): void {
  Deno.test(`${name}: a directory`, async () => {
    await using world = await openDirectoryWorld();
    await run(world);
  });
  Deno.test({
    name: `${name}: a bucket`,
    ignore: lacksS3,
    async fn() {
      await using world = await openS3World();
      await run(world);
    },
  });
}

/** Writes batches to a file as the log does, with room between them; answers the job. */
async function logFile(root: string, batches: readonly Uint8Array[]): Promise<StoreJob> {
  const places = new Float64Array(batches.length * PLACE_NUMBERS);
  using file = await Deno.open(`${root}/log-0`, { create: true, write: true });
  let position = 64;
  for (const [index, batch] of batches.entries()) {
    position += 40;
    await file.seek(position, Deno.SeekMode.Start);
    await file.write(batch);
    places.set([0, position, batch.length], index * PLACE_NUMBERS);
    position += batch.length;
  }
  return { partition: PARTITION, baseOffset: 0, endOffset: batches.length, files: ["log-0"], places };
}

workerTest(
  "what is stored through the Worker is read, found, verified and deleted through it",
  async (world) => {
    const { jobs, root } = world;
    const batches = Array.from({ length: 3_000 }, (_, index) => batchOf(index, 1, 2_000));
    const object = await jobs.storeBatches(await logFile(root, batches));
    equal(object.batchCount, 3_000);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let fromOffset = 0; fromOffset < object.endOffset;) {
      const read = await jobs.read({
        partition: PARTITION,
        object,
        fromOffset,
        endOffset: Infinity,
        maxBytes: 1 << 20,
      });
      parts.push(read.bytes);
      fromOffset = read.nextOffset;
    }
    deepEqual(await sum(parts), await sum(batches.map((batch) => new Uint8Array(batch))));
    const found = await jobs.find({
      partition: PARTITION,
      object,
      fromOffset: 0,
      timestampMs: 1_000 + 1_234,
    });
    deepEqual(found, new Uint8Array(batches[1_234]!));
    equal(await jobs.verify({ partition: PARTITION, object }), null);
    await jobs.deleteObjects(PARTITION, [object]);
    ok((await jobs.verify({ partition: PARTITION, object })) !== null);
  },
);

async function sum(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob([...parts]).arrayBuffer()));
}

workerTest("objects are compacted in the Worker", async (world) => {
  const { jobs, root } = world;
  const job = await logFile(root, Array.from({ length: 20 }, (_, index) => batchOf(index, 1, 100)));
  const first = await jobs.storeBatches({
    ...job,
    endOffset: 10,
    places: job.places.slice(0, 10 * PLACE_NUMBERS),
  });
  const second = await jobs.storeBatches({
    ...job,
    baseOffset: 10,
    places: job.places.slice(10 * PLACE_NUMBERS),
  });
  const { objects, replaced } = await jobs.compact({
    partition: PARTITION,
    objects: [first, second],
    mode: "join",
    uncleanableOffset: 20,
    nowMs: 0,
    deleteRetentionMs: 0,
    aborted: new Float64Array(),
    targetBytes: 1 << 20,
    readRateBytes: 0,
    keyMemoryBytes: 1 << 20,
    keySecret: new Uint8Array(16),
    producers: new Float64Array(),
  });
  deepEqual([objects.length, replaced], [1, 2]);
  deepEqual([objects[0]!.baseOffset, objects[0]!.endOffset, objects[0]!.batchCount], [0, 20, 20]);
  equal(await jobs.verify({ partition: PARTITION, object: objects[0]! }), null);
});

workerTest("the Worker's store is a store", async (world) => {
  const { store } = world.jobs;
  const { etag } = await store.put("meta/a.json", new TextEncoder().encode("{}"), { ifAbsent: true });
  await rejects(store.put("meta/a.json", new Uint8Array(1), { ifAbsent: true }), { code: "CONFLICT" });
  await store.put("meta/a.json", { sizeBytes: 2, parts: () => [new Uint8Array(1), new Uint8Array(1)] }, {
    ifMatch: etag,
  });
  deepEqual((await store.get("meta/a.json")).bytes, new Uint8Array(2));
  equal((await store.get("meta/a.json", { fromByte: 1, lengthBytes: 5 })).bytes.length, 1);
  for (let index = 0; index < 3; index++) await store.put(`x/${index}/o`, new Uint8Array(index));
  const listed = [];
  for await (const page of store.list("x/")) listed.push(...page.map(({ key }) => key));
  deepEqual(listed, ["x/0/o", "x/1/o", "x/2/o"]);
  deepEqual(await store.listFolders("x/"), ["0", "1", "2"]);
  await store.delete(["x/0/o"]);
  equal(await store.head("x/0/o"), null);
  await store.removeUnfinished("", 0);
  await rejects(store.get("x/0/o"), { code: "NOT_FOUND" });
});

workerTest("damage that the Worker finds is told with its place", async (world) => {
  const job = await logFile(world.root, [batchOf(0, 1, 100), batchOf(1, 1, 100)]);
  using file = await Deno.open(`${world.root}/log-0`, { write: true });
  await file.seek(job.places[4]! + 80, Deno.SeekMode.Start);
  await file.write(Uint8Array.of(1));
  await rejects(world.jobs.storeBatches(job), (error: Error) => {
    return "code" in error && error.code === "DATA_DAMAGED" && error.message.includes(`log-0`) &&
      error.message.includes(String(job.places[4]));
  });
});
