import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";
import { SEGMENT_BYTES, SimLog } from "../../tests/support/sim_log.ts";
import { SimRandom } from "../io/sim/random.ts";
import { KliteError } from "../base/klite_error.ts";
import { ENTRY_HEADER_BYTES, entryBytes, FIRST_LSN } from "./mod.ts";

const NEARLY_A_SEGMENT = SEGMENT_BYTES - 64 - ENTRY_HEADER_BYTES;

function bytes(length: number, fill = 7): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

/** A closed log with an entry of each of these sizes, each in a commit of its own. */
async function logWith(...lengths: number[]): Promise<{ log: SimLog; lsns: number[] }> {
  const log = new SimLog();
  const wal = await log.open();
  const lsns: number[] = [];
  for (const length of lengths) lsns.push(await log.append(wal, bytes(length)));
  await log.clock.run(wal.close());
  return { log, lsns };
}

async function refusal(log: SimLog): Promise<KliteError> {
  try {
    await log.recover();
  } catch (error) {
    if (error instanceof KliteError) return error;
    throw error;
  }
  throw new Error("the log was not refused");
}

Deno.test("a directory without a log is an empty log", async () => {
  const { log: recovered, told } = await new SimLog().recover();
  equal(told.length, 0);
  equal(recovered.endLsn, FIRST_LSN);
  equal(recovered.oldestLsn, FIRST_LSN);
});

Deno.test("recovery changes nothing: it can be repeated", async () => {
  const { log } = await logWith(10, 100, 1000);
  const first = await log.recover();
  deepEqual(await log.recover(), first);
  equal(first.told.length, 3);
});

Deno.test("below the snapshot entries are scanned: the payload's beginning is told", async () => {
  const { log, lsns } = await logWith(500, 10, 500);
  const { told } = await log.recover({ snapshotLsn: lsns[2]! });
  deepEqual(told.map(({ replay }) => replay), [false, false, true]);
  deepEqual(told.map(({ payload }) => payload.length), [64, 10, 500]);
  deepEqual(told.map(({ payloadLength }) => payloadLength), [500, 10, 500]);
});

Deno.test("a log goes on after each start, with entries of all runs told in order", async () => {
  const log = new SimLog();
  const lsns: number[] = [];
  for (let run = 0; run < 5; run++) {
    const wal = await log.open();
    lsns.push(await log.append(wal, bytes(20, run)));
    await log.clock.run(wal.close());
  }
  deepEqual(
    (await log.recover()).told.map(({ lsn, payload }) => [lsn, payload[0]]),
    lsns.map((lsn, run) => [lsn, run]),
  );
});

Deno.test("a torn last commit is cut off, and what it left is not taken up later", async () => {
  const log = new SimLog();
  const wal = await log.open();
  const kept = await log.append(wal, bytes(100));
  for (let count = 0; count < 40; count++) wal.append(0, 1, bytes(472));
  await log.powerCut(0.5);
  const { told } = await log.recover();
  equal(told[0]?.lsn, kept);
  ok(told.length < 41);
  const next = await log.open();
  const lsn = await log.append(next, bytes(472, 1));
  await log.clock.run(next.close());
  deepEqual((await log.recover()).told.map((entry) => entry.lsn), [...told.map((entry) => entry.lsn), lsn]);
});

Deno.test("damage to an entry before the last commit is refused with file, byte and remedy", async () => {
  const { log, lsns } = await logWith(100, 100, 100);
  const position = lsns[0]! - FIRST_LSN + 64;
  log.disk.flipBit("wal/00000001.wal", position + 50, 3);
  const error = await refusal(log);
  equal(error.code, "DATA_DAMAGED");
  ok(error.message.startsWith(`sim/wal/00000001.wal, byte ${position}: `), error.message);
  ok(error.message.includes(`LSN ${lsns[0]}`) && error.message.includes("--accept-data-loss"), error.message);
});

Deno.test("damage at the end of a segment is found by the segment that follows", async () => {
  const { log, lsns } = await logWith(NEARLY_A_SEGMENT, 10);
  log.disk.flipBit("wal/00000002.wal", 64 + 100, 0);
  const error = await refusal(log);
  equal(error.code, "DATA_DAMAGED");
  ok(error.message.includes(`LSN ${lsns[0]}`), error.message);
});

