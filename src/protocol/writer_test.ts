import assert from "node:assert/strict";
import fc from "fast-check";
import { AssertionError } from "../base/assert.ts";
import { ProtocolError } from "./protocol_error.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

function written(write: (writer: Writer) => void): number[] {
  const writer = new Writer();
  write(writer);
  return [...writer.bytes()];
}

/** One thing to write, how, and how to read it back. */
interface Step {
  readonly value: unknown;
  write(writer: Writer): void;
  read(reader: Reader): unknown;
}

const flexible = fc.boolean();
const text = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: "grapheme", maxLength: 80 }));
const safe = fc.maxSafeInteger();
const blob = fc.uint8Array({ maxLength: 300 });
const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => bytes.toBase64({ alphabet: "base64url", omitPadding: true }));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.boolean().map((value) => ({
    value,
    write: (w: Writer) => w.bool(value),
    read: (r: Reader) => r.bool(),
  })),
  fc.integer({ min: -128, max: 127 }).map((value) => ({
    value,
    write: (w: Writer) => w.int8(value),
    read: (r: Reader) => r.int8(),
  })),
  fc.integer({ min: -32768, max: 32767 }).map((value) => ({
    value,
    write: (w: Writer) => w.int16(value),
    read: (r: Reader) => r.int16(),
  })),
  fc.nat(65535).map((value) => ({
    value,
    write: (w: Writer) => w.uint16(value),
    read: (r: Reader) => r.uint16(),
  })),
  fc.integer().map((value) => ({
    value,
    write: (w: Writer) => w.int32(value),
    read: (r: Reader) => r.int32(),
  })),
  safe.map((value) => ({ value, write: (w: Writer) => w.int64(value), read: (r: Reader) => r.int64() })),
  safe.map((value) => ({
    value,
    write: (w: Writer) => w.int64(value),
    read: (r: Reader) => r.int64Saturating(),
  })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({
    value,
    write: (w: Writer) => w.int64Bigint(value),
    read: (r: Reader) => r.int64Bigint(),
  })),
  fc.double().map((value) => ({
    value,
    write: (w: Writer) => w.float64(value),
    read: (r: Reader) => r.float64(),
  })),
  fc.nat(2 ** 32 - 1).map((value) => ({
    value,
    write: (w: Writer) => w.uvarint(value),
    read: (r: Reader) => r.uvarint(),
  })),
  uuid.map((value) => ({ value, write: (w: Writer) => w.uuid(value), read: (r: Reader) => r.uuid() })),
  fc.tuple(fc.option(text), flexible).map(([value, compact]) => ({
    value,
    write: (w: Writer) => w.nullableString(value, compact),
    read: (r: Reader) => r.nullableString(compact),
  })),
  fc.tuple(fc.option(blob), flexible).map(([value, compact]) => ({
    value,
    write: (w: Writer) => w.nullableBytesField(value, compact),
    read: (r: Reader) => r.nullableBytes(compact),
  })),
);

Deno.test("whatever is written is read back, in any order and from a buffer of any first size", () => {
  const reader = new Reader();
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), fc.nat(64), (steps, capacity) => {
    const writer = new Writer(new Uint8Array(capacity));
    for (const { write } of steps) write(writer);
    reader.reset(writer.bytes());
    assert.deepEqual(steps.map(({ read }) => read(reader)), steps.map(({ value }) => value));
    assert.equal(reader.remaining, 0);
  }));
});

Deno.test("records in pieces are written as one", () => {
  const pieces = [new Uint8Array([1, 2]), new Uint8Array(0), new Uint8Array([3])];
  assert.deepEqual(written((writer) => writer.records(pieces, true)), [4, 1, 2, 3]);
  assert.deepEqual(written((writer) => writer.nullableRecords([], false)), [0, 0, 0, 0]);
  assert.deepEqual(written((writer) => writer.nullableRecords(null, false)), [255, 255, 255, 255]);
});

