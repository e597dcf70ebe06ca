/** What a partition knows of its objects and of the log's share, held against a plain model. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { plainObject } from "../../tests/support/plain_object.ts";
import type { StoredObject } from "../objects/stored_object.ts";
import { BatchHeader } from "../records/mod.ts";
import { lacksRecords, lacksRecordsBetween, leaveGapsToObjects } from "./held_records.ts";
import { ObjectList } from "./object_list.ts";
import { PartitionLog } from "./partition_log.ts";
import { PartitionTransactions } from "./partition_transactions.ts";
import { emptyLog, TEST_OWNER } from "./testing/test_log.ts";

function object(baseOffset: number, endOffset: number, fields: Partial<StoredObject> = {}): StoredObject {
  return plainObject(baseOffset, endOffset, {
    sizeBytes: 140,
    dataBytes: 100,
    maxTimestampMs: baseOffset,
    ...fields,
  });
}

function batch(base: number, count: number, bytes: number): BatchHeader {
  const header = new BatchHeader();
  header.baseOffset = base;
  header.lastOffsetDelta = count - 1;
  header.recordCount = count;
  header.lengthBytes = bytes;
  header.producerId = -1;
  return header;
}

Deno.test("objects are found by offset and by time, replaced as a whole and dropped from the front", () => {
  const list = new ObjectList();
  for (let base = 0; base < 50; base += 10) list.push(object(base, base + 10));
  assert.deepEqual([0, 9, 10, 49, 50].map((offset) => list.indexOf(offset)), [0, 0, 1, 4, 5]);
  assert.equal(list.indexOfTimestamp(15, 0), 2);
  assert.equal(list.indexOfTimestamp(41, 0), 5);
  assert.equal(list.dataBytes, 500);

  assert.equal(list.hasBounds(10, 35), false);
  const seal = { footerCrc: 0xffff_ffff, fromLeaderEpoch: 0, toLeaderEpoch: 3 };
  const rewritten = object(10, 40, { generation: 1, dataBytes: 70, isClean: true, deleteHorizonMs: 5, seal });
  assert.deepEqual(list.replace(10, 40, [rewritten]).map(({ baseOffset }) => baseOffset), [10, 20, 30]);
  assert.deepEqual([...list].map(({ baseOffset }) => baseOffset), [0, 10, 40]);
  assert.deepEqual(list.at(1), rewritten);
  assert.equal(list.dataBytes, 270);

  assert.deepEqual(list.dropBelow(39).map(({ endOffset }) => endOffset), [10]);
  const restored = ObjectList.restore(JSON.parse(JSON.stringify(list.rows())));
  assert.deepEqual([...restored], [...list]);
  assert.equal(restored.dataBytes, list.dataBytes);
  assert.throws(() => list.push(object(60, 70)), /no gap/);
});

Deno.test("a log start within a batch leaves the batch to be stored; an object that it has passed is dead at once", () => {
  const log = emptyLog();
  for (let i = 0; i < 4; i++) log.append(batch(i * 10, 10, 100), i * 256, 1000 + i);
  log.moveLogStart(15);
  assert.deepEqual([log.storedEnd, log.unstoredBytes, log.neededLsn(-1)], [15, 300, 256]);
  log.moveLogStart(25);
  const dead = log.objectsStored([object(10, 20), object(20, 30)], 2000);
  assert.deepEqual(dead.map(({ endOffset }) => endOffset), [20]);
  assert.deepEqual([log.storedEnd, log.unstoredBytes, log.unstoredSinceMs], [30, 100, 2000]);
  assert.deepEqual(log.moveLogStart(40).length, 1);
  assert.deepEqual([log.objects.count, log.sizeBytes, log.unstoredSinceMs], [0, 0, Infinity]);
});

Deno.test("epochs and aborted transactions below the log start are forgotten, as in Kafka", () => {
  const log = emptyLog();
  const written = (base: number, epoch: number) => {
    const header = batch(base, 10, 100);
    header.leaderEpoch = epoch;
    log.append(header, base, 0);
  };
  written(0, 0);
  written(10, 2);
  written(20, 5);
  log.moveLogStart(15);
  assert.deepEqual(log.epochs.snapshot(), [{ epoch: 2, startOffset: 15 }, { epoch: 5, startOffset: 20 }]);
  assert.deepEqual(log.epochs.endOf(0, 5, 30), { epoch: 0, endOffset: 15 });
  log.moveLogStart(20);
  assert.deepEqual(log.epochs.snapshot(), [{ epoch: 5, startOffset: 20 }]);
  log.moveLogStart(30);
  assert.deepEqual(log.epochs.snapshot(), [{ epoch: 5, startOffset: 30 }]);

  const transactions = new PartitionTransactions();
  for (const [producerId, firstOffset, markerOffset] of [[1, 0, 9], [2, 10, 19], [3, 12, 25]] as const) {
    transactions.begin(producerId, firstOffset);
    transactions.end(producerId, markerOffset, true);
  }
  transactions.dropBelow(19);
  assert.deepEqual(transactions.abortedRows(0, 100), [2, 10, 19, 3, 12, 25]);
  transactions.dropBelow(20);
  assert.deepEqual(transactions.abortedIn(0, 100), [{ producerId: 3, firstOffset: 12, markerOffset: 25 }]);
});

Deno.test("a place of the log that cannot be read lacks nothing if objects have what was there, and reads go to these", () => {
  const whole = emptyLog();
  for (let i = 0; i < 6; i++) whole.append(batch(i * 10, 10, 100), i * 256, 0);
  whole.objectsStored([object(0, 20), object(20, 30)], 0);
  for (const [lost, isMissing] of [[2, false], [1, false], [3, true], [4, true]] as const) {
    const log = PartitionLog.restore(whole.snapshot(), TEST_OWNER);
    for (let i = 0; i < 6; i++) if (i !== lost) log.index(batch(i * 10, 10, 100), i * 256, 0);
    leaveGapsToObjects(log);
    const lacks = lacksRecords(log) || lacksRecordsBetween(log, lost * 256, (lost + 1) * 256);
    assert.equal(lacks, isMissing, `batch ${lost}`);
    if (!isMissing) assert.equal(log.isStoredOnly(lost * 10), true);
    assert.equal(log.isStoredOnly(50), false);
  }
});

Deno.test("a loss between the objects and the log is accepted once, and closed by the next object", () => {
  const whole = emptyLog();
  for (let i = 0; i < 4; i++) whole.append(batch(i * 10, 10, 100), i * 256, 0);
  whole.objectsStored([object(0, 10)], 0);
  const start = (log: PartitionLog) => {
    const next = PartitionLog.restore(JSON.parse(JSON.stringify(log.snapshot())), TEST_OWNER);
    for (const i of [2, 3]) next.index(batch(i * 10, 10, 100), i * 256, 0);
    return next;
  };
  const lossy = start(whole);
  assert.equal(lacksRecords(lossy), true);
  lossy.giveUpLost();
  assert.deepEqual([lacksRecords(lossy), lossy.logStartOffset, lossy.logEndOffset], [false, 0, 40]);
  const later = start(lossy);
  assert.equal(lacksRecords(later), false);
  assert.equal(later.isStoredOnly(15), false);
  assert.equal(later.batches.baseOffset(later.batches.rowOf(15)), 20);
  later.objectsStored([object(10, 30)], 0);
  assert.deepEqual([later.storedEnd, "gapEndOffset" in later.snapshot()], [30, false]);
  // What is lost later is another matter.
  const again = PartitionLog.restore(lossy.snapshot(), TEST_OWNER);
  again.index(batch(30, 10, 100), 3 * 256, 0);
  assert.equal(lacksRecords(again), true);
});

type Step =
  | { readonly kind: "append"; readonly count: number; readonly bytes: number }
  | { readonly kind: "store" | "start" | "free" | "replace"; readonly share: number }
  | { readonly kind: "restart" };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      count: fc.integer({ min: 1, max: 5 }),
      bytes: fc.integer({ min: 61, max: 500 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("store" as const, "start" as const, "free" as const, "replace" as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

interface ModelBatch {
  readonly header: BatchHeader;
  readonly lsn: number;
}

/** All batches ever, what is stored as ranges, and two numbers. */
class Model {
  readonly batches: ModelBatch[] = [];
  objects: { readonly from: number; readonly to: number; readonly dataBytes: number }[] = [];
  start = 0;
  end = 0;
  oldestLsn = 0;

