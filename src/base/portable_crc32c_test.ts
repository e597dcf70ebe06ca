import { equal } from "node:assert/strict";
import fc from "fast-check";
import { portableCrc32c } from "./portable_crc32c.ts";

/** One bit at a time, straight from the definition. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0x82f63b78);
  }
  return ~crc >>> 0;
}

Deno.test("the portable sum agrees with the bitwise definition for any range of any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600, size: "max" }), fc.nat(600), fc.nat(600), (bytes, a, b) => {
      const start = Math.min(a, b, bytes.length);
      const end = Math.min(Math.max(a, b), bytes.length);
      equal(portableCrc32c(bytes, start, end), slowCrc32c(bytes.subarray(start, end)));
    }),
  );
});
