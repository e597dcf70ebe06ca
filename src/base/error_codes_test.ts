import assert from "node:assert/strict";
import { ErrorCode, errorName } from "./error_codes.ts";

Deno.test("error codes are the contiguous numbers from -1 on, each with its own name", () => {
  const codes = Object.values(ErrorCode);
  assert.deepEqual(codes, codes.map((_, index) => index - 1));
  for (const [name, code] of Object.entries(ErrorCode)) assert.equal(errorName(code), name);
});

Deno.test("a number that Kafka does not define still has a printable name", () => {
  assert.equal(errorName(9999), "UNKNOWN_ERROR_9999");
});
