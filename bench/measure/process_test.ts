import assert from "node:assert/strict";
import { cpuSecondsOf } from "./process.ts";

Deno.test("the CPU time of a process is found behind a name with spaces and parentheses", () => {
  const stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 75 0 0 20 0 9 0 12345 1000 200";
  assert.equal(cpuSecondsOf(stat), 3.25);
});