Deno.test("a missing segment is refused: in the middle, at the front, and when the snapshot needs the end", async () => {
  const lengths = [NEARLY_A_SEGMENT, NEARLY_A_SEGMENT, NEARLY_A_SEGMENT, 10];
  const remove = async (path: string, snapshotLsn = 0) => {
    const { log, lsns } = await logWith(...lengths);
    log.disk.remove(path);
    await rejects(log.recover({ snapshotLsn: snapshotLsn === 0 ? 0 : lsns[3]! }), { code: "DATA_DAMAGED" });
  };
  await remove("wal/00000001.wal");
  await remove("wal/00000002.wal");
  await remove("wal/00000004.wal", 1);
});

Deno.test("a log that is gone is refused when there is a snapshot of it", async () => {
  await rejects(new SimLog().recover({ snapshotLsn: 8000 }), { code: "DATA_DAMAGED" });
});

Deno.test("a damaged segment header is refused, also when it is the only segment's", async () => {
  const { log } = await logWith(100, 100, 100);
  log.disk.remove("wal/00000002.wal");
  log.disk.flipBit("wal/00000001.wal", 20, 1);
  equal((await refusal(log)).code, "DATA_DAMAGED");
});

Deno.test("a snapshot that falls into the middle of an entry belongs to another log", async () => {
  const { log, lsns } = await logWith(100, 100);
  await rejects(log.recover({ snapshotLsn: lsns[1]! + 8 }), { code: "INCOMPATIBLE" });
});

Deno.test("another log's files and another format are refused", async () => {
  const { log } = await logWith(10);
  log.logId = new Uint8Array(16).fill(2);
  equal((await refusal(log)).code, "INCOMPATIBLE");
});

Deno.test("half-made and foreign files are no part of the log", async () => {
  const { log, lsns } = await logWith(10);
  log.disk.open("wal/00000009.wal", { create: true }).writeAtSync(bytes(5000, 0), 0);
  log.disk.open("wal/notes.txt", { create: true });
  const { log: recovered, told } = await log.recover();
  deepEqual(told.map(({ lsn }) => lsn), lsns);
  deepEqual(recovered.found.discard, ["wal/00000009.wal"]);
  const wal = await log.open();
  await log.clock.run(wal.close());
  ok(!log.disk.list("wal").includes("00000009.wal"));
  ok(log.disk.list("wal").includes("notes.txt"));
});

Deno.test("accepting the loss cuts the log at the damage, and it works again without the flag", async () => {
  const { log, lsns } = await logWith(100, 100, 100);
  log.disk.flipBit("wal/00000001.wal", lsns[1]! + 50, 3);
  const wal = await log.open({}, { acceptDataLoss: true });
  const lsn = await log.append(wal, bytes(30));
  equal(lsn, lsns[1]! + entryBytes(8));
  await log.clock.run(wal.close());
  deepEqual((await log.recover()).told.map((entry) => entry.lsn), [lsns[0], lsn]);
});

Deno.test("accepting the loss below the snapshot skips what cannot be read and keeps the rest, once and for all", async () => {
  const { log, lsns } = await logWith(100, 100, 100, 100);
  const next = await log.open();
  await log.clock.run(next.close());
  log.disk.flipBit("wal/00000001.wal", lsns[1]! + 2, 3);
  log.disk.flipBit("wal/00000001.wal", lsns[3]! + 2, 3);
  const snapshotLsn = next.endLsn;
  const { log: recovered, told } = await log.recover({ snapshotLsn, acceptDataLoss: true });
  deepEqual(told.map(({ lsn }) => lsn), [lsns[0], lsns[2]]);
  deepEqual(recovered.lost.map(({ fromLsn }) => fromLsn), [lsns[1], lsns[3]]);
  const wal = await log.open({}, { snapshotLsn, acceptDataLoss: true });
  const lsn = await log.append(wal, bytes(5));
  await log.clock.run(wal.close());
  for (const from of [snapshotLsn, 0]) {
    const again = await log.recover({ snapshotLsn: from });
    deepEqual(again.told.map((entry) => entry.lsn), [lsns[0], lsns[2], lsn]);
    deepEqual(again.log.lost, []);
  }
});

