import assert from "node:assert/strict";
import fc from "fast-check";
import { CURVE_FRACTIONS, Histogram } from "./histogram.ts";

Deno.test("values up to 255 microseconds are counted exactly", () => {
  const histogram = new Histogram();
  for (let value = 0; value <= 255; value++) histogram.record(value);
  for (let value = 0; value <= 255; value++) assert.equal(histogram.quantile((value + 1) / 256), value);
});

Deno.test("any quantile is at most 0.8 percent above the value of that rank, and never below it", () => {
  const values = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 });
  fc.assert(fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (recorded, fraction) => {
    const histogram = new Histogram();
    for (const value of recorded) histogram.record(value);
    const sorted = recorded.toSorted((a, b) => a - b);
    const exact = sorted[Math.max(1, Math.ceil(sorted.length * fraction)) - 1]!;
    const told = histogram.quantile(fraction);
    assert.ok(told >= exact && told <= exact * (1 + 1 / 128), `${told} for ${exact}`);
  }));
});

Deno.test("a value recorded n times counts n times", () => {
  const histogram = new Histogram();
  histogram.record(1_000, 99);
  histogram.record(50_000);
  assert.equal(histogram.count, 100);
  assert.equal(histogram.quantile(1), 50_000);
  assert.ok(histogram.quantile(0.99) < 1_010);
});

Deno.test("adding two histograms gives what recording everything in one gives", () => {
  const [left, right, both] = [new Histogram(), new Histogram(), new Histogram()];
  for (let value = 1; value < 100_000; value += 37) {
    (value % 2 === 0 ? left : right).record(value);
    both.record(value);
  }
  left.add(right);
  assert.deepEqual(left.summary(), both.summary());
});

Deno.test("negative and absurdly long durations are clamped, and nothing recorded reads as zero", () => {
  const histogram = new Histogram();
  assert.deepEqual(histogram.summary(), {
    count: 0,
    p50Ms: 0,
    p99Ms: 0,
    p999Ms: 0,
    maxMs: 0,
    curveMs: CURVE_FRACTIONS.map(() => 0),
  });
  histogram.record(-5);
  assert.equal(histogram.quantile(1), 0);
  histogram.record(1e15);
  assert.equal(histogram.quantile(1), 2 ** 31 - 1);
});
