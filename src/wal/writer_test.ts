import { deepEqual, equal, notEqual, ok, rejects, throws } from "node:assert/strict";
import { bytes, NEARLY_A_SEGMENT, SEGMENT_BYTES, SimLog } from "../../tests/support/sim_log.ts";
import { crc32c } from "../base/crc32c.ts";
import { ENTRY_HEADER_BYTES, entryBytes, FIRST_LSN } from "./mod.ts";

Deno.test("LSNs are addresses: each entry begins where the one before ends, across segments too", async () => {
  const log = new SimLog();
  const wal = await log.open();
  let expected = wal.endLsn;
  for (const length of [0, 1, 8, 1000, 30_000, 50_000, 7]) {
    equal(await log.append(wal, bytes(length)), expected);
    expected += entryBytes(length);
    equal(wal.endLsn, expected);
  }
  ok(wal.figures.segmentCount > 1);
  await log.clock.run(wal.close());
});

Deno.test("an entry built in place in the log's memory reads back", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const payload = Uint8Array.from({ length: 100 }, (_, index) => index);
  const position = wal.begin(payload.length);
  wal.image.set(payload, position);
  wal.image[position] = 99;
  payload[0] = 99;
  const lsn = wal.end(5, 2, 61, crc32c(payload, 21, 100), 21);
  deepEqual(wal.view(lsn + ENTRY_HEADER_BYTES, 100), payload);
  await log.clock.run(wal.close());
  const { told } = await log.recover();
  deepEqual(told, [
    { lsn, stream: 5, kind: 2, payloadLength: 100, prefixBytes: 61, replay: true, payload },
  ]);
});

Deno.test("an entry that was begun and not ended leaves no trace", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const before = wal.endLsn;
  wal.image.set(bytes(50, 3), wal.begin(50));
  equal(await log.append(wal, bytes(10)), before);
  await log.clock.run(wal.close());
  equal((await log.recover()).told.length, 1);
});

Deno.test("what is appended during a sync becomes durable with the next, in one commit", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const commitsBefore = wal.figures.commitCount;
  wal.append(0, 1, bytes(10));
  const firstEnd = wal.endLsn;
  await log.clock.settle();
  for (let count = 0; count < 50; count++) wal.append(0, 1, bytes(10));
  await log.clock.run(wal.whenDurable(wal.endLsn));
  equal(wal.figures.commitCount - commitsBefore, 2);
  deepEqual(log.durable.slice(-2), [firstEnd, wal.endLsn]);
  await log.clock.run(wal.close());
});

Deno.test("whoever waits for the commit under way is not kept for the next", async () => {
  const log = new SimLog();
  const wal = await log.open();
  wal.append(0, 1, bytes(10));
  const firstEnd = wal.endLsn;
  await log.clock.settle();
  wal.append(0, 1, bytes(10));
  const middle = wal.endLsn;
  const gathered = wal.whenDurable(middle);
  wal.append(0, 1, bytes(10));
  const last = wal.whenDurable(wal.endLsn);
  equal(last, gathered, "one promise for all who wait for a commit");
  await log.clock.run(wal.whenDurable(firstEnd));
  equal(wal.durableLsn, firstEnd);
  await log.clock.run(gathered);
  equal(wal.durableLsn, wal.endLsn);
  await last;
  await log.clock.run(wal.close());
});

Deno.test("an idle log commits at once; with a sync interval it waits that long for more, unless much is there", async () => {
  for (const syncIntervalMs of [0, 100]) {
    const log = new SimLog();
    const wal = await log.open({ syncIntervalMs });
    const waitOf = async (payload: Uint8Array) => {
      const startMs = log.clock.monotonicMs();
      await log.append(wal, payload);
      return log.clock.monotonicMs() - startMs;
    };
    const waitMs = await waitOf(bytes(10));
    ok(syncIntervalMs === 0 ? waitMs < 70 : waitMs >= 100 && waitMs < 170, `waited ${waitMs} ms`);
    await log.clock.run(wal.close());
  }
  const log = new SimLog();
  const wal = await log.open({ syncIntervalMs: 10_000, segmentBytes: 4 << 20 });
  const startMs = log.clock.monotonicMs();
  for (let count = 0; count < 20; count++) wal.append(0, 1, bytes(60_000));
  await log.clock.run(wal.whenDurable(wal.endLsn));
  ok(log.clock.monotonicMs() - startMs < 1000);
  await log.clock.run(wal.close());
});

Deno.test("an entry larger than a segment is refused for good", async () => {
  const log = new SimLog();
  const wal = await log.open();
  equal(wal.begin(NEARLY_A_SEGMENT + 1), -1);
  equal(wal.refusal, "too_large");
  notEqual(await log.append(wal, bytes(NEARLY_A_SEGMENT)), -1);
  await log.clock.run(wal.close());
});

