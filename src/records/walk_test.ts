import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  type BatchFields,
  BatchHeader,
  bodyCrc,
  Compression,
  findByTimestamp,
  findMaxTimestamp,
  RecordCursor,
  type RecordInput,
  TimestampType,
} from "./mod.ts";
import { buildBatch } from "./compress.ts";

const maxBytes = 1 << 20;
const decoder = new TextDecoder();

/** The records of a batch, as values. */
function recordsOf(batch: Uint8Array, cursor = new RecordCursor()) {
  equal(cursor.open(batch, 0, new BatchHeader().read(batch, 0), maxBytes), null);
  const records = [];
  while (cursor.next()) {
    records.push({
      offset: cursor.offset,
      timestampMs: cursor.timestampMs,
      key: copy(cursor.key()),
      value: copy(cursor.value()),
      headers: cursor.headers().map(({ key, value }) => ({ key: decoder.decode(key), value: copy(value) })),
    });
  }
  equal(cursor.fault, null);
  return records;
}

function copy(view: Uint8Array | null): Uint8Array | null {
  return view === null ? null : view.slice();
}

const field = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const record: fc.Arbitrary<Required<Omit<RecordInput, "offsetDelta">>> = fc.record({
  key: field,
  value: field,
  headers: fc.array(fc.record({ key: fc.string({ unit: "grapheme" }), value: field }), { maxLength: 5 }),
  timestampMs: fc.integer({ min: -1, max: 2 ** 51 }),
});
const codec = fc.constantFrom(...Object.values(Compression));

Deno.test("a walk gives back the records that a batch was built of, whatever the codec", () => {
  const cursor = new RecordCursor();
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 80 }), codec, (records, compression) => {
      const batch = buildBatch(records, { compression, baseOffset: 1000 });
      deepEqual(
        recordsOf(batch, cursor),
        records.map((each, index) => ({ offset: 1000 + index, ...each })),
      );
    }),
    { numRuns: 200 },
  );
});

/** The same three records, as Apache Kafka 4.3.1 writes them with each codec. */
const writtenByKafka: readonly (readonly [string, string])[] = [
  [
    "none",
    "AAAAAAAAAE0AAACKAAAABQKotL3TABAAAAACAAABi8/laAAAAAGLz+V7iAAAAAAAADA5AAYAAAPoAAAAA3AAAAAKZmlyc3REYSB2YW" +
    "x1ZSwgYSB2YWx1ZSwgYSB2YWx1ZSwgYSB2YWx1ZQYEaDECeARoMQEAAA4AkE4CAQEALgDPDwQAIG5vIGtleSBidXQgZW1wdHkA",
  ],
  [
    "gzip",
    "AAAAAAAAAE0AAACGAAAABQKDP4fIAAEAAAACAAABi8/laAAAAAGLz+V7iAAAAAAAADA5AAYAAAPoAAAAAx+LCAAAAAAAAP8rYGBg4E" +
    "rLLCoucUlUKEvMKU3VUcDJYGPJMGSqABKMDAx8DBP8mBgZGfQYzvOzMCjk5Stkp1YqJJWWKKTmFpRUMgAAFPHg/lkAAAA=",
  ],
  [
    "snappy",
    "AAAAAAAAAE0AAACLAAAABQIhI9v7AAIAAAACAAABi8/laAAAAAGLz+V7iAAAAAAAADA5AAYAAAPoAAAAA4JTTkFQUFkAAAAAAQAAAA" +
    "EAAABGWUxwAAAACmZpcnN0RGEgdmFsdWUsIGIJAKwGBGgxAngEaDEBAAAOAJBOAgEBAC4Azw8EACBubyBrZXkgYnV0IGVtcHR5AA==",
  ],
  [
    "lz4",
    "AAAAAAAAAE0AAACHAAAABQIwUXnSAAMAAAACAAABi8/laAAAAAGLz+V7iAAAAAAAADA5AAYAAAPoAAAAAwQiTRhgQIJHAAAA/wVwAA" +
    "AACmZpcnN0RGEgdmFsdWUsIAkABvAdBgRoMQJ4BGgxAQAADgCQTgIBAQAuAM8PBAAgbm8ga2V5IGJ1dCBlbXB0eQAAAAAA",
  ],
  [
    "zstd",
    "AAAAAAAAAE0AAACEAAAABQKg20NxAAQAAAACAAABi8/laAAAAAGLz+V7iAAAAAAAADA5AAYAAAPoAAAAAyi1L/0AWDwCAAQEcAAAAA" +
    "pmaXJzdERhIHZhbHVlLCAGBGgxAngEaDEBAAAOAJBOAgEBAC4Azw8EACBubyBrZXkgYnV0IGVtcHR5AAEAuBQmAQAA",
  ],
];
const utf8 = (text: string) => new TextEncoder().encode(text);
const recordsOfKafka = [
  {
    timestampMs: 1_700_000_000_000,
    key: utf8("first"),
    value: utf8("a value, a value, a value, a value"),
    headers: [{ key: "h1", value: utf8("x") }, { key: "h1", value: null }, { key: "", value: utf8("") }],
  },
  { timestampMs: 1_700_000_005_000, key: null, value: null, headers: [] },
  { timestampMs: 1_699_999_999_000, key: utf8(""), value: utf8("no key but empty"), headers: [] },
];