  get storedEnd(): number {
    return this.objects.at(-1)?.to ?? this.start;
  }

  get unstored(): ModelBatch[] {
    return this.batches.filter(({ header }) => header.lastOffset >= this.storedEnd);
  }

  get held(): ModelBatch[] {
    return this.batches.filter(({ header, lsn }) => lsn >= this.oldestLsn && header.lastOffset >= this.start);
  }
}

function take(log: PartitionLog, model: Model, step: Step): PartitionLog {
  switch (step.kind) {
    case "append": {
      const header = batch(model.end, step.count, step.bytes);
      const lsn = 64 + model.batches.length * 640;
      log.append(header, lsn, 0);
      model.batches.push({ header, lsn });
      model.end += step.count;
      log.raiseHighWatermark(model.end);
      return log;
    }
    case "store": {
      const chosen = model.unstored.slice(0, Math.ceil(model.unstored.length * step.share));
      const [first, last] = [chosen[0], chosen.at(-1)];
      if (first === undefined || last === undefined) return log;
      const dataBytes = chosen.reduce((sum, { header }) => sum + header.lengthBytes, 0);
      const [from, to] = [first.header.baseOffset, last.header.lastOffset + 1];
      log.objectsStored([object(from, to, { dataBytes })], 0);
      model.objects.push({ from, to, dataBytes });
      return log;
    }
    case "start": {
      model.start += Math.floor((model.end - model.start) * step.share * 0.5);
      const dead = log.moveLogStart(model.start);
      const kept = model.objects.filter(({ to }) => to > model.start);
      assert.equal(dead.length, model.objects.length - kept.length);
      model.objects = kept;
      return log;
    }
    case "replace": {
      const from = Math.floor(model.objects.length * step.share * 0.9);
      const chosen = model.objects.slice(from, from + 3);
      const [first, last] = [chosen[0], chosen.at(-1)];
      if (first === undefined || last === undefined) return log;
      const replacement = { from: first.from, to: last.to, dataBytes: 7 };
      log.objectsReplaced(first.from, last.to, [
        object(first.from, last.to, { dataBytes: 7, generation: 1 }),
      ]);
      model.objects.splice(from, chosen.length, replacement);
      return log;
    }
    case "free": {
      const neededLsn = log.neededLsn(64 + model.batches.length * 640);
      model.oldestLsn = Math.max(model.oldestLsn, Math.floor(neededLsn * step.share));
      log.dropFreed(model.oldestLsn);
      return log;
    }
    case "restart": {
      const restored = PartitionLog.restore(JSON.parse(JSON.stringify(log.snapshot())), TEST_OWNER);
      for (const { header, lsn } of model.batches) {
        if (lsn >= model.oldestLsn) restored.index(header, lsn, 0);
      }
      return restored;
    }
  }
}

