import assert from "node:assert/strict";
import { plainObject } from "../../../tests/support/plain_object.ts";
import { topicSettings } from "../../cluster/configs/topic_configs.ts";
import { PartitionLog } from "../../log/mod.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import { BatchHeader } from "../../records/outside.ts";
import { buildBatch } from "../../records/compress.ts";
import { planCompaction, worthJoining } from "./compaction_plan.ts";

const MIB = 2 ** 20;
const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const limits = { minDirtyObjects: 2, targetObjectBytes: 64 * MIB };

/** A partition with these objects of ten offsets each. */
function logWith(...objects: Partial<StoredObject>[]): PartitionLog {
  const log = new PartitionLog(1, { topic: { name: "t", id: "i" }, index: 0 });
  for (let offset = 0; offset < objects.length * 10; offset++) {
    const batch = buildBatch([{ timestampMs: NOW_MS }], { baseOffset: offset });
    log.append(new BatchHeader().read(batch, 0), offset, NOW_MS);
  }
  log.raiseHighWatermark(log.logEndOffset);
  const stored = objects.map((changes, index) =>
    plainObject(index * 10, index * 10 + 10, {
      sizeBytes: changes.dataBytes ?? 60 * MIB,
      dataBytes: 60 * MIB,
      batchCount: 10,
      maxTimestampMs: NOW_MS,
      ...changes,
    })
  );
  log.objectsStored(stored, NOW_MS);
  return log;
}

function planOf(log: PartitionLog, configs: Record<string, string> = {}) {
  const settings = topicSettings(new Map(Object.entries({ "cleanup.policy": "compact", ...configs })));
  const task = planCompaction(log, settings, limits, NOW_MS);
  return task === null ? null : [task.mode, ...task.objects.map(({ baseOffset }) => baseOffset)];
}

const clean = { isClean: true };

Deno.test("a partition is cleaned from its first object once it is dirty enough", () => {
  assert.deepEqual(planOf(logWith({}, {})), ["clean", 0, 10]);
  assert.deepEqual(planOf(logWith(clean, {}, {})), ["clean", 0, 10, 20]);
  assert.equal(planOf(logWith(clean, clean, clean, {}, {})), null, "two of five are not more than half");
  const eager = { "min.cleanable.dirty.ratio": "0.1" };
  assert.deepEqual(planOf(logWith(clean, clean, clean, {}, {}), eager), ["clean", 0, 10, 20, 30, 40]);
  assert.equal(planOf(logWith({})), null, "one object is too few");
  assert.equal(planOf(logWith({ generation: 1 }))?.[0], "clean", "but not one that was many");
  assert.equal(planOf(logWith({}, {}), { "cleanup.policy": "delete" }), null);
});

Deno.test("what is younger than min.compaction.lag.ms is not cleaned, nor what is behind it", () => {
  const old = { maxTimestampMs: NOW_MS - 2 * HOUR_MS };
  const lag = { "min.compaction.lag.ms": String(HOUR_MS) };
  assert.deepEqual(planOf(logWith(old, old, {}, old), lag), ["clean", 0, 10]);
  assert.equal(planOf(logWith({}, old, old), lag), null);
});

Deno.test("what has waited for max.compaction.lag.ms is cleaned, however clean the rest is", () => {
  const old = { maxTimestampMs: NOW_MS - 2 * HOUR_MS };
  const log = logWith(clean, clean, clean, old);
  assert.equal(planOf(log), null);
  assert.equal(planOf(log, { "max.compaction.lag.ms": String(HOUR_MS) })?.[0], "clean");
  assert.equal(planOf(log, { "max.compaction.lag.ms": String(3 * HOUR_MS) }), null);
});

Deno.test("what an open transaction has begun in is not cleaned", () => {
  const log = logWith({}, {}, {});
  const batch = buildBatch([{ timestampMs: NOW_MS }], {
    ...{ baseOffset: 30, isTransactional: true, producerId: 1, producerEpoch: 0, baseSequence: 0 },
  });
  log.append(new BatchHeader().read(batch, 0), 100, NOW_MS);
  log.raiseHighWatermark(31);
  assert.deepEqual(planOf(log), ["clean", 0, 10, 20]);
  const object = { ...log.objects.at(2), baseOffset: 30, endOffset: 31 };
  log.objectsStored([object], NOW_MS);
  assert.deepEqual(planOf(log), ["clean", 0, 10, 20]);
});

Deno.test("objects with tombstones or markers past their time are written anew, neighbours together", () => {
  const due = { ...clean, deleteHorizonMs: NOW_MS };
  const later = { ...clean, deleteHorizonMs: NOW_MS + 1 };
  assert.deepEqual(planOf(logWith(later, due, due, later, due)), ["expire", 10, 20]);
  assert.equal(planOf(logWith(later, clean)), null);
});

Deno.test("many small neighbours are joined, whatever the policy, clean ones apart from others", () => {
  const small = { dataBytes: MIB };
  const many = Array.from({ length: 16 }, () => small);
  const policy = { "cleanup.policy": "delete" };
  assert.deepEqual(planOf(logWith({}, ...many, {}), policy)?.slice(0, 2), ["join", 10]);
  assert.equal(planOf(logWith({}, ...many.slice(1), {}), policy), null);
  const half = many.slice(8);
  assert.equal(planOf(logWith(...half.map((object) => ({ ...object, ...clean })), ...half), policy), null);
});

Deno.test("a look at a partition that needs nothing makes none of its objects", () => {
  const small = { ...clean, dataBytes: MIB };
  const log = logWith(...Array.from({ length: 15 }, () => small), clean, clean);
  log.objects.at = () => assert.fail("it is looked at as it is");
  assert.equal(planOf(log), null);
  assert.equal(planOf(log, { "cleanup.policy": "delete" }), null);
});

Deno.test("records are joined a logarithmic number of times, and objects stay few", () => {
  const flushed = 1000;
  let rewrittenBytes = 0;
  let most = 0;
  let objects: StoredObject[] = [];
  const rounds = 20_000;
  const first = { ...logWith({}).objects.at(0), sizeBytes: flushed };
  for (let round = 0; round < rounds; round++) {
    objects.push({ ...first });
    const joined = worthJoining(objects);
    if (joined !== null) {
      const sizeBytes = joined.reduce((sum, object) => sum + object.sizeBytes, 0);
      rewrittenBytes += sizeBytes;
      const at = objects.indexOf(joined[0]!);
      objects = objects.toSpliced(at, joined.length, { ...joined[0]!, sizeBytes });
    }
    most = Math.max(most, objects.length);
  }
  assert.ok(
    rewrittenBytes / (rounds * flushed) < Math.log2(rounds),
    `${rewrittenBytes / (rounds * flushed)}`,
  );
  assert.ok(most < 16 * Math.log2(rounds), `${most} objects`);
});
