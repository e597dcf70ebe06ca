import assert from "node:assert/strict";
import { ErrorCode, errorName, isRetriable } from "./error_codes.ts";

Deno.test("error codes are the contiguous numbers from -1 on, each with its own name", () => {
  const codes = Object.values(ErrorCode);
  assert.deepEqual(codes, codes.map((_, index) => index - 1));
  for (const [name, code] of Object.entries(ErrorCode)) assert.equal(errorName(code), name);
});

Deno.test("a number that Kafka does not define still has a printable name", () => {
  assert.equal(errorName(9999), "UNKNOWN_ERROR_9999");
  assert.equal(isRetriable(9999), false);
});

Deno.test("retriable errors are told from final ones", () => {
  assert.equal(isRetriable(ErrorCode.NOT_LEADER_OR_FOLLOWER), true);
  assert.equal(isRetriable(ErrorCode.KAFKA_STORAGE_ERROR), true);
  assert.equal(isRetriable(ErrorCode.INVALID_REQUEST), false);
  assert.equal(isRetriable(ErrorCode.NONE), false);
});
