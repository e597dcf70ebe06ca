import { deepStrictEqual, throws } from "node:assert/strict";
import { Histogram } from "./histogram.ts";

Deno.test("a value belongs to the first range whose bound it does not pass", () => {
  const histogram = new Histogram(Float64Array.of(1, 2, 5));
  for (const value of [0, 1, 1.5, 5, 6, 100]) histogram.observe(value);
  deepStrictEqual([...histogram.counts], [2, 1, 1, 2]);
  deepStrictEqual([histogram.count, histogram.sum], [6, 113.5]);
});

Deno.test("bounds that do not ascend are refused", () => {
  throws(() => new Histogram(Float64Array.of(1, 1)));
});
