import { barChart, type BarGroup, type Chart } from "./charts.ts";
import type { Evidence } from "./evidence.ts";
import { formatNumber } from "./format.ts";
import { SERIES_COLORS } from "./svg.ts";
import { type TierColumn, tierFigure } from "./tier_model.ts";
import { OURS } from "./summary.ts";

const SERVER = "the S3 server";

/** How fast records go into the bucket and come back, beside the server by itself. */
export function tierChart({ report: { tier } }: Evidence): Chart | null {
  const bar = (series: string, row: string, column: TierColumn) => {
    const value = tierFigure(tier, row, column);
    return value === null ? [] : [{ series, value, label: formatNumber(value.median) }];
  };
  const server = (label: string, row: string, column: TierColumn): BarGroup => {
    return { label, bars: bar(SERVER, row, column) };
  };
  const ours = (label: string, row: string): BarGroup => ({
    label,
    bars: bar(OURS, row, "megabytesPerSecond"),
  });
  return barChart({
    file: "objects.svg",
    title: "Into the bucket and back, MB/s",
    subtitle: "more is better; the thin line spans the single rounds; logarithmic",
    series: [SERVER, OURS],
    colors: new Map([SERVER, OURS].map((name, index) => [name, SERIES_COLORS[index] ?? "black"])),
    groups: [
      server("puts of 64 MiB, 1 at a time", "store-64m-1", "putMegabytesPerSecond"),
      server("4 at a time", "store-64m-4", "putMegabytesPerSecond"),
      ours("64 KiB batches stored", "flush-64k"),
      ours("1 KiB batches stored", "flush-1k"),
      server("gets of 8 MiB, 1 at a time", "store-8m-1", "getMegabytesPerSecond"),
      server("4 at a time", "store-8m-4", "getMegabytesPerSecond"),
      ours("64 KiB batches, 1 consumer", "cold-64k-1"),
      ours("4 consumers", "cold-64k-4"),
      ours("1 KiB batches, 1 consumer", "cold-1k-1"),
      ours("4 consumers", "cold-1k-4"),
      ours("produced, nothing stored", "produce-alone"),
      ours("produced while stored", "produce-flushing"),
    ],
    base: null,
    tick: (value) => String(value),
  });
}
