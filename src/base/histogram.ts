import { assert } from "./assert.ts";

/** How often a value was in which of a few fixed ranges. An observation costs some comparisons and two additions. */
export class Histogram {
  /** Upper bounds of the ranges, each inclusive, ascending; what is above the last one is in a range of its own. */
  readonly bounds: Float64Array;
  /** Observations in each range, the one above all bounds last. */
  readonly counts: Float64Array;
  #sum = 0;

  constructor(bounds: Float64Array) {
    assert(bounds.every((bound, at) => at === 0 || bounds[at - 1]! < bound), "bounds ascend");
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Of all values observed. */
  get sum(): number {
    return this.#sum;
  }

  /** Of all observations. */
  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let range = 0;
    while (range < bounds.length && value > bounds[range]!) range++;
    counts[range]! += 1;
    this.#sum += value;
  }
}

/** For what takes from a tenth of a millisecond to a minute; seconds. */
export const LATENCY_BOUNDS_SECONDS: Float64Array = Float64Array.of(
  ...[
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
    60,
  ],
);
