import assert from "node:assert/strict";
import { median, spread } from "./statistics.ts";

Deno.test("the median of an odd number of values is the middle one, whatever their order", () => {
  assert.equal(median([30, 1, 2]), 2);
  assert.equal(median([7]), 7);
});

Deno.test("the median of an even number of values is the mean of the middle two", () => {
  assert.equal(median([4, 1, 3, 100]), 3.5);
});

Deno.test("there is no median of nothing", () => {
  assert.throws(() => median([]), RangeError);
});

Deno.test("a spread tells the median and both ends, and leaves the values as they were", () => {
  const values = [3, 9, 1];
  assert.deepEqual(spread(values), { median: 3, min: 1, max: 9 });
  assert.deepEqual(values, [3, 9, 1]);
});
