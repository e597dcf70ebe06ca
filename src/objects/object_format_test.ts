import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { KliteError } from "../base/klite_error.ts";
import { BatchHeader } from "../records/outside.ts";
import { batchOf } from "../../tests/support/object_world.ts";
import { FooterBuilder, footerBytes, ObjectFooter } from "./object_format.ts";

const KEY = "klite-c1/t/0/0.obj";

/** The footer of two batches, byte by byte, as another implementation writes it. */
// deno-fmt-ignore
const GOLDEN = Uint8Array.of(
  0, 0, 0, 1, 0, 0, 0, 5,            0, 0, 0, 0,     0, 0, 0, 100,   0, 0, 0, 2,
  0, 0, 1, 0x8d, 0x3c, 0xa1, 0x64, 0, 0, 0, 0, 3,
  0, 0, 0, 1, 0, 0, 0, 8,            0, 0, 0, 100,   0, 0, 0, 61,    0, 0, 0, 0,
  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1,
  0, 0, 0, 2,  0x4b, 0x4c, 0x49, 0x58,
);
const GOLDEN_SIZE = 161 + GOLDEN.length;

const isDamage = (error: unknown) =>
  error instanceof KliteError && error.code === "DATA_DAMAGED" && error.message.includes(KEY);

Deno.test("a footer reads as it was written down by hand", () => {
  const footer = ObjectFooter.decode(GOLDEN, GOLDEN_SIZE, KEY);
  equal(footer.rows, 2);
  equal(footer.dataBytes, 161);
  const rows = [0, 1].map((row) => ({
    base: footer.baseOffset(row),
    last: footer.lastOffset(row),
    position: footer.positionBytes(row),
    length: footer.lengthBytes(row),
    time: footer.maxTimestampMs(row),
    records: footer.recordCount(row),
  }));
  const base = 2 ** 32;
  deepEqual(rows, [
    { base: base + 5, last: base + 7, position: 0, length: 100, time: 0x18d3ca16400, records: 3 },
    { base: base + 8, last: base + 8, position: 100, length: 61, time: -1, records: 1 },
  ]);
});

Deno.test("a footer is written as it stands by hand", () => {
  const header = new BatchHeader();
  const builder = new FooterBuilder(0);
  const base = 2 ** 32;
  header.read(
    batchOf(base + 5, 3, 39, { maxTimestampMs: 0x18d3ca16400 }),
    0,
  );
  builder.add(header);
  header.read(batchOf(base + 8, 1, 0, { maxTimestampMs: -1 }), 0);
  builder.add(header);
  deepEqual(builder.build(), GOLDEN);
  const object = builder.describe({ baseOffset: base + 5, endOffset: base + 9, generation: 0 });
  equal(object.sizeBytes, GOLDEN_SIZE);
  equal(object.maxTimestampMs, 0x18d3ca16400);
  equal(object.seal?.footerCrc, ObjectFooter.decode(GOLDEN, GOLDEN_SIZE, KEY).crc);
});

Deno.test("what was added is found again by its offset", () => {
  const batches = fc.array(
    fc.record({ gap: fc.nat(5), records: fc.integer({ min: 1, max: 50 }), bytes: fc.nat(200) }),
  );
  fc.assert(fc.property(batches, (batches) => {
    const builder = new FooterBuilder();
    const header = new BatchHeader();
    const bases: number[] = [];
    let next = 0;
    for (const { gap, records, bytes } of batches) {
      bases.push(next + gap);
      builder.add(header.read(batchOf(next + gap, records, bytes), 0));
      next += gap + records;
    }
    const bytes = builder.build();
    equal(bytes.length, footerBytes(batches.length));
    const footer = ObjectFooter.decode(bytes, builder.dataBytes + bytes.length, KEY);
    equal(footer.rows, batches.length);
    for (let offset = 0; offset <= next; offset++) {
      const row = footer.rowFrom(offset);
      ok(row === footer.rows ? offset === next : footer.lastOffset(row) >= offset);
      ok(row === 0 || footer.lastOffset(row - 1) < offset);
    }
    deepEqual(bases, bases.map((_, row) => footer.baseOffset(row)));
  }));
});

Deno.test("any bytes are a footer or damage, and nothing else", () => {
  const tail = fc.uint8Array({ maxLength: 200 });
  fc.assert(fc.property(tail, fc.nat(5), fc.boolean(), (bytes, count, isSealed) => {
    if (isSealed && bytes.length >= 8) bytes.set([0, 0, 0, count, 0x4b, 0x4c, 0x49, 0x58], bytes.length - 8);
    try {
      if (ObjectFooter.lengthBytes(bytes, bytes.length, KEY) > bytes.length) return;
      ObjectFooter.decode(bytes, bytes.length, KEY);
    } catch (error) {
      ok(isDamage(error), String(error));
    }
  }));
});

Deno.test("of a flipped bit a footer knows itself, or its checksum does not fit", () => {
  const { crc } = ObjectFooter.decode(GOLDEN, GOLDEN_SIZE, KEY);
  for (let bit = 0; bit < GOLDEN.length * 8; bit++) {
    const flipped = GOLDEN.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    try {
      if (ObjectFooter.lengthBytes(flipped, GOLDEN_SIZE, KEY) > flipped.length) continue;
      ok(ObjectFooter.decode(flipped, GOLDEN_SIZE, KEY).crc !== crc, `bit ${bit}`);
    } catch (error) {
      ok(isDamage(error), `bit ${bit}: ${error}`);
    }
  }
});

Deno.test("a footer that is too long for its object is damage, not a large allocation", () => {
  const bytes = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x4b, 0x4c, 0x49, 0x58);
  throws(() => ObjectFooter.lengthBytes(bytes, 1 << 20, KEY), isDamage);
});
