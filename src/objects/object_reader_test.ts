import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { KliteError } from "../base/klite_error.ts";
import { batchOf, ObjectWorld, PARTITION } from "../../tests/support/object_world.ts";
import type { PartitionPlace } from "./contract.ts";
import { footerBytes } from "./object_format.ts";
import { objectKey } from "./object_keys.ts";
import { ObjectReader } from "./object_reader.ts";
import type { StoredObject } from "./stored_object.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A world with one object of these batches. */
async function worldOf(batches: readonly Uint8Array[], options = {}) {
  const world = new ObjectWorld(options);
  const object = await world.run(world.jobs.storeBatches(world.job(batches)));
  return { world, object, key: objectKey("c1", PARTITION, object) };
}

function readJob(object: StoredObject, fromOffset: number, maxBytes: number, endOffset = Infinity) {
  return { partition: PARTITION, object, fromOffset, endOffset, maxBytes };
}

/** Reads the object through as a consumer does; answers all bytes. */
async function readThrough(
  world: ObjectWorld,
  object: StoredObject,
  maxBytes: number,
  partition = PARTITION,
) {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let offset = object.baseOffset; offset < object.endOffset;) {
    const job = { ...readJob(object, offset, maxBytes), partition };
    const { bytes, nextOffset } = await world.jobs.read(job);
    ok(nextOffset > offset, "each read gets on");
    parts.push(bytes);
    offset = nextOffset;
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function isDamageOf(key: string) {
  return (error: unknown) =>
    error instanceof KliteError && error.code === "DATA_DAMAGED" && error.message.includes(key);
}

Deno.test("a read answers with the batches that a plain look through them finds", async () => {
  const batch = fc.record({ gap: fc.nat(3), records: fc.integer({ min: 1, max: 9 }), bytes: fc.nat(900) });
  const reads = fc.array(fc.record({ from: fc.nat(120), length: fc.nat(120), maxBytes: fc.nat(4_000) }));
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 30 }), reads, async (plan, reads) => {
      let next = 0;
      const all = plan.map(({ gap, records, bytes }) => {
        const base = next + gap;
        next = base + records;
        return { base, end: next, bytes: batchOf(base, records, bytes) };
      });
      const { world, object } = await worldOf(all.map(({ bytes }) => bytes));
      for (const { from, length, maxBytes } of reads) {
        const inRange = all.filter(({ base, end }) => end > from && base < from + length);
        let size = 0;
        const expected = inRange.filter(({ bytes }, index) =>
          (size += bytes.length) <= maxBytes || index === 0
        );
        const got = await world.run(world.jobs.read(readJob(object, from, maxBytes, from + length)));
        equal(got.bytes.length, expected.reduce((sum, { bytes }) => sum + bytes.length, 0));
        const missed = all.filter(({ end, base }) => end > from && base < got.nextOffset);
        deepEqual(missed, expected, "all up to the next offset are here");
        ok(got.nextOffset >= from);
        if (expected.length < inRange.length) equal(got.nextOffset, inRange[expected.length]!.base);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("a cold read takes a footer and a range; the next one a range; of a small object, one read in all", async () => {
  const batches = Array.from({ length: 300 }, (_, index) => batchOf(index, 1, 1_000));
  const { world, object } = await worldOf(batches);
  equal(await world.reads(() => world.jobs.read(readJob(object, 50, 10_000))), 2);
  equal(await world.reads(() => world.jobs.read(readJob(object, 200, 10_000))), 1);

  const small = await worldOf(batches.slice(0, 50));
  equal(await small.world.reads(() => readThrough(small.world, small.object, 2_000)), 1);
});

Deno.test("who reads on finds the next bytes read already, and others find them, too", async () => {
  const batches = Array.from({ length: 4_000 }, (_, index) => batchOf(index, 1, 1_000));
  const { world, object } = await worldOf(batches);
  let bytes: Uint8Array = new Uint8Array(0);
  const reads = await world.reads(async () => bytes = await readThrough(world, object, 20_000));
  equal(bytes.length, object.dataBytes);
  ok(reads < 20, `${reads} reads of the store for ${4_000 * 1_061 / 20_000} of the consumer's`);
  const two = await world.reads(() =>
    Promise.all([readThrough(world, object, 20_000), readThrough(world, object, 20_000)])
  );
  ok(two < 20 + 5, `${two} reads for two consumers side by side`);
});

Deno.test("memory for what was read ahead and for footers has a bound, however many are read at once", async () => {
  const batches = Array.from({ length: 2_000 }, (_, index) => batchOf(index, 1, 1_000));
  const bounds = { readAheadBytes: MIB, footerCacheBytes: 100 * KIB };
  const { world, object } = await worldOf(batches, bounds);
  const places = Array.from({ length: 5 }, (_, index) => ({ ...PARTITION, index }));
  for (const place of places) {
    const bytes = world.store.peek(objectKey("c1", PARTITION, object))!;
    const key = objectKey("c1", place, object);
    if (place.index !== PARTITION.index) await world.run(world.store.put(key, bytes));
  }
  const reader = new ObjectReader({ store: world.store, clock: world.clock, clusterId: "c1", ...bounds });
  let most = 0;
  const consume = async (partition: PartitionPlace) => {
    for (let fromOffset = 0; fromOffset < object.endOffset;) {
      const job = { partition, object, fromOffset, endOffset: Infinity, maxBytes: 50_000 };
      const { bytes, nextOffset } = await reader.read(job);
      ok(bytes.length > 0);
      most = Math.max(most, reader.heldBytes);
      fromOffset = nextOffset;
    }
  };
  await world.run(Promise.all(places.map(consume)));
  ok(most > 0 && most <= bounds.readAheadBytes + bounds.footerCacheBytes, `${most} bytes held`);
});

Deno.test("what has not been of use for a minute is given back", async () => {
  const { world, object } = await worldOf(
    Array.from({ length: 100 }, (_, index) => batchOf(index, 1, 1_000)),
  );
  const reader = new ObjectReader({ store: world.store, clock: world.clock, clusterId: "c1" });
  await world.run(reader.read(readJob(object, 0, 5_000)));
  equal(reader.heldBytes, object.sizeBytes);
  await world.clock.advance(61_000);
  reader.dropUnused();
  equal(reader.heldBytes, footerBytes(100));
});

Deno.test("a bit that flips anywhere in an object is found and named, and never handed out", async () => {
  const batches = Array.from({ length: 5 }, (_, index) => batchOf(index * 2, 2, 30, { leaderEpoch: 4 }));
  const { world, object, key } = await worldOf(batches);
  const whole = world.store.peek(key)!.slice(0, object.dataBytes);
  for (let bit = 0; bit < object.sizeBytes * 8; bit += 1) {
    const flip = (bytes: Uint8Array<ArrayBuffer>) => {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return bytes;
    };
    world.store.corrupt(key, flip);
    const found = await world.run(world.jobs.verify({ partition: PARTITION, object }));
    ok(found?.includes(key), `bit ${bit}: ${found}`);
    const served = await world.run(readThrough(world, object, 250).catch((error: KliteError) => error));
    ok(isDamageOf(key)(served), `bit ${bit}: ${served}`);
    world.store.corrupt(key, flip);
    deepEqual(await world.run(readThrough(world, object, 250)), whole, "what is whole again is served again");
  }
});

Deno.test("an object cut anywhere, or longer than it was, or gone, is found and named", async () => {
  const { world, object, key } = await worldOf(
    Array.from({ length: 3 }, (_, index) => batchOf(index, 1, 20)),
  );
  const whole = world.store.peek(key)!.slice();
  for (let size = 0; size < whole.length; size += 1) {
    world.store.corrupt(key, () => whole.slice(0, size));
    ok((await world.run(world.jobs.verify({ partition: PARTITION, object })))?.includes(key));
    await rejects(world.run(world.jobs.read(readJob(object, 0, 1_000))), isDamageOf(key));
  }
  world.store.corrupt(key, () => new Uint8Array([...whole.slice(0, 81), ...whole]));
  ok((await world.run(world.jobs.verify({ partition: PARTITION, object })))?.includes(key));
  world.store.lose(key);
  ok((await world.run(world.jobs.verify({ partition: PARTITION, object })))?.includes(key));
  await rejects(world.run(world.jobs.read(readJob(object, 0, 1_000))), { code: "NOT_FOUND" });
});

Deno.test("an object that was replaced since its footer was read is read anew", async () => {
  const batches = Array.from({ length: 400 }, (_, index) => batchOf(index, 1, 1_000));
  const { world, object, key } = await worldOf(batches);
  await world.run(world.jobs.read(readJob(object, 0, 10_000)));
  await world.run(world.store.put(key, world.store.peek(key)!));
  const { bytes } = await world.run(world.jobs.read(readJob(object, 200, 1_061)));
  deepEqual(bytes, new Uint8Array(batches[200]!));
});

Deno.test("an object that is not the one that the metadata means is not read", async () => {
  const { world, object, key } = await worldOf(
    Array.from({ length: 10 }, (_, index) => batchOf(index, 1, 100)),
  );
  const { seal: _, ...unsealed } = object;
  const others: StoredObject[] = [
    { ...unsealed, maxTimestampMs: 5 },
    { ...unsealed, batchCount: 9 },
    { ...unsealed, dataBytes: object.dataBytes + 32 },
    { ...unsealed, endOffset: 9 },
    { ...unsealed, sizeBytes: object.sizeBytes - 1 },
  ];
  for (const other of others) {
    await rejects(world.run(world.jobs.read(readJob(other, 0, 1_000))), isDamageOf(key));
  }
  equal((await world.run(world.jobs.read(readJob(unsealed, 0, 1_000)))).nextOffset, 6);
});

Deno.test("a batch is found by time, from an offset on", async () => {
  const times = [10, 50, 30, 50, 70, 20];
  const batches = times.map((maxTimestampMs, index) => batchOf(index, 1, 10, { maxTimestampMs }));
  const { world, object } = await worldOf(batches);
  const find = async (fromOffset: number, timestampMs: number | "max") => {
    const found = await world.run(world.jobs.find({ partition: PARTITION, object, fromOffset, timestampMs }));
    return found === null ? -1 : batches.findIndex((batch) => batch.every((byte, at) => byte === found[at]));
  };
  deepEqual(
    [
      await find(0, 0),
      await find(0, 11),
      await find(2, 31),
      await find(4, 50),
      await find(5, 50),
      await find(0, 71),
    ],
    [0, 1, 3, 4, -1, -1],
  );
  deepEqual([await find(0, "max"), await find(5, "max"), await find(6, "max")], [4, 5, -1]);
});

Deno.test("a consumer of one partition waits for one read of another's, however many these are", async () => {
  const batches = Array.from({ length: 1_000 }, (_, index) => batchOf(index, 1, 1_000));
  const { world, object } = await worldOf(batches);
  const other = { ...PARTITION, topicName: "other" };
  await world.run(
    world.store.put(objectKey("c1", other, object), world.store.peek(objectKey("c1", PARTITION, object))!),
  );
  const order: string[] = [];
  const crowd = Array.from({ length: 40 }, async (_, index) => {
    await world.jobs.read(readJob(object, index * 20, 1_000));
    order.push("crowd");
  });
  const one = world.jobs.read({ ...readJob(object, 500, 1_000), partition: other }).then(() =>
    order.push("one")
  );
  await world.run(Promise.all([...crowd, one]));
  ok(order.indexOf("one") < 25, `served after ${order.indexOf("one")} of the crowd's`);
});
