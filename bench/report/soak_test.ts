import assert from "node:assert/strict";
import { parseSoak } from "./soak.ts";

const OUTCOME = {
  minutes: 10,
  records: 1000,
  medianBytes: 150e6,
  peakBytes: 170e6,
  grownBytes: -3000,
  isSteady: true,
};

Deno.test("the outcome of a soak is its last line", () => {
  const output = `1 min: 140.0 MB, 100 records\n${JSON.stringify({ ...OUTCOME, exitCode: 0 })}\n`;
  assert.deepEqual(parseSoak(output), OUTCOME);
});

Deno.test("what is no soak's output is refused", () => {
  assert.throws(() => parseSoak("1 min: 140.0 MB, 100 records\n"), /no JSON/);
});
