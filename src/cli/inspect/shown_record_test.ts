import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { buildBatch } from "../../records/compress.ts";
import {
  batchAt,
  buildControlBatch,
  Compression,
  EndMarker,
  recomputeCrc,
  restampTimestamps,
  TimestampType,
} from "../../records/mod.ts";
import { recordsOf } from "./shown_record.ts";

const value = new TextEncoder().encode("value");
const records = [0, 1, 2].map((number) => ({ key: null, value, timestampMs: 1000 + number }));

Deno.test("records of every codec are shown with what their batch says of them", () => {
  for (const [name, compression] of Object.entries(Compression)) {
    const fields = {
      compression,
      baseOffset: 10,
      leaderEpoch: 3,
      producerId: 7,
      producerEpoch: 1,
      baseSequence: 2 ** 31 - 1,
    };
    const all = Array.from(recordsOf(buildBatch(records, fields), 11), (record) => {
      ok(!("damaged" in record));
      const { offset, timestampMs, timestampType, leaderEpoch, producer } = record;
      strictEqual(record.compression, name.toLowerCase());
      return [offset, timestampMs, timestampType, leaderEpoch, producer?.sequence];
    });
    deepStrictEqual(all, [[11, 1001, "create", 3, 0], [12, 1002, "create", 3, 1]]);
  }
});

Deno.test("the time is the broker's where the batch says so", () => {
  const batch = buildBatch(records);
  restampTimestamps(batch, 0, TimestampType.LOG_APPEND_TIME, 5000);
  const times = Array.from(recordsOf(batch, 0), (record) => "damaged" in record ? null : record.timestampMs);
  deepStrictEqual(times, [5000, 5000, 5000]);
});

Deno.test("control records are named, also those that klite does not write", () => {
  const fields = {
    coordinatorEpoch: 4,
    producerId: 1,
    producerEpoch: 0,
    timestampMs: 1,
    marker: EndMarker.ABORT,
  };
  const batch = buildControlBatch(fields);
  const control = () =>
    Array.from(recordsOf(batch, 0), (record) => "control" in record ? record.control : record);
  deepStrictEqual(control(), [{ type: "abort", coordinatorEpoch: 4 }]);
  // The last byte of the key, which stands behind six bytes of the record.
  const at = batch.indexOf(0, 61 + 5) + 3;
  batch[at] = 2;
  recomputeCrc(batch, 0);
  deepStrictEqual(control(), [{ type: "leader change", coordinatorEpoch: null }]);
  batch[at] = 77;
  recomputeCrc(batch, 0);
  deepStrictEqual(control(), [{ type: "control 77", coordinatorEpoch: null }]);
});

Deno.test("whatever is wrong with a batch is told in one item, and never thrown", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(Compression)),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.nat(),
      (compression, flips, hasRightSum, cut) => {
        const batch = buildBatch(records, { compression });
        for (const [at, bits] of flips) batch[at % batch.length]! ^= bits;
        if (hasRightSum && batchAt(batch, 0, batch.length) > 0) recomputeCrc(batch, 0);
        const found = Array.from(recordsOf(cut % 3 === 0 ? batch.subarray(0, cut % batch.length) : batch, 0));
        ok(found.filter((each) => "damaged" in each).length <= 1);
      },
    ),
  );
});

Deno.test("a batch that does not unpack is told with its codec", () => {
  const batch = buildBatch(records, { compression: Compression.GZIP, baseOffset: 5 });
  batch.fill(0, 61);
  recomputeCrc(batch, 0);
  const [damaged] = recordsOf(batch, 0);
  ok(damaged !== undefined && "damaged" in damaged);
  strictEqual(damaged.offset, 5);
  match(damaged.damaged, /is not gzip/);
});
