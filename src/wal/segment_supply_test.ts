import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { bytes, NEARLY_A_SEGMENT, SEGMENT_BYTES, SimLog } from "../../tests/support/sim_log.ts";
import type { Wal } from "./mod.ts";
import { ZEROS_BYTES } from "./segment_supply.ts";

Deno.test("at its bound on disk the log is full until something is freed", async () => {
  const log = new SimLog();
  const wal = await log.open({ maxDiskBytes: 4 * SEGMENT_BYTES });
  const lsns = await log.fill(wal);
  equal(lsns.length, 3);
  equal(wal.refusal, "log_full");
  equal(wal.figures.diskBytes, 4 * SEGMENT_BYTES);
  wal.free(lsns[1]!);
  equal(wal.oldestLsn, lsns[1]!);
  notEqual(await log.append(wal, bytes(NEARLY_A_SEGMENT)), -1);
  equal(wal.figures.diskBytes, 4 * SEGMENT_BYTES);
  await log.clock.run(wal.close());
});

Deno.test("freed segments are used again, and given back one by one once nobody takes them", async () => {
  const log = new SimLog();
  const wal = await log.open({ maxDiskBytes: 16 * SEGMENT_BYTES });
  await log.fill(wal);
  equal(wal.figures.diskBytes, 16 * SEGMENT_BYTES);
  const files = log.disk.list("wal");
  wal.free(wal.durableLsn);
  await log.clock.run(wal.whenRoom());
  await log.fill(wal, 10);
  deepEqual(log.disk.list("wal"), files, "no file was made, none deleted");
  wal.free(wal.durableLsn);
  await log.clock.advance(3500);
  const { diskBytes } = wal.figures;
  ok(diskBytes < 16 * SEGMENT_BYTES && diskBytes >= 12 * SEGMENT_BYTES, "slowly");
  await log.clock.runUntilIdle();
  equal(wal.figures.spareCount, 2);
  equal(log.disk.list("wal").length, wal.figures.segmentCount + 2);
  equal(wal.figures.diskBytes, (wal.figures.segmentCount + 2) * SEGMENT_BYTES);
  await log.clock.run(wal.close());
  equal((await log.recover({ snapshotLsn: wal.oldestLsn })).log.endLsn, wal.endLsn);
});

Deno.test("when others lack room on the disk, free segments are given back at once, but for a few", async () => {
  const log = new SimLog();
  const wal = await log.open({ maxDiskBytes: 32 * SEGMENT_BYTES });
  await log.fill(wal, 31);
  wal.free(wal.durableLsn);
  await log.clock.advance(500);
  ok(wal.figures.spareCount > 20);
  wal.shrink();
  await log.clock.advance(100);
  equal(wal.figures.spareCount, 2);
  equal(wal.figures.diskBytes, (wal.figures.segmentCount + 2) * SEGMENT_BYTES);
  notEqual(await log.append(wal, bytes(NEARLY_A_SEGMENT)), -1);
  await log.clock.run(wal.close());
});

/** Fills the log with small entries to the last one that it takes. */
async function fillUp(log: SimLog, wal: Wal, isUrgent: boolean): Promise<void> {
  for (;;) {
    if (wal.append(0, 1, bytes(1000), isUrgent) !== -1) await log.clock.run(wal.whenDurable(wal.endLsn));
    else if (wal.refusal === "not_ready") await log.clock.run(wal.whenRoom());
    else return;
  }
}

Deno.test("a full log keeps a reserve for urgent entries, and grows beyond its bound when that is used up", async () => {
  const log = new SimLog();
  const options = { maxDiskBytes: 3 * SEGMENT_BYTES, reserveBytes: 8192 };
  const wal = await log.open(options);
  await fillUp(log, wal, false);
  equal(wal.refusal, "log_full");
  equal(wal.hasReserve(8000), true);
  for (let count = 0; count < 7; count++) notEqual(wal.append(0, 1, bytes(1000), true), -1);
  equal(wal.append(0, 1, bytes(8)), -1, "the reserve is not for everybody");
  equal(wal.hasReserve(8000), false);
  equal(wal.figures.diskBytes, 3 * SEGMENT_BYTES);
  await log.clock.run(wal.whenDurable(wal.endLsn));
  equal(wal.append(0, 1, bytes(8000), true), -1);
  equal(wal.refusal, "not_ready");
  await log.clock.run(wal.whenRoom());
  notEqual(wal.append(0, 1, bytes(8000), true), -1);
  equal(wal.figures.diskBytes, 4 * SEGMENT_BYTES);
  equal(wal.append(0, 1, bytes(8)), -1, "nor is what lies beyond the bound");
  equal(wal.hasReserve(8), false, "and whoever must not go there has no reserve in it");
  equal(wal.refusal, "log_full");
  await log.clock.run(wal.whenDurable(wal.endLsn));
  wal.free(wal.durableLsn);
  await log.clock.runUntilIdle();
  equal(wal.figures.diskBytes, 3 * SEGMENT_BYTES, "and it is given back");
  notEqual(wal.append(0, 1, bytes(8)), -1);
  await log.clock.run(wal.close());
  equal((await log.recover({ snapshotLsn: wal.oldestLsn })).log.endLsn, wal.endLsn);
});

