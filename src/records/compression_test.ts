import { deepEqual, equal, ok } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { snappyUncompressor } from "hysnappy";
import { concat } from "../../tests/support/batch_parts.ts";
import { Compression, decompress } from "./mod.ts";
import { compress, compressSnappyBlock } from "./compress.ts";
import { littleEndian32, xxhash32 } from "./xxhash32.ts";

const mebibyte = 1 << 20;
const codecs = Object.entries(Compression);
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Bytes with repeats near and far, runs, and noise; each of the up to 12 parts up to `times` times. */
function content(times: number): fc.Arbitrary<Uint8Array> {
  const part = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: times }));
  return fc.array(part, { maxLength: 12 }).map((parts) =>
    concat(...parts.flatMap(([bytes, count]) => Array<Uint8Array>(count).fill(bytes)))
  );
}

for (const [name, codec] of codecs) {
  Deno.test(`what is compressed is decompressed again: ${name}`, () => {
    fc.assert(
      fc.property(content(2000), (bytes) => {
        deepEqual(decompress(codec, compress(codec, bytes), bytes.length), bytes);
      }),
      { numRuns: 60 },
    );
  });

  Deno.test(`more than the limit is refused, exactly the limit is not: ${name}`, () => {
    for (const size of [1, 1000, 70_000]) {
      const compressed = compress(codec, new Uint8Array(size).fill(7));
      equal(decompress(codec, compressed, size - 1), "too large");
      ok(decompress(codec, compressed, size) instanceof Uint8Array);
    }
    equal(decompress(codec, compress(codec, new Uint8Array(64 * mebibyte)), mebibyte), "too large");
    deepEqual(decompress(codec, compress(codec, new Uint8Array(0)), 0), new Uint8Array(0));
  });

  if (codec === Compression.NONE) continue;

  Deno.test(`any bytes give a value within the limit or a fault: ${name}`, () => {
    const limit = 5000;
    const isBounded = (bytes: Uint8Array) => {
      const result = decompress(codec, bytes, limit);
      ok(result === "corrupt" || result === "too large" || result.length <= limit);
    };
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), isBounded), { numRuns: 500 });
    fc.assert(
      fc.property(
        content(20),
        edits,
        fc.nat(),
        fc.uint8Array({ maxLength: 5 }),
        (bytes, changes, cut, tail) => {
          const compressed = compress(codec, bytes).slice();
          for (const [at, byte] of changes) compressed[at % compressed.length] = byte;
          isBounded(concat(compressed.subarray(0, cut % (compressed.length + 1)), tail));
        },
      ),
      { numRuns: 500 },
    );
  });

  Deno.test(`a cut payload is refused wherever it is cut: ${name}`, () => {
    const compressed = compress(
      codec,
      concat(utf8("all of this, all of this, all of this"), new Uint8Array(500)),
    );
    for (let size = 1; size < compressed.length; size++) {
      // framed snappy has no end mark: its header alone is nothing, compressed
      if (codec === Compression.SNAPPY && size === 16) continue;
      equal(decompress(codec, compressed.subarray(0, size), mebibyte), "corrupt", `${size} bytes`);
    }
  });
}

Deno.test("xxhash32 gives the published values", () => {
  const hash = (text: string) => xxhash32(utf8(text), 0, text.length);
  equal(hash(""), 0x02cc5d05);
  equal(hash("a"), 0x550d7456);
  equal(hash("abc"), 0x32d153ff);
  equal(hash("Nobody inspects the spammish repetition"), 0xe2293b2f);
});

Deno.test("gzip members behind one another are one content", () => {
  deepEqual(
    decompress(Compression.GZIP, concat(gzipSync("hello "), gzipSync("world")), mebibyte),
    utf8("hello world"),
  );
});

Deno.test("snappy is read with Java's framing and without", () => {
  const bytes = utf8("again and again and again and again");
  const raw = compressSnappyBlock(bytes);
  const framed = compress(Compression.SNAPPY, bytes);
  ok(raw.length < framed.length);
  deepEqual(decompress(Compression.SNAPPY, raw, mebibyte), bytes);
  deepEqual(decompress(Compression.SNAPPY, concat(framed, framed), mebibyte), concat(bytes, bytes));
});

Deno.test("gzip takes the memory that it says it unpacks to, and does not grow into it", () => {
  const plain = new Uint8Array(5 * mebibyte + 1);
  const unpacked = decompress(Compression.GZIP, compress(Compression.GZIP, plain), 16 * mebibyte);
  ok(unpacked instanceof Uint8Array && unpacked.length === plain.length);
  ok(unpacked.buffer.byteLength < plain.length + 1024);
});

