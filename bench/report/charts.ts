/** The charts of the performance page, drawn from a report. */
import { CURVE_FRACTIONS } from "../measure/histogram.ts";
import type { Spread } from "../measure/statistics.ts";
import type { Evidence } from "./evidence.ts";
import { formatFactor, formatNumber } from "./format.ts";
import { figuresOf, OURS, type ScenarioSummary } from "./summary.ts";
import { box, dot, line, LogScale, path, picture, SERIES_COLORS, text, TEXT_COLOR } from "./svg.ts";

/** One picture: a file beside the page, and what it shows in words. */
export interface Chart {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

const WIDTH = 860;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 70;
const BAR_HEIGHT = 11;
const BAR_GAP = 2;
const GROUP_GAP = 12;
const HEAD_HEIGHT = 64;
const AXIS_HEIGHT = 26;
const WHISKER_COLOR = "#7d8590";

/** All charts that the report has figures for. */
export function drawCharts(evidence: Evidence): Chart[] {
  return [ratioChart(evidence), cpuChart(evidence), latencyChart(evidence), curveChart(evidence)].filter((
    chart,
  ) => chart !== null);
}

/** One bar: a median with its range. */
export interface Bar {
  readonly series: string;
  readonly value: Spread;
  readonly label: string;
}

export interface BarGroup {
  readonly label: string;
  readonly bars: readonly Bar[];
}

export interface BarChart {
  readonly file: string;
  readonly title: string;
  readonly subtitle: string;
  readonly series: readonly string[];
  readonly colors: ReadonlyMap<string, string>;
  readonly groups: readonly BarGroup[];
  /** Where bars begin; the left end of the axis when null. */
  readonly base: number | null;
  readonly tick: (value: number) => string;
}

function ratioChart(evidence: Evidence): Chart | null {
  const groups = evidence.besidePeers.map(({ name, comparisons }) => ({
    label: name,
    bars: comparisons.flatMap(({ peer, throughput }) => {
      return throughput === null
        ? []
        : [{ series: peer, value: throughput, label: formatFactor(throughput.median) }];
    }),
  }));
  return barChart({
    file: "throughput.svg",
    title: `Throughput of ${OURS} by that of its peers`,
    subtitle: "1× is equal, more is better; the thin line spans the single rounds; logarithmic",
    series: systemsOf(evidence).filter((name) => name !== OURS),
    colors: colorsOf(evidence),
    groups,
    base: 1,
    tick: (value) => `${value}×`,
  });
}

function cpuChart(evidence: Evidence): Chart | null {
  const groups = evidence.besidePeers.map(({ name, systems }) => ({
    label: name,
    bars: systems.flatMap((system) => {
      if (system.kind !== "measured") return [];
      const value = system.figures.cpuSecondsPerGigabyte;
      return [{ series: system.system, value, label: formatNumber(value.median) }];
    }),
  }));
  return barChart({
    file: "cpu.svg",
    title: "Broker CPU seconds for a gigabyte of record values",
    subtitle: "less is better; the thin line spans the single runs; logarithmic",
    series: systemsOf(evidence),
    colors: colorsOf(evidence),
    groups,
    base: null,
    tick: (value) => String(value),
  });
}

/** A group of bars below each other for each thing measured; null when there is nothing to show. */
export function barChart(chart: BarChart): Chart | null {
  const { base, series, colors } = chart;
  const groups = chart.groups.filter(({ bars }) => bars.length > 0);
  const bars = groups.flatMap((group) => group.bars);
  const values = bars.flatMap(({ value }) => [value.min, value.median, value.max]).filter((value) =>
    value > 0
  );
  if (values.length === 0) return null;
  const scale = new LogScale(base === null ? values : [base, ...values], LABEL_WIDTH, WIDTH - VALUE_WIDTH);
  const shapes = [...head(chart.title, chart.subtitle), ...legend(series, colors)];
  const bodyHeight = groups.reduce((sum, group) => sum + groupHeight(group), 0);
  const bottom = HEAD_HEIGHT + bodyHeight;
  for (const tick of scale.ticks()) {
    shapes.push(line([scale.at(tick), HEAD_HEIGHT - 4], [scale.at(tick), bottom]));
    shapes.push(text(scale.at(tick), bottom + 16, chart.tick(tick), { anchor: "middle", size: 11 }));
  }
  const from = scale.at(base ?? scale.lowest);
  let y = HEAD_HEIGHT;
  for (const group of groups) {
    const middle = y + (groupHeight(group) - GROUP_GAP) / 2;
    shapes.push(text(LABEL_WIDTH - 10, middle + 4, group.label, { anchor: "end" }));
    for (const [index, bar] of group.bars.entries()) {
      const top = y + index * (BAR_HEIGHT + BAR_GAP);
      shapes.push(...drawBar(bar, { scale, from, top, color: colors.get(bar.series) ?? TEXT_COLOR }));
    }
    y += groupHeight(group);
  }
  // The base is drawn over the bars' ends.
  shapes.push(line([from, HEAD_HEIGHT - 4], [from, bottom], { color: TEXT_COLOR }));
  return {
    file: chart.file,
    title: chart.title,
    svg: picture(chart.title, WIDTH, bottom + AXIS_HEIGHT, shapes),
  };
}

interface BarPlace {
  readonly scale: LogScale;
  readonly from: number;
  readonly top: number;
  readonly color: string;
}

function drawBar({ value, label }: Bar, { scale, from, top, color }: BarPlace): string[] {
  const to = scale.at(value.median);
  const middle = top + BAR_HEIGHT / 2;
  const [low, high] = [scale.at(Math.max(value.min, scale.lowest)), scale.at(value.max)];
  const hasRange = value.max > value.min;
  return [
    box(Math.min(from, to), top, Math.abs(to - from), BAR_HEIGHT, color),
    ...(hasRange ? [line([low, middle], [high, middle], { color: WHISKER_COLOR, width: 1.5 })] : []),
    text(Math.max(from, to, hasRange ? high : 0) + 6, middle + 4, label, { size: 11 }),
  ];
}

function groupHeight({ bars }: BarGroup): number {
  return bars.length * (BAR_HEIGHT + BAR_GAP) + GROUP_GAP;
}

/** p50, p99 and p99.9 of the scenarios with a fixed rate, one row for each system. */
function latencyChart(evidence: Evidence): Chart | null {
  const rows = evidence.scenarios.filter(({ boundBy }) => boundBy === "rate").flatMap(latencyRows);
  if (rows.length === 0) return null;
  const scale = new LogScale(
    rows.flatMap(({ quantilesMs }) => quantilesMs),
    LABEL_WIDTH,
    WIDTH - VALUE_WIDTH,
  );
  const colors = colorsOf(evidence);
  const title = "Latency at a fixed rate, milliseconds";
  const subtitle = "dots: p50, p99 and p99.9; logarithmic";
  const shapes = [...head(title, subtitle), ...legend(systemsOf(evidence), colors)];
  const rowHeight = 20;
  const bottom = rows.reduce(
    (y, { isFirst }) => y + rowHeight + (isFirst ? GROUP_GAP : 0),
    HEAD_HEIGHT - GROUP_GAP,
  );
  for (const tick of scale.ticks()) {
    shapes.push(line([scale.at(tick), HEAD_HEIGHT - 4], [scale.at(tick), bottom]));
    shapes.push(text(scale.at(tick), bottom + 16, String(tick), { anchor: "middle", size: 11 }));
  }
  let y = HEAD_HEIGHT - GROUP_GAP;
  for (const { scenario, system, quantilesMs, isFirst } of rows) {
    if (isFirst) y += GROUP_GAP;
    const middle = y + rowHeight / 2;
    const color = colors.get(system) ?? TEXT_COLOR;
    const places = quantilesMs.map((value) => scale.at(value));
    if (isFirst) shapes.push(text(LABEL_WIDTH - 10, middle + 4, scenario, { anchor: "end" }));
    shapes.push(line([places[0]!, middle], [places.at(-1)!, middle], { color, width: 2 }));
    for (const [index, place] of places.entries()) shapes.push(dot(place, middle, 5 - index, color));
    shapes.push(
      text(places.at(-1)! + 8, middle + 4, quantilesMs.map(formatNumber).join(" / "), { size: 11 }),
    );
    y += rowHeight;
  }
  return {
    file: "latency.svg",
    title,
    svg: picture(title, WIDTH + VALUE_WIDTH, bottom + AXIS_HEIGHT, shapes),
  };
}

interface LatencyRow {
  readonly scenario: string;
  readonly system: string;
  readonly quantilesMs: readonly number[];
  readonly isFirst: boolean;
}

function latencyRows({ name, systems }: ScenarioSummary): LatencyRow[] {
  const rows = systems.flatMap((system) => {
    if (system.kind !== "measured") return [];
    const { p50Ms, p99Ms, p999Ms } = system.figures;
    if (p50Ms === null || p99Ms === null || p999Ms === null) return [];
    return [{ system: system.system, quantilesMs: [p50Ms.median, p99Ms.median, p999Ms.median] }];
  });
  return rows.map((row, index) => ({ scenario: name, ...row, isFirst: index === 0 }));
}

const CURVE_SCENARIO = "end-to-end-20k";
const CURVE_HEIGHT = 260;

/** The distribution of one latency: milliseconds over the share of records that were at least as fast. */
function curveChart(evidence: Evidence): Chart | null {
  const scenario = evidence.scenario(CURVE_SCENARIO);
  const curves = systemsOf(evidence).flatMap((system) => {
    const curveMs = figuresOf(scenario?.systems ?? [], system)?.curveMs ?? [];
    return curveMs.length === 0 ? [] : [{ system, curveMs }];
  });
  if (curves.length === 0) return null;
  const title = "From producer to consumer at 20,000 records a second, milliseconds";
  const colors = colorsOf(evidence);
  const bottom = HEAD_HEIGHT + CURVE_HEIGHT;
  const left = 70;
  const right = WIDTH - VALUE_WIDTH;
  const scale = new LogScale(curves.flatMap(({ curveMs }) => curveMs), bottom, HEAD_HEIGHT);
  const nines = CURVE_FRACTIONS.map((fraction) => -Math.log10(1 - fraction));
  const x = (point: number) => {
    const [first = 0, last = 1] = [nines[0], nines.at(-1)];
    return left + (nines[point]! - first) / (last - first) * (right - left);
  };
  const shapes = [
    ...head(
      title,
      "by the share of records that were at least as fast; logarithmic, each nine takes the same room",
    ),
    ...legend(curves.map(({ system }) => system), colors),
  ];
  for (const tick of scale.ticks()) {
    shapes.push(line([left, scale.at(tick)], [right, scale.at(tick)]));
    shapes.push(text(left - 8, scale.at(tick) + 4, String(tick), { anchor: "end", size: 11 }));
  }
  for (const [point, fraction] of CURVE_FRACTIONS.entries()) {
    shapes.push(line([x(point), HEAD_HEIGHT], [x(point), bottom]));
    const label = `${Number((fraction * 100).toFixed(2))} %`;
    // The first ones lie close together.
    if (![0.25, 0.995].includes(fraction)) {
      shapes.push(text(x(point), bottom + 16, label, { anchor: "middle", size: 11 }));
    }
  }
  for (const { system, curveMs } of curves) {
    const color = colors.get(system) ?? TEXT_COLOR;
    shapes.push(path(curveMs.map((value, point) => [x(point), scale.at(value)] as const), color));
  }
  return { file: "latency-curve.svg", title, svg: picture(title, WIDTH, bottom + AXIS_HEIGHT, shapes) };
}

function head(title: string, subtitle: string): string[] {
  return [text(10, 20, title, { size: 15, isBold: true }), text(10, 38, subtitle, { size: 11 })];
}

function legend(series: readonly string[], colors: ReadonlyMap<string, string>): string[] {
  let right = WIDTH - 10;
  return series.toReversed().flatMap((name) => {
    const width = name.length * 7 + 26;
    right -= width;
    return [box(right, 11, 11, 11, colors.get(name) ?? TEXT_COLOR), text(right + 16, 21, name)];
  });
}

/** klite and its peers, klite first. */
function systemsOf({ report, besidePeers }: Evidence): string[] {
  const measured = new Set(besidePeers.flatMap(({ systems }) => systems.map(({ system }) => system)));
  const names = report.systems.map(({ name }) => name).filter((name) => measured.has(name));
  return [...names.filter((name) => name === OURS), ...names.filter((name) => name !== OURS)];
}

function colorsOf(evidence: Evidence): ReadonlyMap<string, string> {
  return new Map(
    systemsOf(evidence).map((name, index) => [name, SERIES_COLORS[index % SERIES_COLORS.length]!] as const),
  );
}