Deno.test("a tagged field carries its size, whatever that takes", () => {
  for (const size of [0, 1, 127, 128, 16383, 16384, 40000]) {
    const content = new Uint8Array(size).fill(7);
    const writer = new Writer();
    const start = writer.beginTag(5);
    writer.raw(content);
    writer.endTag(start);
    writer.int8(-1);
    const reader = new Reader().reset(writer.bytes());
    assert.equal(reader.uvarint(), 5);
    const end = reader.tagEnd();
    assert.equal(end - reader.position, size);
    assert.deepEqual(writer.bytes().slice(reader.position, end), content);
    reader.skip(size);
    assert.equal(reader.int8(), -1);
  }
});

Deno.test("a number that its type cannot hold is a broken invariant", () => {
  const misfits: readonly ((writer: Writer) => void)[] = [
    (writer) => writer.int8(128),
    (writer) => writer.int16(-32769),
    (writer) => writer.uint16(-1),
    (writer) => writer.int32(2 ** 31),
    (writer) => writer.int32(0.5),
    (writer) => writer.int64(2 ** 53),
    (writer) => writer.int64(NaN),
    (writer) => writer.int64Bigint(2n ** 63n),
    (writer) => writer.uvarint(-1),
    (writer) => writer.uuid("short"),
    (writer) => writer.uuid("AAAAAAAAAAAAAAAAAAAAAB"),
    (writer) => writer.uuid("AAAAAAAAAAAAAAAAAAAA+A"),
  ];
  for (const misfit of misfits) assert.throws(() => written(misfit), AssertionError, String(misfit));
});

Deno.test("a string that Kafka would not read is not sent", () => {
  assert.throws(() => written((writer) => writer.string("x".repeat(32768), true)), ProtocolError);
  assert.equal(written((writer) => writer.string("x".repeat(32767), false)).length, 32769);
});

Deno.test("a writer starts over in the buffer it is given, and leaves it when it is too small", () => {
  const pooled = new Uint8Array(8);
  const writer = new Writer();
  writer.reset(pooled).int32(0x01020304);
  assert.deepEqual([...pooled], [1, 2, 3, 4, 0, 0, 0, 0]);
  assert.equal(writer.bytes().buffer, pooled.buffer);
  writer.raw(new Uint8Array(5).fill(9));
  assert.notEqual(writer.bytes().buffer, pooled.buffer);
  assert.deepEqual([...writer.bytes()], [1, 2, 3, 4, 9, 9, 9, 9, 9]);
  assert.equal(writer.reset().position, 0);
});

Deno.test("four bytes can be written afterwards, where something was written", () => {
  const writer = new Writer();
  writer.int32(0);
  writer.int8(1);
  writer.patchInt32(0, -2);
  assert.deepEqual([...writer.bytes()], [255, 255, 255, 254, 1]);
  assert.throws(() => writer.patchInt32(2, 0), AssertionError);
});

Deno.test("a writer that is freed gives its buffer back and can be used again, and leaves the caller's alone", () => {
  const writer = new Writer();
  writer.raw(new Uint8Array(100_000));
  const written = writer.bytes();
  writer.free();
  assert.equal(written.buffer.byteLength, 0);
  writer.int8(7);
  assert.deepEqual([...writer.bytes()], [7]);

  const lent = new Uint8Array(100_000);
  writer.reset(lent).int8(9);
  writer.free();
  assert.equal(lent[0], 9);
});

Deno.test("what was written stays as the buffer grows", () => {
  const writer = new Writer();
  const value = Uint8Array.from({ length: 70_000 }, (_, index) => index);
  for (let count = 0; count < 5; count++) writer.raw(value);
  for (let count = 0; count < 5; count++) {
    assert.deepEqual(writer.bytes().subarray(count * 70_000, (count + 1) * 70_000), value);
  }
});

Deno.test("a large message takes about as much memory as it has bytes", () => {
  const writer = new Writer();
  writer.int32(0);
  writer.records([new Uint8Array(8_000_000)], true);
  writer.int32(0);
  assert.ok(writer.capacity < 8_200_000, `${writer.capacity} bytes`);
  for (let piece = 0; piece < 30; piece++) writer.records([new Uint8Array(1_000_000)], true);
  assert.ok(writer.capacity < 1.5 * writer.position, `${writer.capacity} bytes`);
});