Deno.test("snappy blocks, whole and damaged, decode as another implementation decodes them", () => {
  const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 3 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), damage, (unit, times, changes) => {
    const raw = Uint8Array.from({ length: unit.length * times }, (_, i) => unit[i % unit.length]!);
    const block = compressSnappyBlock(raw).slice();
    // The size in front stays: the other implementation is told it and does not look.
    const from = block.findIndex((byte) => byte < 0x80) + 1;
    if (from === block.length) return;
    for (const { at, byte } of changes) block[from + at % (block.length - from)] = byte;
    const ours = decompress(Compression.SNAPPY, block, mebibyte);
    let theirs: Uint8Array | "corrupt";
    try {
      theirs = snappyUncompressor()(block, raw.length);
    } catch {
      theirs = "corrupt";
    }
    deepEqual(ours, theirs);
  }));
});

Deno.test("a snappy block that claims more than it can hold costs no memory", () => {
  const claim = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07, 0, 65);
  equal(decompress(Compression.SNAPPY, claim, 2 ** 31), "corrupt");
});

Deno.test("zstd frames behind one another are one content, skippable ones none", () => {
  const skippable = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9);
  const hello = compress(Compression.ZSTD, utf8("hello "));
  const world = compress(Compression.ZSTD, utf8("world"));
  const zstd = (...parts: readonly Uint8Array[]) => decompress(Compression.ZSTD, concat(...parts), 11);
  deepEqual(zstd(hello, skippable, world, skippable), utf8("hello world"));
  equal(zstd(hello, world, hello), "too large");
  equal(zstd(hello, skippable.subarray(0, 10)), "corrupt");
  equal(zstd(hello, new Uint8Array(9)), "corrupt");
});

/** An LZ4 frame of one stored block, with these flags. */
function lz4Frame(flags: number, block: Uint8Array, size = block.length | 0x8000_0000): Uint8Array {
  const contentSize = (flags & 0x08) === 0 ? [] : [block.length, 0, 0, 0, 0, 0, 0, 0];
  const descriptor = Uint8Array.of(flags, 0x40, ...contentSize);
  const little = (value: number) => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
  return concat(
    Uint8Array.of(0x04, 0x22, 0x4d, 0x18),
    descriptor,
    Uint8Array.of(xxhash32(descriptor, 0, descriptor.length) >>> 8),
    little(size),
    block,
    (flags & 0x10) === 0 ? new Uint8Array(0) : little(xxhash32(block, 0, block.length)),
    little(0),
    (flags & 0x04) === 0 ? new Uint8Array(0) : little(xxhash32(block, 0, block.length)),
  );
}
const lz4 = (frame: Uint8Array) => decompress(Compression.LZ4, frame, mebibyte);

Deno.test("every flag of an LZ4 frame that Kafka allows is understood", () => {
  for (const optional of [0, 0x04, 0x08, 0x10, 0x1c]) {
    const frame = lz4Frame(0x60 | optional, utf8("stored as it is"));
    deepEqual(lz4(frame), utf8("stored as it is"));
    equal(lz4(frame.subarray(0, -1)), "corrupt");
  }
  for (const refused of [0x40, 0x61, 0x62, 0xe0, 0x20]) equal(lz4(lz4Frame(refused, utf8("x"))), "corrupt");
});

Deno.test("LZ4 checksums of header and block are compared", () => {
  const frame = lz4Frame(0x70, utf8("stored as it is"));
  for (const at of [6, 12, frame.length - 5]) {
    equal(lz4(frame.with(at, frame[at]! ^ 1)), "corrupt", `byte ${at}`);
  }
});

Deno.test("an LZ4 copy may repeat what it writes, but not reach before its block", () => {
  // one literal, then 19 + 100 bytes from one byte back, then five literals
  const block = concat(Uint8Array.of(0x1f, 65, 1, 0, 100, 0x50), utf8("BCDEF"));
  deepEqual(lz4(lz4Frame(0x60, block, block.length)), utf8("A".repeat(120) + "BCDEF"));
  equal(lz4(lz4Frame(0x60, block.with(2, 2), block.length)), "corrupt");
  equal(lz4(lz4Frame(0x60, block.with(2, 0), block.length)), "corrupt");
});

Deno.test("an LZ4 block may not be larger than its frame says blocks are", () => {
  equal(lz4(lz4Frame(0x60, new Uint8Array(64 * 1024 + 1))), "corrupt");
  ok(lz4(lz4Frame(0x60, new Uint8Array(64 * 1024))) instanceof Uint8Array);
  const bomb = concat(
    Uint8Array.of(0x1f, 65, 1, 0),
    new Uint8Array(300).fill(255),
    Uint8Array.of(0, 0x50),
    utf8("BCDEF"),
  );
  equal(lz4(lz4Frame(0x60, bomb, bomb.length)), "corrupt");
});

Deno.test("an LZ4 frame shrinks what repeats itself, block by block", () => {
  const bytes = utf8("the same words over and over, ".repeat(10_000));
  const frame = compress(Compression.LZ4, bytes);
  ok(frame.length < bytes.length / 50);
  ok(littleEndian32(frame, 7) > 0, "the first block is compressed");
});
