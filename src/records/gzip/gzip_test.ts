import { deepEqual, equal, ok } from "node:assert/strict";
import { constants, crc32, gzipSync, type ZlibOptions } from "node:zlib";
import fc from "fast-check";
import { gunzip } from "./gunzip.ts";

const mebibyte = 1 << 20;
const utf8 = (text: string) => new TextEncoder().encode(text);
const gzip = (bytes: Uint8Array, options: ZlibOptions = {}) => new Uint8Array(gzipSync(bytes, options));

/** Runs, words and noise in turn, for codes of every length and copies from near and far. */
const content = Uint8Array.from({ length: 120_000 }, (_, index) => {
  const mixed = Math.imul(index, 0x9e3779b1) >>> 22;
  return index % 7000 < 300
    ? mixed & 0xff
    : index % 900 < 500
    ? "some words and more "[mixed % 20]!.charCodeAt(0)
    : 5;
});

Deno.test("gzip of every level and strategy is decompressed", () => {
  const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;
  for (const strategy of [Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE]) {
    for (const level of [0, 1, 6, 9]) {
      for (const memLevel of [1, 9]) {
        const result = gunzip(gzip(content, { level, strategy, memLevel }), content.length);
        ok(typeof result !== "string" && result.length === content.length, `${strategy} ${level}: ${result}`);
        ok(result.every((byte, index) => byte === content[index]), `${strategy} ${level}`);
      }
    }
  }
});

Deno.test("a changed byte of a gzip member gives the same content or a fault", () => {
  const words = utf8("some words, some other words, and some more of the other words. ".repeat(10));
  const member = gzip(words);
  for (let at = 0; at < member.length; at++) {
    for (const flip of [0x01, 0x10, 0x80, 0xff]) {
      const result = gunzip(member.with(at, member[at]! ^ flip), mebibyte);
      if (typeof result !== "string") deepEqual(result, words, `byte ${at}`);
    }
  }
});

Deno.test("any DEFLATE stream ends in a value within the limit or a fault", () => {
  const header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
  const limit = 4000;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(3), (stream, type) => {
      stream[0] = (stream[0]! & ~6) | (type << 1);
      const result = gunzip(Uint8Array.of(...header, ...stream), limit);
      ok(typeof result === "string" || result.length <= limit);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("the optional fields of a gzip header are passed over, and its checksum compared", () => {
  const plain = gzip(utf8("content"));
  const fields = [
    ...[0x1f, 0x8b, 8, 0x1e, 1, 2, 3, 4, 0, 0xff],
    ...[3, 0, 9, 9, 9],
    ...[...utf8("name.txt"), 0],
    ...[...utf8("a comment"), 0],
  ];
  const crc = crc32(Uint8Array.from(fields));
  const member = Uint8Array.of(...fields, crc, crc >> 8, ...plain.subarray(10));
  deepEqual(gunzip(member, mebibyte), utf8("content"));
  equal(gunzip(member.with(11, 1), mebibyte), "corrupt");
  equal(gunzip(member.with(3, 0x3e), mebibyte), "corrupt", "a reserved flag");
  for (let size = 0; size < member.length; size++) {
    equal(gunzip(member.subarray(0, size), mebibyte), "corrupt");
  }
});

Deno.test("what is not a member behind a gzip member is refused", () => {
  const member = gzip(utf8("content"));
  equal(gunzip(Uint8Array.of(...member, 0), mebibyte), "corrupt");
  equal(gunzip(Uint8Array.of(...member, ...member.subarray(0, 9)), mebibyte), "corrupt");
});
