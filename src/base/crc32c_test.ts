import { equal } from "node:assert/strict";
import fc from "fast-check";
import { crc32c } from "./crc32c.ts";

/** One bit at a time, straight from the definition. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0x82f63b78);
  }
  return ~crc >>> 0;
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

Deno.test("crc32c agrees with the bitwise definition for any range of any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200), (bytes, a, b) => {
    const start = Math.min(a, b, bytes.length);
    const end = Math.min(Math.max(a, b), bytes.length);
    equal(crc32c(bytes, start, end), slowCrc32c(bytes.subarray(start, end)));
  }));
});

Deno.test("crc32c carries a sum across pieces", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, split) => {
    const middle = Math.min(split, bytes.length);
    const first = crc32c(bytes, 0, middle);
    equal(crc32c(bytes, middle, bytes.length, first), crc32c(bytes, 0, bytes.length));
  }));
});
