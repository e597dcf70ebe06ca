import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import type { DiskFile } from "../disk.ts";
import { SimClock } from "./clock.ts";
import { SimDisk } from "./disk.ts";
import { SimRandom } from "./random.ts";

function machine(seed = 1) {
  const clock = new SimClock();
  const random = new SimRandom(seed);
  return { clock, random, disk: new SimDisk({ clock, random }) };
}

/** A file that is durable with its name, holding `content`. */
async function durableFile(
  { clock, disk }: ReturnType<typeof machine>,
  content: Uint8Array,
): Promise<DiskFile> {
  const file = disk.open("file", { create: true });
  file.writeAtSync(content, 0);
  await clock.run(file.sync());
  await clock.run(disk.syncDir("."));
  return file;
}

function contentOf(disk: SimDisk, path = "file"): Uint8Array {
  const file = disk.open(path);
  const bytes = new Uint8Array(file.sizeBytes());
  equal(file.readAtSync(bytes, 0), bytes.length);
  file.close();
  return bytes;
}

const ones = (length: number) => new Uint8Array(length).fill(1);
const twos = (length: number) => new Uint8Array(length).fill(2);

Deno.test("what was synced survives a power cut, whatever else is lost", async () => {
  const world = machine();
  await durableFile(world, ones(5000));
  const after = world.disk.powerCut(world, 0);
  deepEqual(contentOf(after), ones(5000));
});

Deno.test("what is written through survives a power cut, not before that has ended", async () => {
  const world = machine();
  const file = await durableFile(world, ones(5000));
  await world.clock.run(file.writeThrough(twos(1000), 0));
  void file.writeThrough(twos(1000), 4000);
  const after = contentOf(world.disk.powerCut(world, 0));
  deepEqual(after.subarray(0, 1000), twos(1000));
  deepEqual(after.subarray(1000), ones(4000));
});

Deno.test("unsynced writes are lost, kept or torn at sectors, and nothing else appears", async () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const world = machine(seed);
    const file = await durableFile(world, ones(2048));
    file.writeAtSync(twos(2048), 0);
    const after = contentOf(world.disk.powerCut(world));
    equal(after.length, 2048);
    const sectors = [0, 512, 1024, 1536].map((start) => {
      const sector = after.subarray(start, start + 512);
      ok(sector.every((byte) => byte === sector[0]), "a sector is written as a whole");
      return sector[0];
    });
    seen.add(sectors.join(""));
  }
  ok(seen.has("1111") && seen.has("2222") && seen.size > 4, [...seen].join());
});

Deno.test("a later write of a sector survives only with the earlier ones of the same sector", async () => {
  for (let seed = 0; seed < 40; seed++) {
    const world = machine(seed);
    const file = await durableFile(world, new Uint8Array(512));
    file.writeAtSync(ones(100), 0);
    file.writeAtSync(twos(100), 100);
    const after = contentOf(world.disk.powerCut(world));
    if (after[100] === 2) equal(after[0], 1);
  }
});

Deno.test("a sync covers the writes before it, not those behind it", async () => {
  const world = machine();
  const file = await durableFile(world, new Uint8Array(1024));
  file.writeAtSync(ones(512), 0);
  const syncing = file.sync();
  file.writeAtSync(twos(512), 512);
  await world.clock.run(syncing);
  deepEqual(contentOf(world.disk.powerCut(world, 0)), new Uint8Array([...ones(512), ...new Uint8Array(512)]));
});

Deno.test("a killed process loses nothing that the system has, but its waiting calls never end", async () => {
  const world = machine();
  const file = world.disk.open("file", { create: true });
  file.writeAtSync(ones(10), 0);
  let ended = false;
  file.writeAt(twos(10), 0).finally(() => ended = true);
  world.disk.lock("lock");
  const after = world.disk.restart(world);
  await world.clock.runUntilIdle();
  ok(!ended);
  deepEqual(contentOf(after), ones(10));
  after.lock("lock").release();
  throws(() => file.writeAtSync(ones(1), 0), /after its life/);
});

Deno.test("names survive a power cut once their directory is synced", async () => {
  const world = machine();
  const { clock, disk } = world;
  disk.makeDir("dir");
  await clock.run(disk.syncDir("."));
  for (const name of ["kept", "lost"]) {
    const file = disk.open(`dir/${name}`, { create: true });
    file.writeAtSync(ones(4), 0);
    await clock.run(file.sync());
    if (name === "kept") await clock.run(disk.syncDir("dir"));
  }
  disk.rename("dir/kept", "dir/renamed");
  const after = disk.powerCut(world, 0);
  deepEqual(after.list("dir"), ["kept"]);
  deepEqual(after.list("."), ["dir"]);
  deepEqual(contentOf(after, "dir/kept"), ones(4));
});

Deno.test("a directory that was not synced is gone with all that is in it", async () => {
  const world = machine();
  world.disk.makeDir("a/b");
  world.disk.open("a/b/file", { create: true });
  await world.clock.run(world.disk.syncDir("a/b"));
  deepEqual(world.disk.powerCut(world, 0).list("."), []);
});

Deno.test("beyond its quota the disk is full, and only for what grows", () => {
  const { disk } = machine();
  disk.faults.quotaBytes = 1000;
  const file = disk.open("file", { create: true });
  file.writeAtSync(ones(1000), 0);
  throws(() => file.writeAtSync(ones(600), 500), { code: "DISK_FULL", retriable: true });
  file.writeAtSync(twos(1000), 0);
  disk.remove("file");
  disk.open("other", { create: true }).writeAtSync(ones(1000), 0);
});

Deno.test("after a failed sync the file shows what may never reach the platter", async () => {
  let forgotten = 0;
  for (let seed = 0; seed < 20; seed++) {
    const world = machine(seed);
    const file = await durableFile(world, ones(512));
    file.writeAtSync(twos(512), 0);
    world.disk.faults.syncFailures = 1;
    await rejects(world.clock.run(file.sync()), { code: "DISK_FAILED" });
    deepEqual(contentOf(world.disk), twos(512));
    await world.clock.run(file.sync());
    if (contentOf(world.disk.powerCut(world, 0))[0] === 1) forgotten++;
  }
  ok(forgotten > 3 && forgotten < 17, `${forgotten} of 20`);
});

Deno.test("files and locks are refused as on a real disk", () => {
  const { disk } = machine();
  throws(() => disk.open("absent"), { code: "NOT_FOUND" });
  throws(() => disk.open("absent/file", { create: true }), { code: "NOT_FOUND" });
  throws(() => disk.rename("absent", "other"), { code: "NOT_FOUND" });
  disk.remove("absent");
  deepEqual(disk.list("absent"), []);
  const lock = disk.lock("lock");
  throws(() => disk.lock("lock"), { code: "LOCKED" });
  lock.release();
  disk.lock("lock").release();
});

Deno.test("a flipped bit stays flipped", async () => {
  const world = machine();
  await durableFile(world, ones(10));
  world.disk.flipBit("file", 3, 1);
  equal(contentOf(world.disk)[3], 3);
  equal(contentOf(world.disk.powerCut(world, 0))[3], 3);
});
