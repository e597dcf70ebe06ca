import { deepEqual, equal, ok } from "node:assert/strict";
import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { believableBytes } from "../bounded_output.ts";
import { decompressZstd } from "./frame.ts";
import { xxhash64Low } from "./xxhash64.ts";

const mebibyte = 1 << 20;
const utf8 = (text: string) => new TextEncoder().encode(text);

function compress(bytes: Uint8Array, level = 3, isChecked = false, tellsSize = true): Uint8Array {
  return new Uint8Array(zstdCompressSync(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: isChecked ? 1 : 0,
      [constants.ZSTD_c_contentSizeFlag]: tellsSize ? 1 : 0,
    },
  }));
}

function littleEndian(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (value >>> (8 * index)) & 0xff);
}

/** Numbers that look random, and are the same in every run. */
function* noise(): Generator<number, never> {
  for (let state = 1;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 24;
  }
}

/** Contents that lead the encoder to each of its ways: stored, runs, Huffman, long and short copies. */
function contents(): [string, Uint8Array][] {
  const source = noise();
  const next = () => source.next().value;
  const random = Uint8Array.from({ length: 150_000 }, next);
  const skewed = Uint8Array.from({ length: 150_000 }, () => next() & next() & next() & 63);
  const words = Array.from(
    { length: 300 },
    () => String.fromCharCode(97 + next() % 26).repeat(1 + next() % 3),
  );
  const text = utf8(Array.from({ length: 60_000 }, () => words[(next() * next()) % 300]).join(""));
  const far = new Uint8Array(400_000);
  far.set(random.subarray(0, 5000));
  far.set(skewed, 10_000);
  far.set(random.subarray(0, 5000), 390_000);
  return [
    ["nothing", new Uint8Array(0)],
    ["a byte", Uint8Array.of(7)],
    ["a few bytes", utf8("tiny")],
    ["a run", new Uint8Array(300_000).fill(9)],
    ["noise", random],
    ["few symbols", skewed],
    ["text", text],
    ["copies from far", far],
  ];
}

for (const [name, content] of contents()) {
  Deno.test(`zstd of every level is decompressed: ${name}`, () => {
    for (const level of [-7, 1, 3, 6, 12]) {
      for (const isChecked of [false, true]) {
        const compressed = compress(content, level, isChecked, level % 2 === 0);
        const result = decompressZstd(compressed, content.length);
        ok(typeof result !== "string" && result.length === content.length, `level ${level}: ${result}`);
        ok(result.every((byte, index) => byte === content[index]), `level ${level}`);
      }
    }
  });
}

Deno.test("a changed byte of a checked zstd frame gives the same content or a fault", () => {
  const content = utf8("some words, some other words, and some more of the other words. ".repeat(30));
  const frame = compress(content, 3, true);
  for (let at = 0; at < frame.length; at++) {
    for (const flip of [0x01, 0x10, 0x80, 0xff]) {
      const result = decompressZstd(frame.with(at, frame[at]! ^ flip), mebibyte);
      if (typeof result !== "string") deepEqual(result, content, `byte ${at}`);
    }
  }
});

Deno.test("any zstd block ends in a value within the limit or a fault", () => {
  const limit = 4000;
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x58];
  const tail = fc.uint8Array({ minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(tail, fc.boolean(), (block, isCompressed) => {
      const size = (block.length << 3) | ((isCompressed ? 2 : 0) << 1) | 1;
      const frame = Uint8Array.of(...head, size, size >> 8, size >> 16, ...block);
      const result = decompressZstd(frame, limit);
      ok(typeof result === "string" || result.length <= limit);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("a zstd frame for a dictionary, or with too large a window, is refused", () => {
  const last = [1, 0, 0];
  const frame = (...rest: readonly number[]) => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...rest, ...last, 0);
  const decode = (bytes: Uint8Array) => decompressZstd(bytes.subarray(0, -1), mebibyte);
  deepEqual(decode(frame(0x00, 0x58)), new Uint8Array(0));
  deepEqual(decode(frame(0x01, 0x58, 0)), new Uint8Array(0), "dictionary 0 is none");
  equal(decode(frame(0x01, 0x58, 5)), "corrupt");
  equal(decode(frame(0x08, 0x58)), "corrupt", "a reserved bit");
  deepEqual(decode(frame(0x00, 17 << 3)), new Uint8Array(0));
  equal(decode(frame(0x00, (17 << 3) | 1)), "corrupt");
  equal(decode(frame(0x20, 1)), "corrupt", "a byte less than told");
});

Deno.test("a zstd frame that tells its size takes that much memory, and does not grow into it", () => {
  const blocks = 40;
  const blockBytes = 128 * 1024;
  const repeated = [...littleEndian((blockBytes << 3) | 2, 3), 7];
  const empty = [0, 0, 0];
  const frame = Uint8Array.of(
    ...[0x28, 0xb5, 0x2f, 0xfd, 0xa0],
    ...littleEndian(blocks * blockBytes, 4),
    ...Array.from({ length: blocks }, () => repeated).flat(),
    ...Array.from({ length: 4096 }, () => empty).flat(),
    ...[1, 0, 0],
  );
  const unpacked = decompressZstd(frame, 16 * mebibyte);
  ok(unpacked instanceof Uint8Array && unpacked.length === blocks * blockBytes);
  ok(unpacked.buffer.byteLength <= unpacked.length + blockBytes);
});

Deno.test("of a zstd frame that lies about its size no more is believed than its bytes could hold", () => {
  const frame = (length: number, toldBytes: number) => {
    const bytes = new Uint8Array(length);
    bytes.set([0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...littleEndian(toldBytes, 4), 6]);
    return decompressZstd(bytes, 64 * mebibyte);
  };
  for (const length of [20, 4096, 5000]) equal(frame(length, 64 * mebibyte), "corrupt");
  equal(believableBytes(mebibyte, 4095, 1000), 0, "a small input grows");
  equal(believableBytes(mebibyte, 4096, 1000), mebibyte);
  equal(believableBytes(mebibyte, 4096, 10), 40_960);
});

Deno.test("a tiny zstd frame that repeats a byte for ever stops at the limit", () => {
  const block = [2, 0, 16, 65];
  const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x70, ...Array(50).fill(block).flat());
  equal(decompressZstd(frame, mebibyte), "too large");
});

Deno.test("xxhash64 gives the published values", () => {
  const hash = (text: string) => xxhash64Low(utf8(text), 0, text.length) >>> 0;
  equal(hash(""), 0x51d8e999);
  equal(hash("a"), 0xa98c6e5b);
  equal(hash("abc"), 0xad770999);
  equal(hash("Nobody inspects the spammish repetition"), 0x8a378bf1);
});
