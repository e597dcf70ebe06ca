/** What the bench found of objects: tables of rows that each have a value a run and column. */
import { type Spread, spread } from "../measure/statistics.ts";

/** What can stand in a column, in the unit that its head names. MB are 10^6 bytes. */
export const TIER_COLUMNS = {
  megabytes: "MB",
  records: "records",
  seconds: "s",
  secondsPerMillion: "s per 10^6 records",
  putMegabytesPerSecond: "put MB/s",
  ourPutMegabytesPerSecond: "put MB/s by klite's client",
  getMegabytesPerSecond: "get MB/s",
  ourGetMegabytesPerSecond: "get MB/s by klite's client",
  megabytesPerSecond: "MB/s",
  recordsPerSecond: "records/s",
  p50Ms: "p50 ms",
  p99Ms: "p99 ms",
  cpuMsPerMegabyte: "CPU ms/MB",
  serverCpuMsPerMegabyte: "S3 server's CPU ms/MB",
  startMs: "first answer, ms",
  restMegabytes: "memory at rest, MB",
  loadedMegabytes: "after the load, MB",
  peakMegabytes: "peak MB",
} as const;

export type TierColumn = keyof typeof TIER_COLUMNS;

/** One measurement. */
export type TierValues = Readonly<Partial<Record<TierColumn, number>>>;

/** The tables, in the order of the page. */
export const TIER_PARTS = ["store", "flush", "cold", "beside", "recovery", "partitions", "starts"] as const;
export type TierPart = typeof TIER_PARTS[number];

/** One thing that was measured, again and again. */
export interface TierRow {
  readonly part: TierPart;
  readonly name: string;
  readonly title: string;
  readonly runs: readonly TierValues[];
}

/** All of it; parts that failed tell why and have no figures. */
export interface TierFigures {
  readonly rows: readonly TierRow[];
  readonly failures: readonly { readonly part: TierPart; readonly failure: string }[];
}

/** The median of one column; null where a row was not measured. */
export function tierFigure(
  figures: TierFigures | undefined,
  name: string,
  column: TierColumn,
): Spread | null {
  const row = figures?.rows.find((candidate) => candidate.name === name);
  const values = row?.runs.flatMap((run) => run[column] ?? []) ?? [];
  return values.length === 0 ? null : spread(values);
}

/** One row's column by another's, run by run; null unless both were measured. */
export function tierRatio(
  figures: TierFigures | undefined,
  [ours, ourColumn]: readonly [name: string, column: TierColumn],
  [theirs, theirColumn]: readonly [name: string, column: TierColumn],
): Spread | null {
  const top = tierFigure(figures, ours, ourColumn);
  const bottom = tierFigure(figures, theirs, theirColumn);
  if (top === null || bottom === null) return null;
  const median = top.median / bottom.median;
  const runsOf = (name: string) => figures?.rows.find((row) => row.name === name)?.runs ?? [];
  const single = runsOf(ours).flatMap((run, round) => {
    const value = run[ourColumn];
    const other = runsOf(theirs)[round]?.[theirColumn];
    return value === undefined || other === undefined ? [] : [value / other];
  });
  return { median, min: Math.min(median, ...single), max: Math.max(median, ...single) };
}
