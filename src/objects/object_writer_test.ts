import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { concatBytes } from "../base/bytes.ts";
import { KliteError } from "../base/klite_error.ts";
import { batchOf, ObjectWorld, PARTITION } from "../../tests/support/object_world.ts";
import { objectKey } from "./object_keys.ts";

const MIB = 1024 * 1024;

/** The batches that an object begins with. */
function storedBatches(world: ObjectWorld, key: string, dataBytes: number): Uint8Array {
  return world.store.peek(key)!.subarray(0, dataBytes);
}

function damagedIn(file: string, position: number) {
  return (error: unknown) =>
    error instanceof KliteError && error.code === "DATA_DAMAGED" && error.message.includes(file) &&
    error.message.includes(String(position));
}

Deno.test("an object has the batches of the log one behind the other, wherever they lie", async () => {
  const sizes = fc.array(fc.nat(3_000), { minLength: 1, maxLength: 60 });
  const layout = fc.record({
    perFile: fc.integer({ min: 1, max: 30 }),
    gapBytes: fc.constantFrom(0, 40, 5_000, 200_000),
  });
  await fc.assert(
    fc.asyncProperty(sizes, layout, async (sizes, layout) => {
      const world = new ObjectWorld();
      const batches = sizes.map((bytes, index) => batchOf(100 + index * 2, 2, bytes));
      const job = world.job(batches, layout);
      const object = await world.run(world.jobs.storeBatches(job));
      const key = objectKey("c1", PARTITION, object);
      deepEqual(storedBatches(world, key, object.dataBytes), concatBytes(batches));
      equal(object.sizeBytes, world.store.peek(key)!.length);
      deepEqual([object.baseOffset, object.endOffset, object.batchCount], [
        100,
        job.endOffset,
        batches.length,
      ]);
      equal(await world.run(world.jobs.verify({ partition: PARTITION, object })), null);
    }),
    { numRuns: 30 },
  );
});

Deno.test("objects larger than the buffer, and batches larger than it, come whole", async () => {
  const world = new ObjectWorld();
  const sizes = [MIB, 3 * MIB, 100, 5 * MIB, 700_000, 4 * MIB - 61, 61, 2 * MIB];
  const batches = sizes.map((bytes, index) => batchOf(index, 1, bytes));
  const object = await world.run(world.jobs.storeBatches(world.job(batches, { perFile: 3 })));
  const key = objectKey("c1", PARTITION, object);
  ok(concatBytes(batches).every((byte, at) => byte === world.store.peek(key)![at]));
  equal(await world.run(world.jobs.verify({ partition: PARTITION, object })), null);
});

Deno.test("a batch that is damaged in its file is named, and no object is made", async () => {
  const world = new ObjectWorld();
  const batches = Array.from({ length: 20 }, (_, index) => batchOf(index, 1, 500));
  const job = { ...world.job(batches, { perFile: 5 }), leaderEpochs: [0, 0] as const };
  const position = job.places[12 * 3 + 1]!;
  for (const byte of [0, 8, 11, 12, 15, 16, 17, 25, 60, 61, 300]) {
    world.disk.flipBit("log-2", position + byte, 3);
    await rejects(world.run(world.jobs.storeBatches(job)), damagedIn("log-2", position), `byte ${byte}`);
    world.disk.flipBit("log-2", position + byte, 3);
  }
  deepEqual(world.store.keys(), []);
  await world.run(world.jobs.storeBatches(job));
});

Deno.test("batches out of their order, or of another object, are damage", async () => {
  const world = new ObjectWorld();
  const job = world.job([batchOf(5, 1, 100), batchOf(4, 1, 100), batchOf(7, 1, 100)]);
  await rejects(
    world.run(world.jobs.storeBatches({ ...job, baseOffset: 4 })),
    damagedIn("log-0", job.places[4]!),
  );
  const other = world.job([batchOf(5, 1, 100), batchOf(6, 3, 100)]);
  await rejects(
    world.run(world.jobs.storeBatches({ ...other, endOffset: 8 })),
    damagedIn("log-0", other.places[4]!),
  );
  await rejects(
    world.run(world.jobs.storeBatches({ ...other, baseOffset: 6 })),
    damagedIn("log-0", other.places[1]!),
  );
});

Deno.test("a file that ends too soon is named", async () => {
  const world = new ObjectWorld();
  const job = world.job([batchOf(0, 1, 100)]);
  const places = job.places.slice();
  places[1]! += 50;
  await rejects(world.run(world.jobs.storeBatches({ ...job, places })), damagedIn("log-0", 64 + 40 + 161));
});

Deno.test("what an earlier attempt has left is taken when it is the same; something else is replaced only by its etag", async () => {
  const world = new ObjectWorld();
  const job = world.job(Array.from({ length: 9 }, (_, index) => batchOf(index, 1, 400_000)));
  const object = await world.run(world.jobs.storeBatches(job));
  const key = objectKey("c1", PARTITION, object);
  const etag = async () => (await world.run(world.store.head(key)))!.etag;
  const first = await etag();
  deepEqual(await world.run(world.jobs.storeBatches(job)), object);
  equal(await etag(), first, "the same bytes are not put twice");

  for (const sizeBytes of [object.sizeBytes, 10]) {
    await world.run(world.store.put(key, new Uint8Array(sizeBytes)));
    for (const wrong of [{}, { orphanEtag: first }]) {
      await rejects(world.run(world.jobs.storeBatches({ ...job, ...wrong })), { code: "CONFLICT" });
    }
    deepEqual(await world.run(world.jobs.storeBatches({ ...job, orphanEtag: await etag() })), object);
  }
  equal(await world.run(world.jobs.verify({ partition: PARTITION, object })), null);
});

Deno.test("with a store that fails and loses answers, trying again ends in one whole object", async () => {
  const world = new ObjectWorld({ seed: 11 });
  world.store.faults.failChance = 0.2;
  world.store.faults.lostAnswerChance = 0.3;
  const job = world.job(Array.from({ length: 9 }, (_, index) => batchOf(index, 1, 2_000)));
  for (let round = 0; round < 30; round++) {
    const attempt = () => world.run(world.jobs.storeBatches(job)).catch((error: KliteError) => error);
    let object = await attempt();
    while (object instanceof Error) {
      ok(object.retriable, object.message);
      object = await attempt();
    }
    const [key] = world.store.keys();
    equal(world.store.peek(key!)!.length, object.sizeBytes);
  }
  equal(world.store.keys().length, 1);
});
