import assert from "node:assert/strict";
import { inParts } from "./resolve_patterns.ts";

Deno.test("what many patterns stand for is written in entries of bounded size", () => {
  const topics = Array.from({ length: 20_000 }, (_, count) => `topic-${count}`);
  const found = new Map(["a", "b", "c", "d", "e"].map((pattern) => [pattern, topics]));
  const parts = [...inParts(found)].map((part) => [...part.keys()].join(""));
  assert.deepEqual(parts, ["ab", "cd", "e"]);
});