for (const [name, base64] of writtenByKafka) {
  Deno.test(`records that Apache Kafka wrote are read: ${name}`, () => {
    const batch = Uint8Array.fromBase64(base64);
    const header = new BatchHeader().read(batch, 0);
    equal(header.crc, bodyCrc(batch, 0, batch.length));
    equal(header.leaderEpoch, 5);
    equal(header.producerId, 12345);
    equal(header.producerEpoch, 6);
    equal(header.lastSequence, 1002);
    equal(header.maxTimestampMs, 1_700_000_005_000);
    deepEqual(recordsOf(batch), recordsOfKafka.map((each, index) => ({ offset: 77 + index, ...each })));
  });
}

Deno.test("a plain batch is built byte for byte as Apache Kafka builds it", () => {
  const fields: BatchFields = {
    baseOffset: 77,
    leaderEpoch: 5,
    producerId: 12345,
    producerEpoch: 6,
    baseSequence: 1000,
    isTransactional: true,
  };
  equal(buildBatch(recordsOfKafka, fields).toBase64(), writtenByKafka[0]![1]);
});

Deno.test("a walk over any bytes ends, within them, in the announced records or a fault", () => {
  const cursor = new RecordCursor();
  const header = new BatchHeader();
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
  const walk = (bytes: Uint8Array, from: number, end: number) => {
    cursor.openPlain(bytes, from, end, header);
    let count = 0;
    while (cursor.next()) {
      count++;
      ok(cursor.keyAt >= from && cursor.keyAt + Math.max(cursor.keyBytes, 0) <= end);
      ok(cursor.valueAt >= from && cursor.valueAt + Math.max(cursor.valueBytes, 0) <= end);
      equal(cursor.headers().length, cursor.headerCount);
    }
    equal(cursor.next(), false);
    ok(cursor.fault !== null || count === Math.max(header.recordCount, 0));
  };
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), changes, (records, edits) => {
      const batch = buildBatch(records);
      for (const [at, byte] of edits) {
        if (batch.length > 61) batch[61 + at % (batch.length - 61)] = byte;
      }
      header.read(batch, 0);
      walk(batch, 61, batch.length);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ max: 20 }), (bytes, recordCount) => {
      header.recordCount = recordCount;
      walk(bytes, 0, bytes.length);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a header count larger than the record could hold is refused without counting to it", () => {
  const cursor = new RecordCursor();
  const batch = buildBatch([{}]);
  // the header count is the last byte: 2^31 - 1 in five bytes instead
  const grown = new Uint8Array(batch.length + 4);
  grown.set(batch);
  grown.set([0xfe, 0xff, 0xff, 0xff, 0x0f], batch.length - 1);
  grown[61]! += 8;
  const header = new BatchHeader().read(grown, 0);
  cursor.openPlain(grown, 61, grown.length, header);
  equal(cursor.next(), false);
  ok(cursor.fault !== null);
});

function open(records: readonly RecordInput[], fields: BatchFields = {}): RecordCursor {
  const batch = buildBatch(records, { baseOffset: 50, ...fields });
  const cursor = new RecordCursor();
  cursor.open(batch, 0, new BatchHeader().read(batch, 0), maxBytes);
  return cursor;
}
const times = (...all: readonly number[]) => all.map((timestampMs) => ({ timestampMs }));

for (const [name, compression] of Object.entries(Compression)) {
  Deno.test(`the first record at or after a time is found: ${name}`, () => {
    const find = (target: number) => findByTimestamp(open(times(10, 30, 20, 30), { compression }), target);
    deepEqual(find(0), { offset: 50, timestampMs: 10 });
    deepEqual(find(10), { offset: 50, timestampMs: 10 });
    deepEqual(find(11), { offset: 51, timestampMs: 30 });
    deepEqual(find(30), { offset: 51, timestampMs: 30 });
    equal(find(31), null);
  });

  Deno.test(`the first of the records with the greatest time is found: ${name}`, () => {
    deepEqual(findMaxTimestamp(open(times(10, 30, 20, 30), { compression })), {
      offset: 51,
      timestampMs: 30,
    });
    deepEqual(findMaxTimestamp(open(times(0), { compression })), { offset: 50, timestampMs: 0 });
    equal(findMaxTimestamp(open(times(-1, -1), { compression })), null);
  });
}

Deno.test("records of a batch stamped by the broker all have its time", () => {
  const fields = { timestampType: TimestampType.LOG_APPEND_TIME, maxTimestampMs: 500 };
  deepEqual(findByTimestamp(open(times(10, 30), fields), 400), { offset: 50, timestampMs: 500 });
  deepEqual(findMaxTimestamp(open(times(10, 30), fields)), { offset: 50, timestampMs: 500 });
});

Deno.test("offsets survive where compaction has taken records out", () => {
  const cursor = open([{ offsetDelta: 2, timestampMs: 1 }, { offsetDelta: 7, timestampMs: 2 }], {
    lastOffsetDelta: 9,
  });
  deepEqual(findByTimestamp(cursor, 2), { offset: 57, timestampMs: 2 });
});
