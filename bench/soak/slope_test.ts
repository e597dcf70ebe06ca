import assert from "node:assert/strict";
import { robustSlope } from "./slope.ts";

const line = (slope: number) =>
  Array.from({ length: 50 }, (_, i) => ({ atMs: i * 10, value: 5 + i * 10 * slope }));

Deno.test("robustSlope() tells a line's slope, whatever a few samples say", () => {
  for (const slope of [0, 0.5, -2]) {
    assert.equal(robustSlope(line(slope)), slope);
    const disturbed = line(slope).map((sample, i) => i % 10 === 3 ? { ...sample, value: 1e9 } : sample);
    assert.equal(robustSlope(disturbed), slope);
  }
});

Deno.test("robustSlope() is near nothing for a sawtooth, and needs two moments", () => {
  const sawtooth = Array.from({ length: 300 }, (_, i) => ({ atMs: i, value: i % 7 }));
  assert.ok(Math.abs(robustSlope(sawtooth)) < 0.01);
  assert.throws(() => robustSlope([{ atMs: 1, value: 1 }]), RangeError);
});