Deno.test("a producer faster than the disk is told to wait, and goes on", async () => {
  const log = new SimLog();
  const wal = await log.open();
  while (wal.append(0, 1, bytes(20_000)) !== -1);
  equal(wal.refusal, "not_ready");
  await log.clock.run(wal.whenRoom());
  notEqual(await log.append(wal, bytes(20_000)), -1);
  await log.clock.run(wal.close());
});

Deno.test("a segment that is held stays as it is although it is freed", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const lsns = await log.fill(wal, 3);
  const held = wal.hold(lsns[0]! + 8);
  deepEqual([held.baseLsn, held.endLsn], [lsns[0]!, lsns[1]!]);
  const before = log.readFile(held.path).slice();
  wal.free(lsns[2]!);
  await log.clock.runUntilIdle();
  deepEqual(log.readFile(held.path), before);
  const payload = held.positionOf(lsns[0]!) + ENTRY_HEADER_BYTES;
  deepEqual(before.subarray(payload, payload + 100), bytes(100));
  held.release();
  await log.clock.runUntilIdle();
  notEqual(log.readFile(held.path).slice(0, 64).join(), before.slice(0, 64).join());
  throws(() => wal.hold(lsns[0]!), { code: "NOT_FOUND" });
  await log.clock.run(wal.close());
});

Deno.test("after a failed sync nothing is acknowledged or accepted, and it is said once", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const durable = log.durable.length;
  log.disk.faults.syncFailures = 1;
  wal.append(0, 1, bytes(10));
  const waiting = wal.whenDurable(wal.endLsn);
  await rejects(log.clock.run(waiting), { code: "DISK_FAILED" });
  await rejects(wal.whenDurable(wal.endLsn), { code: "DISK_FAILED" }, "whoever asks later is told, too");
  equal(wal.append(0, 1, bytes(10)), -1);
  equal(wal.refusal, "failed");
  await log.clock.runUntilIdle();
  equal(log.failures.length, 1);
  equal(log.durable.length, durable);
  await log.clock.run(wal.close());
});

Deno.test("what is written without a sync survives a killed process, in the order of the segments", async () => {
  const log = new SimLog();
  const wal = await log.open();
  await log.clock.runUntilIdle();
  equal(wal.write(), wal.endLsn);
  wal.append(0, 1, bytes(100));
  await log.clock.settle();
  // The sync of the first is under way.
  const lsn = wal.append(0, 1, bytes(200));
  equal(wal.write(), wal.endLsn);
  const before = wal.endLsn;
  ok(wal.append(0, 1, bytes(NEARLY_A_SEGMENT)) !== -1);
  equal(wal.write(), before, "nothing of a segment is written before the one before is durable");
  log.disk = log.disk.restart({ clock: log.clock, random: log.random });
  const { told } = await log.recover();
  equal(told.at(-1)?.lsn, lsn);
});

Deno.test("writing without a sync waits for a commit that goes straight to the device, for it could be overtaken", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const lsn = wal.append(0, 1, bytes(100));
  await log.clock.settle();
  wal.append(0, 1, bytes(200));
  equal(wal.write(), lsn);
  await log.clock.run(wal.whenDurable(lsn + entryBytes(100)));
  equal(wal.write(), wal.endLsn);
  await log.clock.run(wal.close());
});

Deno.test("commits of every size and place read back, whatever was appended while they were written", async () => {
  const segmentBytes = 1 << 20;
  const log = new SimLog();
  const wal = await log.open({ segmentBytes });
  const lengths = [1, 3000, 5000, 60_000, 70_000, 200_000, 4096 - ENTRY_HEADER_BYTES, 100, 300_000, 9];
  for (const [index, length] of [...lengths, ...lengths].entries()) {
    while (wal.append(index, 1, bytes(length, index)) === -1) await log.clock.run(wal.whenRoom());
    await log.clock.settle();
    wal.append(index, 2, bytes(20, index));
    if (index % 3 === 0) await log.clock.run(wal.whenDurable(wal.endLsn));
  }
  await log.clock.run(wal.close());
  await log.powerCut(0);
  const { told } = await log.recover();
  const kept = told.filter(({ kind }) => kind === 1).map(({ payloadLength }) => payloadLength);
  deepEqual(kept, [...lengths, ...lengths]);
});

Deno.test("a failed write stops the log, too", async () => {
  const log = new SimLog();
  const wal = await log.open();
  log.disk.faults.writeFailures = 1;
  wal.append(0, 1, bytes(10));
  await rejects(log.clock.run(wal.whenDurable(wal.endLsn)), { code: "DISK_FAILED" });
  equal(log.failures.length, 1);
  await log.clock.run(wal.close());
});

