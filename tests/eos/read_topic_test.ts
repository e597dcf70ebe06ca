import assert from "node:assert/strict";
import { findUnlike, valuesBy } from "./read_topic.ts";

const EXPECTED = new Map([["0", ["a", "b", "c"]]]);

Deno.test("the same values in the same order are alike", () => {
  const records = ["a", "b", "c"].map((value) => ({ partition: 0, key: "", value }));
  assert.equal(findUnlike(EXPECTED, valuesBy(records, "partition")), null);
});

Deno.test("what is missing, comes twice, or comes at another place is found", () => {
  const unlike = (...values: string[]) => findUnlike(EXPECTED, new Map([["0", values]]));
  assert.equal(unlike("a", "b"), "0: record 2 is missing, expected c");
  assert.equal(unlike("a", "b", "b", "c"), "0: record 2 is b, expected c");
  assert.equal(unlike("a", "c", "b"), "0: record 1 is c, expected b");
  assert.equal(unlike("a", "b", "c", "d"), "0: record 3 is d, expected no more");
});

Deno.test("lists that only one side has are found", () => {
  assert.equal(findUnlike(EXPECTED, new Map()), "0: record 0 is missing, expected a");
  assert.equal(findUnlike(new Map(), EXPECTED), "0: record 0 is a, expected no more");
});
