import { strictEqual } from "node:assert/strict";
import { formatByteSize, parseByteSize } from "./byte_size.ts";

Deno.test("parseByteSize() takes plain numbers and sizes with a unit", () => {
  const valid: [string, number][] = [
    ["0", 0],
    ["67108864", 67_108_864],
    ["64MiB", 67_108_864],
    ["64mib", 67_108_864],
    ["1.5GiB", 1_610_612_736],
    ["64MB", 64_000_000],
    ["10b", 10],
    ["1TiB", 2 ** 40],
  ];
  for (const [text, bytes] of valid) strictEqual(parseByteSize(text), bytes, text);
});

Deno.test("parseByteSize() refuses fractions of a byte, signs and unknown units", () => {
  for (const text of ["", "-1", "+1", "1.5", "1 MiB", "MiB", "64M", "1e6", "1XiB", "9007199254740993"]) {
    strictEqual(parseByteSize(text), null, text);
  }
});

Deno.test("formatByteSize() uses a unit only when it is exact", () => {
  strictEqual(formatByteSize(16 * 2 ** 20), "16 MiB");
  strictEqual(formatByteSize(2 ** 30), "1 GiB");
  strictEqual(formatByteSize(2 ** 20 + 1), "1048577 bytes");
});
