import { deepEqual, equal, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { assignOffsets, type DataRecord, decodeFile, encodeFrame, eraseTimestamps } from "./data_record.ts";
import { makeDataSet } from "./data_set.ts";

const RECORD: DataRecord = {
  partition: 2,
  offset: 7,
  timestampMs: 1_700_000_000_000,
  key: null,
  value: new Uint8Array(),
  headers: [{ name: "naïve", value: null }, { name: "naïve", value: Uint8Array.of(0, 255) }],
};

Deno.test("a record comes back from a file as it went in", () => {
  const records = makeDataSet({ count: 300, seed: 5, partitions: 3, baseTimeMs: 1_700_000_000_000 });
  const file = Buffer.concat([RECORD, ...records].map(encodeFrame));
  deepEqual(decodeFile(new Uint8Array(file)), [RECORD, ...records]);
});

Deno.test("a file cut inside a frame is refused", () => {
  const frame = encodeFrame(RECORD);
  throws(() => decodeFile(frame.subarray(0, frame.length - 1)), /ends inside the frame at 0/);
});

Deno.test("erasing timestamps touches nothing else", () => {
  const file = new Uint8Array(Buffer.concat([encodeFrame(RECORD), encodeFrame(RECORD)]));
  eraseTimestamps(file);
  const expected = { ...RECORD, timestampMs: 0 };
  deepEqual(decodeFile(file), [expected, expected]);
});

Deno.test("offsets count up in each partition by itself", () => {
  const placed = assignOffsets([0, 1, 0, 1, 1].map((partition) => ({ ...RECORD, partition })));
  deepEqual(placed.map(({ offset }) => offset), [0, 0, 1, 1, 2]);
});

Deno.test("the same seed makes the same data set and another seed another one", () => {
  const make = (seed: number) =>
    Buffer.concat(makeDataSet({ count: 200, seed, partitions: 3, baseTimeMs: 0 }).map(encodeFrame));
  equal(make(1).compare(make(1)), 0);
  equal(make(1).compare(make(2)) === 0, false);
});

Deno.test("the data set holds every kind of key, value and header", () => {
  const records = makeDataSet({ count: 3_000, seed: 1, partitions: 3, baseTimeMs: 0 });
  const some = (test: (record: DataRecord) => boolean) => equal(records.some(test), true, String(test));
  some(({ key }) => key === null);
  some(({ key }) => key?.length === 0);
  some(({ value }) => value === null);
  some(({ value }) => value?.length === 0);
  some(({ value }) => (value?.length ?? 0) > 50_000);
  some(({ headers }) => headers.some(({ value }) => value === null));
  some(({ headers }) => headers.some(({ value }) => value?.length === 0));
  some(({ headers }) => new Set(headers.map(({ name }) => name)).size < headers.length);
  equal(new Set(records.map(({ partition }) => partition)).size, 3);
});
