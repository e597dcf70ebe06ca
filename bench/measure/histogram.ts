/**
 * A latency histogram of fixed size: recording a value is two shifts and an addition, and allocates nothing.
 *
 * Buckets are exact up to 255 microseconds; above, each power of two is divided
 * into 128, so that a value read back is at most 0.8 % above the one recorded.
 */

const SUB_BITS = 7;
const EXACT_BELOW = 2 << SUB_BITS;
const HIGHEST = 2 ** 31 - 1;
const BUCKETS = bucketOf(HIGHEST) + 1;

/** The shares of all values that {@link LatencySummary.curveMs} has a point for. */
export const CURVE_FRACTIONS: readonly number[] = [
  0.1,
  0.25,
  0.5,
  0.75,
  0.9,
  0.95,
  0.99,
  0.995,
  0.999,
  0.9999,
];

/** The latencies that reports show, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** The distribution: a quantile for each of {@link CURVE_FRACTIONS}; empty where only the above is known. */
  readonly curveMs: readonly number[];
}

/** Counts of durations between 0 and 2^31 - 1 microseconds (35 minutes); longer ones count as the longest. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #highest = 0;

  /** How many values were recorded. */
  get count(): number {
    return this.#total;
  }

  /** Records a duration in microseconds, `times` over. */
  record(microseconds: number, times = 1): void {
    const value = microseconds <= 0 ? 0 : microseconds >= HIGHEST ? HIGHEST : Math.trunc(microseconds);
    const bucket = bucketOf(value);
    this.#counts[bucket] = this.#counts[bucket]! + times;
    this.#total += times;
    if (value > this.#highest) this.#highest = value;
  }

  /** Adds all that `other` holds. */
  add(other: Histogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.#counts[bucket] = this.#counts[bucket]! + other.#counts[bucket]!;
    }
    this.#total += other.#total;
    if (other.#highest > this.#highest) this.#highest = other.#highest;
  }

  /** The microseconds that `fraction` (0 to 1) of the values do not exceed; 0 when nothing was recorded. */
  quantile(fraction: number): number {
    const wanted = Math.max(1, Math.ceil(this.#total * fraction));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= wanted) return Math.min(highestIn(bucket), this.#highest);
    }
    return this.#highest;
  }

  /** The figures that reports show. */
  summary(): LatencySummary {
    return {
      count: this.#total,
      p50Ms: this.quantile(0.5) / 1000,
      p99Ms: this.quantile(0.99) / 1000,
      p999Ms: this.quantile(0.999) / 1000,
      maxMs: this.#highest / 1000,
      curveMs: CURVE_FRACTIONS.map((fraction) => this.quantile(fraction) / 1000),
    };
  }
}

function bucketOf(value: number): number {
  if (value < EXACT_BELOW) return value;
  const shift = 31 - Math.clz32(value) - SUB_BITS;
  return (shift << SUB_BITS) + (value >>> shift);
}

function highestIn(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket;
  const shift = (bucket >>> SUB_BITS) - 1;
  return (bucket - (shift << SUB_BITS) + 1) * 2 ** shift - 1;
}
