import assert from "node:assert/strict";
import { PacedDisk } from "../support/paced_disk.ts";
import { TestBroker } from "../support/test_broker.ts";
import { DataDir } from "./data_dir.ts";
import { DiskFiller } from "./disk_full.ts";
import { SmallFilesystem } from "./small_filesystem.ts";

const MIB = 2 ** 20;

Deno.test("a full disk refuses writes, serves reads, loses nothing, and takes more when there is room", async () => {
  await using paced = new PacedDisk(1);
  const { disk } = paced;
  await using broker = await TestBroker.start({ disk });
  disk.faults.quotaBytes = 8 * MIB;
  let client = await broker.connect();
  const filler = await DiskFiller.start(client);
  for (let round = 1; round <= 3; round++) {
    await filler.fill(client);
    assert.ok(filler.acknowledged >= 20 * round, "most of the room was used");
    await filler.checkFull(client);
    if (round === 2) {
      // A restart needs no room that is not there.
      await broker.restart();
      client = await broker.connect();
      await filler.checkContent(client);
      await filler.fill(client);
      await filler.checkFull(client);
    }
    disk.faults.quotaBytes += 6 * MIB;
    await filler.resume(client);
  }
  disk.faults.quotaBytes = Infinity;
  await broker.restart();
  await filler.resume(await broker.connect());
});

if (await SmallFilesystem.isPermitted()) {
  Deno.test("a real filesystem that is full: killed, stopped and started on it, klite loses nothing", async () => {
    await using filesystem = await SmallFilesystem.mount(20 * MIB);
    await using dir = DataDir.at(`${filesystem.path}/data`);
    await filesystem.occupy(6 * MIB);
    const filler = await dir.live("kill", async (client) => {
      const started = await DiskFiller.start(client);
      await started.fill(client);
      await started.checkFull(client);
      return started;
    });
    assert.ok(filler.acknowledged > 10);
    for (const end of ["stop", "kill", "stop"] as const) {
      await dir.live(end, async (client) => {
        await filler.fill(client);
        await filesystem.exhaust();
        await filler.checkFull(client);
      });
    }
    await dir.live("stop", async (client) => {
      await filler.checkFull(client);
      await filesystem.vacate();
      await filler.resume(client);
    });
    await dir.live("stop", (client) => filler.checkContent(client));
  });

  Deno.test("a disk without room for a first log file is refused in plain words", async () => {
    await using filesystem = await SmallFilesystem.mount(4 * MIB);
    await using dir = DataDir.at(`${filesystem.path}/data`);
    await filesystem.occupy(3 * MIB);
    assert.match(await dir.refusal(), /no space|No space|full/);
    await filesystem.vacate();
    await filesystem.grow(20 * MIB);
    await dir.live("stop", async (client) => {
      const filler = await DiskFiller.start(client);
      await filler.resume(client);
    });
  });
}