Deno.test("accepting the loss of a whole segment below the snapshot joins what is left", async () => {
  for (const harm of ["the file is gone", "its header", "its only entry"]) {
    const { log, lsns } = await logWith(10, NEARLY_A_SEGMENT, NEARLY_A_SEGMENT, 10, 10);
    if (harm === "the file is gone") log.disk.remove("wal/00000002.wal");
    else log.disk.flipBit("wal/00000002.wal", harm === "its header" ? 9 : 64 + 9, 0);
    const snapshotLsn = lsns[4]!;
    const wal = await log.open({}, { snapshotLsn, acceptDataLoss: true });
    const lsn = await log.append(wal, bytes(5));
    await log.clock.run(wal.close());
    const { told } = await log.recover({ snapshotLsn });
    deepEqual(told.map((entry) => entry.lsn), [lsns[0], lsns[2], lsns[3], lsns[4], lsn], harm);
  }
});

Deno.test("accepting the loss of all beyond an older state goes on behind the snapshot", async () => {
  const log = new SimLog();
  const wal = await log.open({}, { snapshotLsn: 80_000, acceptDataLoss: true });
  equal(wal.oldestLsn, 80_000);
  const lsn = await log.append(wal, bytes(10));
  ok(lsn > 80_000);
  await log.clock.run(wal.close());
  deepEqual((await log.recover({ snapshotLsn: 80_000 })).told.map((entry) => entry.lsn), [lsn]);
});

Deno.test("the segment size may change between starts", async () => {
  const log = new SimLog();
  const lsns: number[] = [];
  for (const segmentBytes of [SEGMENT_BYTES, 4 * SEGMENT_BYTES, SEGMENT_BYTES]) {
    const wal = await log.open({ segmentBytes });
    lsns.push(await log.append(wal, bytes(30_000)));
    lsns.push(await log.append(wal, bytes(40_000)));
    await log.clock.run(wal.close());
  }
  deepEqual((await log.recover()).told.map(({ lsn }) => lsn), lsns);
});

Deno.test("sizes that make no sense are refused", async () => {
  const open = (options: Parameters<SimLog["open"]>[0]) => new SimLog().open(options);
  await rejects(open({ segmentBytes: 100_000 }), { code: "BAD_CONFIG" });
  await rejects(open({ segmentBytes: 4096 }), { code: "BAD_CONFIG" });
  await rejects(open({ maxDiskBytes: SEGMENT_BYTES }), { code: "BAD_CONFIG" });
});

Deno.test("a log that finds no room for its first segment says so, and may be opened later", async () => {
  const log = new SimLog();
  log.disk.faults.quotaBytes = 1000;
  await rejects(log.open(), { code: "DISK_FULL", retriable: true });
  log.disk.faults.quotaBytes = Infinity;
  const wal = await log.open();
  notEqual(await log.append(wal, bytes(10)), -1);
  await log.clock.run(wal.close());
});

Deno.test("whatever bytes the files hold, recovery ends with a log or a clear refusal", async () => {
  const random = new SimRandom(11);
  let refused = 0;
  for (let run = 0; run < 150; run++) {
    const { log } = await logWith(10, 2000, NEARLY_A_SEGMENT, 300, 20_000, 40);
    for (let harms = 1 + random.below(3); harms > 0; harms--) {
      const file = log.disk.open(`wal/${random.pick(log.disk.list("wal"))}`);
      const position = random.chance(0.3) ? random.below(200) : random.below(SEGMENT_BYTES);
      file.writeAtSync(random.bytes(1 + random.below(300)), position);
      file.close();
    }
    try {
      await log.recover();
    } catch (error) {
      if (!(error instanceof KliteError)) throw error;
      equal(error.code, "DATA_DAMAGED");
      refused++;
    }
    const wal = await log.open({}, { acceptDataLoss: true });
    notEqual(await log.append(wal, bytes(10)), -1);
    await log.clock.run(wal.close());
    await log.recover();
  }
  ok(refused > 30, `${refused}`);
});
