import assert from "node:assert/strict";
import fc from "fast-check";
import { plainObject } from "../../../tests/support/plain_object.ts";
import type { PartitionLog } from "../../log/mod.ts";
import { emptyLog } from "../../log/testing/test_log.ts";
import { buildBatch } from "../../records/compress.ts";
import { BatchHeader } from "../../records/outside.ts";
import { retainedFrom } from "./retention.ts";

const NOW_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;

/** A batch of a few records that are so old. */
interface Piece {
  readonly records: number;
  /** `null` for one without a time. */
  readonly ageMs: number | null;
}

/** A log of these batches, the first ones in objects of two; all but the last ones are visible. */
function logOf(pieces: readonly Piece[], inObjects = 0, invisible = 0): PartitionLog {
  const log = emptyLog();
  const header = new BatchHeader();
  for (const { records, ageMs } of pieces) {
    const timestampMs = ageMs === null ? -1 : NOW_MS - ageMs;
    const batch = buildBatch(Array.from({ length: records }, () => ({ timestampMs })));
    new DataView(batch.buffer, batch.byteOffset).setBigInt64(0, BigInt(log.logEndOffset));
    log.append(header.read(batch, 0), log.logEndOffset, NOW_MS);
  }
  const { batches } = log;
  const visible = pieces.length - invisible;
  if (visible > 0) log.raiseHighWatermark(batches.lastOffset(visible - 1) + 1);
  for (let row = 0; row < Math.min(inObjects, visible); row += 2) {
    const last = Math.min(row + 1, visible - 1);
    let dataBytes = 0;
    for (let at = row; at <= last; at++) dataBytes += batches.lengthBytes(at);
    const times = [batches.maxTimestampMs(row), batches.maxTimestampMs(last)];
    const object = plainObject(batches.baseOffset(row), batches.lastOffset(last) + 1, {
      sizeBytes: dataBytes + 100,
      dataBytes,
      batchCount: last + 1 - row,
      maxTimestampMs: Math.max(...times),
    });
    log.objectsStored([object], NOW_MS);
  }
  return log;
}

const DAYS = { deletesRecords: true, retentionMs: 7 * DAY_MS, retentionBytes: -1 };
const old = (days: number, records = 1): Piece => ({ records, ageMs: days * DAY_MS });

Deno.test("records go when they are older than retention.ms, from the front only", () => {
  const log = logOf([old(9), old(8, 3), old(6), old(8)]);
  assert.equal(retainedFrom(log, DAYS, NOW_MS).offset, 4);
  assert.equal(retainedFrom(log, DAYS, NOW_MS - 2 * DAY_MS).offset, 0);
  assert.equal(retainedFrom(log, DAYS, NOW_MS + 2 * DAY_MS).offset, 6);
});

Deno.test("no retention touches a topic without it, or whose cleanup.policy does not delete", () => {
  const log = logOf([old(9), old(8)]);
  assert.equal(retainedFrom(log, { ...DAYS, retentionMs: -1 }, NOW_MS).offset, 0);
  assert.equal(retainedFrom(log, { ...DAYS, deletesRecords: false }, NOW_MS).offset, 0);
});

Deno.test("an object goes as a whole, by its newest record", () => {
  const log = logOf([old(9), old(8), old(8), old(6)], 4);
  assert.equal(log.objects.count, 2);
  assert.equal(retainedFrom(log, DAYS, NOW_MS).offset, 2);
});

Deno.test("as much goes as leaves no less than retention.bytes", () => {
  const log = logOf([old(0), old(0), old(0), old(0)]);
  const batchBytes = log.batches.lengthBytes(0);
  const from = (retentionBytes: number) =>
    retainedFrom(log, { deletesRecords: true, retentionMs: -1, retentionBytes }, NOW_MS).offset;
  assert.equal(from(4 * batchBytes), 0);
  assert.equal(from(4 * batchBytes - 1), 0);
  assert.equal(from(3 * batchBytes), 1);
  assert.equal(from(2 * batchBytes + 1), 1);
  assert.equal(from(0), 4);
  assert.equal(from(-1), 0);
});

Deno.test("what is not visible yet stays, however old", () => {
  assert.equal(retainedFrom(logOf([old(9), old(9), old(9)], 0, 2), DAYS, NOW_MS).offset, 1);
});

Deno.test("a record without a time goes with what comes behind it", () => {
  const timeless = { records: 1, ageMs: null };
  assert.equal(retainedFrom(logOf([timeless, timeless, old(9), old(1)]), DAYS, NOW_MS).offset, 3);
  assert.equal(retainedFrom(logOf([timeless, old(1)]), DAYS, NOW_MS).offset, 0);
  assert.equal(retainedFrom(logOf([timeless, timeless]), DAYS, NOW_MS).offset, 0);
});

Deno.test("a log that is too long for one look is looked at again", () => {
  const log = logOf(Array.from({ length: 10_500 }, () => old(9)));
  const kept = retainedFrom(log, DAYS, NOW_MS);
  assert.deepEqual(kept, { offset: 10_000, hasMore: true });
  log.moveLogStart(kept.offset);
  assert.deepEqual(retainedFrom(log, DAYS, NOW_MS), { offset: 10_500, hasMore: false });
});

Deno.test("whatever the log, what is dropped had to go, and what is kept had not", () => {
  const piece = fc.record({
    records: fc.integer({ min: 1, max: 4 }),
    ageMs: fc.oneof(fc.constant(null), fc.integer({ min: -DAY_MS, max: 10 * DAY_MS })),
  });
  const scenario = fc.record({
    pieces: fc.array(piece, { maxLength: 12 }),
    inObjects: fc.integer({ min: 0, max: 12 }),
    invisible: fc.integer({ min: 0, max: 4 }),
    retentionMs: fc.constantFrom(-1, 0, DAY_MS, 7 * DAY_MS),
    retentionBytes: fc.constantFrom(-1, 0, 200, 600),
  });
  fc.assert(fc.property(scenario, ({ pieces, inObjects, invisible, retentionMs, retentionBytes }) => {
    const log = logOf(pieces, inObjects, Math.min(invisible, pieces.length));
    const before = log.sizeBytes;
    const { offset } = retainedFrom(log, { deletesRecords: true, retentionMs, retentionBytes }, NOW_MS);
    assert.ok(offset <= log.highWatermark);
    const times = Array.from({ length: log.batches.rows }, (_, row) => row)
      .filter((row) => log.batches.lastOffset(row) < offset)
      .map((row) => log.batches.maxTimestampMs(row));
    log.moveLogStart(offset);
    if (retentionMs === -1 && retentionBytes === -1) assert.equal(offset, 0);
    if (retentionBytes >= 0 && log.sizeBytes < retentionBytes && offset > 0) {
      assert.ok(retentionMs >= 0, "the limit of bytes alone leaves as much as it says");
    }
    if (retentionBytes === -1) {
      assert.ok(times.every((timeMs) => timeMs < NOW_MS - retentionMs), "what went was old");
    }
    if (retentionMs === 0 && retentionBytes === 0 && invisible === 0) assert.equal(offset, log.logEndOffset);
    assert.ok(log.sizeBytes <= before);
    const again = retainedFrom(log, { deletesRecords: true, retentionMs, retentionBytes }, NOW_MS);
    assert.equal(again.offset, log.logStartOffset, "one look is enough");
  }));
});