Deno.test("on a full disk, too, urgent entries have the reserve", async () => {
  const log = new SimLog();
  const wal = await log.open({ reserveBytes: 8192 });
  log.disk.faults.quotaBytes = 2 * SEGMENT_BYTES;
  await fillUp(log, wal, false);
  equal(wal.refusal, "disk_full");
  for (let count = 0; count < 7; count++) notEqual(wal.append(0, 1, bytes(1000), true), -1);
  await log.clock.run(wal.close());
});

Deno.test("a full disk refuses what needs room, keeps what was acknowledged, and is tried again", async () => {
  const log = new SimLog();
  const wal = await log.open();
  log.disk.faults.quotaBytes = 3 * SEGMENT_BYTES;
  const lsns = await log.fill(wal);
  equal(wal.refusal, "disk_full");
  const refusedAt = wal.endLsn;
  equal(wal.append(0, 1, bytes(NEARLY_A_SEGMENT)), -1);
  equal(wal.endLsn, refusedAt);
  deepEqual(log.failures, []);
  log.disk.faults.quotaBytes = Infinity;
  await log.clock.advance(1100);
  lsns.push(await log.append(wal, bytes(NEARLY_A_SEGMENT)));
  equal(lsns.at(-1), refusedAt);
  await log.clock.run(wal.close());
  deepEqual((await log.recover()).told.map(({ lsn }) => lsn), lsns);
});

Deno.test("the next segment is made in pauses while the log has time, and without them when it fills fast", async () => {
  const segmentBytes = 16 * ZEROS_BYTES;
  const isReady = (wal: Wal) => wal.figures.spareCount > 0;
  const log = new SimLog();
  const wal = await log.open({ segmentBytes });
  await log.clock.advance(10);
  ok(!isReady(wal), "nobody needs it yet");
  await log.clock.advance(100);
  ok(isReady(wal));
  await log.append(wal, bytes(segmentBytes / 2));
  await log.append(wal, bytes(segmentBytes / 2));
  ok(!isReady(wal), "the next is in use, and another one being made");
  const beganMs = log.clock.monotonicMs();
  await log.append(wal, bytes(segmentBytes / 2 - 8192));
  await log.append(wal, bytes(segmentBytes / 2));
  ok(log.clock.monotonicMs() - beganMs < 40, "who needs it does not wait for pauses");
  await log.clock.run(wal.close());
});

Deno.test("who finds no room in a segment that has some does not wait for pauses", async () => {
  const segmentBytes = 16 * ZEROS_BYTES;
  const log = new SimLog();
  const wal = await log.open({ segmentBytes });
  await log.append(wal, bytes(segmentBytes / 8));
  equal(wal.append(0, 1, bytes(segmentBytes - 8192)), -1);
  equal(wal.refusal, "not_ready");
  const beganMs = log.clock.monotonicMs();
  await log.append(wal, bytes(segmentBytes - 8192));
  ok(log.clock.monotonicMs() - beganMs < 20);
  await log.clock.run(wal.close());
});

Deno.test("a freed segment is there for use before the one that is being made in pauses", async () => {
  const segmentBytes = 16 * ZEROS_BYTES;
  const log = new SimLog();
  const wal = await log.open({ segmentBytes });
  await log.clock.advance(200);
  await log.append(wal, bytes(segmentBytes - 8192));
  await log.append(wal, bytes(segmentBytes / 8));
  await log.clock.advance(10);
  equal(wal.figures.spareCount, 0, "it is being made");
  wal.free(wal.durableLsn);
  await log.clock.advance(20);
  equal(wal.figures.spareCount, 2);
  await log.clock.run(wal.close());
});

Deno.test("a log is closed while the next segment is made, and leaves nothing of it", async () => {
  const log = new SimLog();
  const wal = await log.open({ segmentBytes: 16 * ZEROS_BYTES });
  await log.clock.advance(10);
  equal(log.disk.list("wal").length, 2);
  const beganMs = log.clock.monotonicMs();
  await log.clock.run(wal.close());
  ok(log.clock.monotonicMs() - beganMs < 3);
  equal(log.disk.list("wal").length, 1);
});
