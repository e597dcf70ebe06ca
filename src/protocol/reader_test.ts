import assert from "node:assert/strict";
import { ProtocolError } from "./protocol_error.ts";
import { Reader } from "./reader.ts";
import { StringCache } from "./string_cache.ts";

function reading(...bytes: number[]): Reader {
  return new Reader().reset(new Uint8Array(bytes));
}

Deno.test("numbers are big-endian and signed where their type is", () => {
  assert.equal(reading(0xff).int8(), -1);
  assert.equal(reading(0xff, 0xfe).int16(), -2);
  assert.equal(reading(0xff, 0xfe).uint16(), 65534);
  assert.equal(reading(0x80, 0, 0, 0).int32(), -(2 ** 31));
  assert.equal(reading(0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).int64(), Number.MAX_SAFE_INTEGER);
  assert.equal(reading(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd).int64(), -3);
  assert.equal(reading(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).int64Bigint(), 2n ** 63n - 1n);
  assert.equal(reading(0x3f, 0xf8, 0, 0, 0, 0, 0, 0).float64(), 1.5);
  assert.equal(reading(7).bool(), true);
});

Deno.test("an int64 beyond the safe integers is refused, or brought to the nearest where the field says so", () => {
  const huge = [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  const tiny = [0x80, 0, 0, 0, 0, 0, 0, 0];
  const justTooLow = [0xff, 0xe0, 0, 0, 0, 0, 0, 0];
  for (const bytes of [huge, tiny, justTooLow]) assert.throws(() => reading(...bytes).int64(), ProtocolError);
  assert.equal(reading(...huge).int64Saturating(), Number.MAX_SAFE_INTEGER);
  assert.equal(reading(...tiny).int64Saturating(), Number.MIN_SAFE_INTEGER);
  assert.equal(reading(0, 0, 0, 1, 0, 0, 0, 2).int64Saturating(), 2 ** 32 + 2);
});

Deno.test("a varint has up to 32 bits", () => {
  assert.equal(reading(0x7f).uvarint(), 127);
  assert.equal(reading(0x80, 0x01).uvarint(), 128);
  assert.equal(reading(0xff, 0xff, 0xff, 0xff, 0x0f).uvarint(), 2 ** 32 - 1);
  assert.throws(() => reading(0xff, 0xff, 0xff, 0xff, 0x10).uvarint(), ProtocolError);
  assert.throws(() => reading(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).uvarint(), ProtocolError);
  assert.throws(() => reading(0x80).uvarint(), ProtocolError);
});

Deno.test("nothing is read beyond the range", () => {
  const bytes = new Uint8Array([1, 2, 3, 4, 5, 6]);
  const reader = new Reader().reset(bytes, 1, 4);
  assert.equal(reader.remaining, 3);
  assert.throws(() => reader.int32(), ProtocolError);
  assert.equal(reader.int16(), 0x0203);
  assert.equal(reader.position, 3);
  assert.throws(() => reader.skip(2), ProtocolError);
  assert.throws(() => new Reader().reset(bytes, 0, 7), RangeError);
  assert.throws(() => new Reader().reset(bytes, 5, 4), RangeError);
});

Deno.test("bytes are a view of what is read", () => {
  const bytes = new Uint8Array([3, 7, 8, 0, 0, 0, 1, 9]);
  const reader = new Reader().reset(bytes);
  const compact = reader.bytes(true);
  const plain = reader.nullableBytes(false);
  bytes.set([70], 1);
  assert.deepEqual([...compact], [70, 8]);
  assert.deepEqual([...(plain ?? [])], [9]);
  assert.equal(compact.buffer, bytes.buffer);
});

Deno.test("null is told from empty, in both forms of a length", () => {
  assert.equal(reading(0xff, 0xff).nullableString(false), null);
  assert.equal(reading(0).nullableString(true), null);
  assert.equal(reading(0, 0).nullableString(false), "");
  assert.equal(reading(1).nullableString(true), "");
  assert.equal(reading(0xff, 0xff, 0xff, 0xff).nullableArrayLength(false, 1), -1);
  assert.equal(reading(0).nullableArrayLength(true, 1), -1);
  assert.equal(reading(0).nullableBytes(true), null);
  assert.throws(() => reading(0).string(true), ProtocolError);
  assert.throws(() => reading(0).bytes(true), ProtocolError);
  assert.throws(() => reading(0).arrayLength(true, 1), ProtocolError);
});

Deno.test("a string may be as long as Kafka allows and no longer", () => {
  const text = new Uint8Array(3 + 32768).fill(97);
  text.set([0x81, 0x80, 0x02]);
  assert.throws(() => new Reader().reset(text).string(true), ProtocolError);
  text.set([0x80, 0x80, 0x02]);
  assert.equal(new Reader().reset(text).string(true).length, 32767);
});

Deno.test("a message may have a few strings that take long to compare, or as many as the reader is told", () => {
  const long = [0x81, 0x80, 0x01, ...new Uint8Array(16_384).fill(97)];
  const short = [0x80, 0x80, 0x01, ...new Uint8Array(16_383).fill(97)];
  const read = (reader: Reader, bytes: Uint8Array, count: number) => {
    reader.reset(bytes);
    for (let index = 0; index < count; index++) reader.string(true);
  };
  const many = (one: readonly number[]) => Uint8Array.from(Array.from({ length: 33 }, () => one).flat());
  const reader = new Reader();
  read(reader, many(short), 33);
  for (let message = 0; message < 2; message++) read(reader, many(long), 32);
  assert.throws(() => read(reader, many(long), 33), ProtocolError);
  read(new Reader(new StringCache(), { maxLongStrings: 33 }), many(long), 33);
});

Deno.test("a count is checked against what its elements take at least, before there is any", () => {
  assert.equal(reading(0, 0, 0, 2, 1, 2, 3, 4).arrayLength(false, 2), 2);
  assert.throws(() => reading(0, 0, 0, 2, 1, 2, 3).arrayLength(false, 2), ProtocolError);
  assert.throws(() => reading(0x7f, 0xff, 0xff, 0xff, 1, 2).arrayLength(false, 1), ProtocolError);
  assert.throws(() => reading(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0).skipTaggedFields(), ProtocolError);
});

Deno.test("one message may have so many elements in all, however they are nested", () => {
  const reader = new Reader(undefined, { maxElements: 5 });
  const bytes = new Uint8Array([4, 0, 0, 0, 4, 0, 0, 0]);
  reader.reset(bytes);
  assert.equal(reader.arrayLength(true, 1), 3);
  reader.skip(3);
  assert.throws(() => reader.arrayLength(true, 1), /elements/);
  assert.equal(reader.reset(bytes).arrayLength(true, 1), 3);
});

Deno.test("tagged fields that nobody knows are passed over to the byte", () => {
  const reader = reading(2, 0, 1, 0xaa, 5, 2, 0xbb, 0xcc, 0x11);
  reader.skipTaggedFields();
  assert.equal(reader.remaining, 1);
  assert.throws(() => reading(1, 0, 5, 0xaa).skipTaggedFields(), ProtocolError);
});

Deno.test("a tagged field must end where its size says", () => {
  const reader = reading(2, 0xaa, 0xbb);
  const end = reader.tagEnd();
  reader.int8();
  assert.throws(() => reader.endTag(end), ProtocolError);
  reader.int8();
  reader.endTag(end);
  assert.throws(() => reading(3, 0, 0).tagEnd(), ProtocolError);
});
