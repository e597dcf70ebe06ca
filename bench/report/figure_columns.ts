/** The columns of a scenario's table, the same on the page and in the terminal. */
import { formatMegabytes, formatPercent, formatSpread } from "./format.ts";
import type { FiguresSummary } from "./summary.ts";

/** What stands above {@link figureCells}. */
export const FIGURE_HEADS: readonly string[] = [
  "",
  "records/s",
  "MB/s",
  "p50 ms",
  "p99 ms",
  "p99.9 ms",
  "CPU s/GB",
  "CPU µs/request",
  "peak MB",
  "generator",
  "others",
];

/** One system's row. `formatRange` shows the figures whose range matters less. */
export function figureCells(
  system: string,
  figures: FiguresSummary,
  formatRange: typeof formatSpread = formatSpread,
): string[] {
  return [
    system,
    formatRange(figures.recordsPerSecond),
    formatSpread(figures.megabytesPerSecond),
    formatRange(figures.p50Ms),
    formatRange(figures.p99Ms),
    formatRange(figures.p999Ms),
    formatSpread(figures.cpuSecondsPerGigabyte),
    formatRange(figures.cpuMicrosPerRequest),
    formatMegabytes(figures.peakBytes),
    figures.loadShare === null ? "–" : formatPercent(figures.loadShare.median),
    figures.othersShare === null ? "–" : formatPercent(figures.othersShare.median),
  ];
}