function compare(log: PartitionLog, model: Model): void {
  const { storedEnd, unstored, held } = model;
  const unstoredBytes = unstored.reduce((sum, { header }) => sum + header.lengthBytes, 0);
  assert.equal(log.storedEnd, storedEnd);
  assert.equal(log.unstoredBytes, unstoredBytes);
  assert.equal(
    log.sizeBytes,
    unstoredBytes + model.objects.reduce((sum, { dataBytes }) => sum + dataBytes, 0),
  );
  assert.equal(log.neededLsn(-1), unstored[0]?.lsn ?? -1);
  assert.deepEqual(
    [...log.objects].map(({ baseOffset, endOffset }) => [baseOffset, endOffset]),
    model.objects.map(({ from, to }) => [from, to]),
  );
  assert.equal(log.batches.rows, held.length);
  assert.equal(lacksRecords(log), false);
  assert.deepEqual([log.logStartOffset, log.logEndOffset], [model.start, model.end]);
  for (let offset = model.start; offset < model.end; offset++) {
    const isHeld = held.some(({ header }) => header.baseOffset <= offset && offset <= header.lastOffset);
    assert.equal(log.isStoredOnly(offset), !isHeld, `offset ${offset}`);
  }
}

Deno.test("whatever is appended, stored, replaced, deleted, freed and restarted, a partition knows where its records are", () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
      const model = new Model();
      let log = emptyLog();
      for (const step of steps) {
        log = take(log, model, step);
        compare(log, model);
      }
    }),
    { numRuns: 300 },
  );
});
