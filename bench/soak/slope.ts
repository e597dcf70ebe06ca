import { median } from "../measure/statistics.ts";

/** One value at one moment. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/**
 * How fast values grow, per millisecond: the median of the slopes between all pairs (Theil and Sen), which a few
 * samples in the wrong moment do not move. Needs two samples of different moments.
 */
export function robustSlope(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  for (const [index, from] of samples.entries()) {
    for (const to of samples.slice(index + 1)) {
      if (to.atMs > from.atMs) slopes.push((to.value - from.value) / (to.atMs - from.atMs));
    }
  }
  return median(slopes);
}
