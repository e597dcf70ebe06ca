import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { crc32c } from "./crc32c.ts";
import { ImageMemory } from "./image_memory.ts";
import { portableCrc32c } from "./portable_crc32c.ts";

/** The same bytes that look random, in ordinary memory and in WebAssembly's. */
function places(length: number): { name: string; bytes: Uint8Array }[] {
  const bytes = new Uint8Array(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  const image = new ImageMemory(length).allocate(length);
  image.set(bytes);
  return [{ name: "copied", bytes }, { name: "in place", bytes: image }];
}

/** Holds the sum of a range to the portable one's. */
function compare(name: string, bytes: Uint8Array, start: number, end: number, seed?: number): void {
  const expected = portableCrc32c(bytes, start, end, seed);
  equal(crc32c(bytes, start, end, seed), expected, `${name}: [${start}, ${end}) after ${seed}`);
}

Deno.test("crc32c gives the published values", () => {
  const sum = (bytes: Uint8Array) => crc32c(bytes, 0, bytes.length);
  equal(sum(new Uint8Array(0)), 0);
  equal(sum(new TextEncoder().encode("123456789")), 0xe3069283);
  // RFC 3720, appendix B.4
  equal(sum(new Uint8Array(32)), 0x8a9136aa);
  equal(sum(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  equal(sum(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
  equal(sum(Uint8Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c);
});

Deno.test("crc32c is the portable sum for every short length, at every alignment", () => {
  for (const { name, bytes } of places(4096)) {
    for (let length = 0; length <= 2048; length++) compare(name, bytes, length % 17, length % 17 + length);
    for (let start = 0; start < 64; start++) compare(name, bytes, start, start + 1500);
  }
});

Deno.test("crc32c is the portable sum around the sizes that the fold works in", () => {
  const windowBytes = 432;
  const blockBytes = 8192;
  const copiedBytes = 65_536;
  for (const { name, bytes } of places(3 * copiedBytes)) {
    for (const blocks of [1, 2, 3, 7, 8]) {
      for (let more = -40; more <= 40; more++) {
        compare(name, bytes, 5, 5 + blocks * blockBytes + more, more);
        compare(name, bytes, 5, 5 + windowBytes + blocks * blockBytes + more, more);
      }
    }
    for (const pieces of [1, 2]) {
      for (let more = -3; more <= 3; more++) {
        compare(name, bytes, 1, 1 + pieces * copiedBytes + more);
        compare(name, bytes, 1, 1 + pieces * copiedBytes + 1024 + more);
      }
    }
  }
});

Deno.test("crc32c is the portable sum of any range of a large buffer, after any seed", () => {
  const length = 3 * 1024 * 1024;
  const large = places(length);
  const seed = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(fc.property(fc.nat(length), fc.nat(length), seed, (a, b, before) => {
    for (const { name, bytes } of large) compare(name, bytes, Math.min(a, b), Math.max(a, b), before);
  }));
});

Deno.test("crc32c carries a sum across pieces", () => {
  const length = 20_000;
  for (const { bytes } of places(length)) {
    const whole = crc32c(bytes, 0, length);
    fc.assert(fc.property(fc.nat(length), (middle) => {
      equal(crc32c(bytes, middle, length, crc32c(bytes, 0, middle)), whole);
    }));
  }
});

Deno.test("crc32c tells any one flipped bit", () => {
  for (const { bytes } of places(9000)) {
    const before = crc32c(bytes, 0, bytes.length);
    for (let bit = 0; bit < 8 * bytes.length; bit += 37) {
      const at = bit >>> 3;
      bytes[at]! ^= 1 << (bit & 7);
      equal(crc32c(bytes, 0, bytes.length) === before, false, `bit ${bit}`);
      bytes[at]! ^= 1 << (bit & 7);
    }
  }
});

Deno.test("crc32c leaves the bytes as they are", () => {
  for (const { bytes } of places(100_000)) {
    const before = bytes.slice();
    crc32c(bytes, 3, bytes.length);
    deepEqual(bytes, before);
  }
});

Deno.test("crc32c does not sum what lies outside of the bytes it is given", () => {
  for (const { bytes } of places(10_000)) {
    throws(() => crc32c(bytes, 0, 10_001), { name: "AssertionError" });
    throws(() => crc32c(bytes, -1, 10_000), { name: "AssertionError" });
    throws(() => crc32c(bytes.subarray(0, 5000), 0, 5001), { name: "AssertionError" });
  }
});
