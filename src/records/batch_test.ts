import { deepEqual, equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  assembleBatch,
  ATTRIBUTE,
  BATCH_AT,
  batchAt,
  type BatchFields,
  BatchHeader,
  bodyCrc,
  Compression,
  patchBaseOffset,
  patchLeaderEpoch,
  readInt64,
  restampTimestamps,
  TimestampType,
  writeInt64,
} from "./mod.ts";
import { buildBatch } from "./compress.ts";

const int32 = () => fc.integer();
const int64 = () => fc.maxSafeInteger();
const fields: fc.Arbitrary<Required<BatchFields>> = fc.record({
  baseOffset: int64(),
  leaderEpoch: int32(),
  compression: fc.constantFrom(...Object.values(Compression)),
  timestampType: fc.constantFrom(...Object.values(TimestampType)),
  isTransactional: fc.boolean(),
  isControl: fc.boolean(),
  lastOffsetDelta: int32(),
  baseTimestampMs: int64(),
  maxTimestampMs: int64(),
  producerId: int64(),
  producerEpoch: fc.integer({ min: -32768, max: 32767 }),
  baseSequence: int32(),
  recordCount: int32(),
});

Deno.test("a header is read back as it was written, wherever the batch lies", () => {
  const header = new BatchHeader();
  fc.assert(fc.property(fields, fc.uint8Array({ maxLength: 40 }), fc.nat(9), (written, payload, at) => {
    const batch = assembleBatch(payload, written);
    const bytes = new Uint8Array(at + batch.length + 5).fill(0xee);
    bytes.set(batch, at);
    header.read(bytes, at);
    const { leaderEpoch, lastOffsetDelta, baseTimestampMs, maxTimestampMs, compression } = header;
    const { producerId, producerEpoch, baseSequence, recordCount, isTransactional, isControl } = header;
    deepEqual({
      baseOffset: header.baseOffset,
      leaderEpoch,
      compression,
      timestampType: header.timestampType,
      isTransactional,
      isControl,
      lastOffsetDelta,
      baseTimestampMs,
      maxTimestampMs,
      producerId,
      producerEpoch,
      baseSequence,
      recordCount,
    }, written);
    equal(header.magic, 2);
    equal(header.lengthBytes, batch.length);
    equal(header.crc, bodyCrc(bytes, at, batch.length));
    equal(header.isExact, true);
  }));
});

Deno.test("64-bit numbers agree with DataView, and what a double cannot hold is told apart", () => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
    view.setBigInt64(0, value);
    equal(readInt64(bytes, 0), Number(value));
  }));
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => {
    writeInt64(bytes, 0, value);
    equal(view.getBigInt64(0), BigInt(value));
  }));
  const batch = buildBatch([{}]);
  new DataView(batch.buffer).setBigInt64(BATCH_AT.producerId, 2n ** 60n);
  equal(new BatchHeader().read(batch, 0).isExact, false);
});

Deno.test("the last sequence wraps from 2^31 - 1 to 0", () => {
  const lastSequence = (baseSequence: number, lastOffsetDelta: number) =>
    new BatchHeader().read(assembleBatch(new Uint8Array(), { baseSequence, lastOffsetDelta }), 0)
      .lastSequence;
  equal(lastSequence(5, 4), 9);
  equal(lastSequence(2 ** 31 - 1, 0), 2 ** 31 - 1);
  equal(lastSequence(2 ** 31 - 2, 3), 1);
  equal(lastSequence(-1, 3), -1);
});

Deno.test("batchAt says how long a whole batch is, and -1 for less", () => {
  const batch = buildBatch([{ value: new Uint8Array(30) }]);
  equal(batchAt(batch, 0, batch.length), batch.length);
  for (let end = 0; end < batch.length; end++) equal(batchAt(batch, 0, end), -1);
  for (const length of [-(2 ** 31), -1, 0, 48, batch.length - 11, 2 ** 31 - 1]) {
    const other = batch.slice();
    new DataView(other.buffer).setInt32(BATCH_AT.batchLength, length);
    equal(batchAt(other, 0, other.length), -1, `${length}`);
  }
});

Deno.test("giving a batch its offset and leader epoch leaves its CRC right", () => {
  const batch = buildBatch([{ value: new Uint8Array(10) }]);
  patchBaseOffset(batch, 0, 2 ** 52 + 3);
  patchLeaderEpoch(batch, 0, 17);
  const header = new BatchHeader().read(batch, 0);
  equal(header.baseOffset, 2 ** 52 + 3);
  equal(header.lastOffset, 2 ** 52 + 3);
  equal(header.leaderEpoch, 17);
  equal(header.crc, bodyCrc(batch, 0, batch.length));
});

Deno.test("stamping the broker's time sets type, maximum and CRC, and nothing else", () => {
  const fieldsBefore: BatchFields = {
    isTransactional: true,
    producerId: 9,
    producerEpoch: 1,
    baseSequence: 4,
  };
  const batch = buildBatch([{ timestampMs: 1000 }, { timestampMs: 3000 }], fieldsBefore);
  const before = batch.slice();
  restampTimestamps(batch, 0, TimestampType.LOG_APPEND_TIME, 1_700_000_000_000);
  const header = new BatchHeader().read(batch, 0);
  equal(header.timestampType, TimestampType.LOG_APPEND_TIME);
  equal(header.maxTimestampMs, 1_700_000_000_000);
  equal(header.baseTimestampMs, 1000);
  equal(header.isTransactional, true);
  equal(header.crc, bodyCrc(batch, 0, batch.length));
  const differing = [...batch.keys()].filter((at) => batch[at] !== before[at]);
  const allowed = (at: number) =>
    (at >= BATCH_AT.crc && at < BATCH_AT.lastOffsetDelta) ||
    (at >= BATCH_AT.maxTimestamp && at < BATCH_AT.producerId);
  deepEqual(differing.filter((at) => !allowed(at)), []);

  restampTimestamps(batch, 0, TimestampType.CREATE_TIME, 3000);
  deepEqual(batch, before);
});

Deno.test("timestamps that are already right are left alone, undefined attribute bits too", () => {
  const batch = buildBatch([{ timestampMs: 1000 }]);
  batch[BATCH_AT.attributes + 1]! |= ATTRIBUTE.deleteHorizon;
  const before = batch.slice();
  restampTimestamps(batch, 0, TimestampType.CREATE_TIME, 1000);
  deepEqual(batch, before);
  restampTimestamps(batch, 0, TimestampType.CREATE_TIME, 1001);
  notEqual(new BatchHeader().read(batch, 0).attributes & ATTRIBUTE.deleteHorizon, ATTRIBUTE.deleteHorizon);
});