Deno.test("an old segment leaves memory and is read from its file, alike", async () => {
  const log = new SimLog();
  const wal = await log.open({ memoryBytes: 2 * SEGMENT_BYTES });
  const payload = Uint8Array.from({ length: 500 }, (_, index) => index);
  const lsn = await log.append(wal, payload);
  const fromMemory = wal.view(lsn, ENTRY_HEADER_BYTES + 500)!.slice();
  await log.fill(wal, 3);
  equal(wal.view(lsn, 8), null);
  const fromFile = new Uint8Array(ENTRY_HEADER_BYTES + 500);
  equal(await log.clock.run(wal.read(lsn, fromFile)), fromFile.length);
  deepEqual(fromFile, fromMemory);
  await log.clock.run(wal.close());
});

Deno.test("every segment can be read, however many there are", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const lsns = await log.fill(wal, 25);
  const into = new Uint8Array(lsns.length * 100);
  await log.clock.run(Promise.all(lsns.map((lsn, index) => {
    return wal.read(lsn + ENTRY_HEADER_BYTES, into.subarray(index * 100, (index + 1) * 100));
  })));
  deepEqual(into, bytes(into.length));
  await log.clock.run(wal.close());
});

Deno.test("a read stops at the end of a segment and of the log, and refuses what was freed", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const [first, second] = await log.fill(wal, 2);
  const into = new Uint8Array(SEGMENT_BYTES * 3);
  equal(await log.clock.run(wal.read(second!, into)), entryBytes(NEARLY_A_SEGMENT));
  equal(await log.clock.run(wal.read(wal.endLsn, into)), 0);
  wal.free(second!);
  await rejects(log.clock.run(wal.read(first!, into)), { code: "NOT_FOUND" });
  await log.clock.run(wal.close());
});

Deno.test("a segment is recycled only when nobody reads it any more", async () => {
  const log = new SimLog();
  const wal = await log.open({ memoryBytes: 2 * SEGMENT_BYTES, maxDiskBytes: 4 * SEGMENT_BYTES });
  const lsns = await log.fill(wal);
  const into = new Uint8Array(100);
  const reading = wal.read(lsns[0]! + ENTRY_HEADER_BYTES, into);
  wal.free(lsns[1]!);
  const before = log.readFile("wal/00000002.wal").slice(0, 64);
  await log.clock.settle();
  deepEqual(log.readFile("wal/00000002.wal").slice(0, 64), before);
  await log.clock.run(reading);
  deepEqual(into, bytes(100));
  await log.clock.runUntilIdle();
  notEqual(log.readFile("wal/00000002.wal").slice(0, 64).join(), before.join());
  await log.clock.run(wal.close());
});

Deno.test("the newest segment on disk is never freed, however little of the next is there", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const [first] = await log.fill(wal, 1);
  await log.clock.runUntilIdle();
  notEqual(wal.append(0, 1, bytes(10)), -1);
  wal.free(wal.durableLsn);
  equal(wal.oldestLsn, first);
  await log.clock.run(wal.whenDurable(wal.endLsn));
  wal.free(wal.durableLsn);
  ok(wal.oldestLsn > first!);
  await log.clock.run(wal.close());
});

Deno.test("closing commits what was appended and refuses what comes after", async () => {
  const log = new SimLog();
  const wal = await log.open({ syncIntervalMs: 60_000 });
  const lsn = wal.append(3, 4, bytes(10));
  await log.clock.run(wal.close());
  equal(wal.append(3, 4, bytes(10)), -1);
  equal(wal.refusal, "failed");
  deepEqual(log.failures, []);
  await log.powerCut(0);
  deepEqual((await log.recover()).told.map((entry) => entry.lsn), [lsn]);
});

Deno.test("misuse is a broken invariant: an end without a begin, the log's own kind, freeing what is not durable", async () => {
  const log = new SimLog();
  const wal = await log.open();
  throws(() => wal.end(0, 1, 0, 0));
  wal.begin(0);
  throws(() => wal.end(0, 0, 0, 0));
  throws(() => wal.free(wal.endLsn + 8));
  await log.clock.run(wal.close());
});

Deno.test("the figures count commits, bytes and segments", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const before = wal.figures;
  await log.append(wal, bytes(100));
  const after = wal.figures;
  equal(after.commitCount, before.commitCount + 1);
  equal(after.syncedBytes - before.syncedBytes, entryBytes(100));
  equal(after.segmentCount, 1);
  ok(after.lastSyncMs > 0);
  equal(wal.oldestLsn, FIRST_LSN);
  await log.clock.run(wal.close());
});
