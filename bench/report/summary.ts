import type { LimitsResult } from "../load/job.ts";
import type { LatencySummary } from "../measure/histogram.ts";
import { median, type Spread, spread } from "../measure/statistics.ts";
import type { Group } from "../scenarios/scenario.ts";
import type { BoundBy, RunFigures, RunOutcome, ScenarioRuns, StartRuns, SystemRuns } from "./model.ts";

const MEGABYTE = 1_000_000;
const GIGABYTE = 1_000_000_000;

/** Medians and ranges over the runs of one scenario against one system. */
export interface FiguresSummary {
  readonly recordsPerSecond: Spread;
  /** Millions of bytes of record values a second. */
  readonly megabytesPerSecond: Spread;
  readonly requestsPerSecond: Spread | null;
  readonly p50Ms: Spread | null;
  readonly p99Ms: Spread | null;
  readonly p999Ms: Spread | null;
  /** Broker CPU, user and system, for 10^9 bytes of record values. */
  readonly cpuSecondsPerGigabyte: Spread;
  readonly cpuMicrosPerRequest: Spread | null;
  readonly peakBytes: Spread;
  /** What the connection with the fewest answers got of an equal share, 0 to 1. */
  readonly slowestShare: Spread | null;
  /** The distribution of latencies, a point for each of CURVE_FRACTIONS, medians over the runs; may be empty. */
  readonly curveMs: readonly number[];
  /** What part of one core the load generator took. */
  readonly loadShare: Spread | null;
  /** What part of one core everything else on the machine took. */
  readonly othersShare: Spread | null;
}

/** One row of a scenario's table. */
export type SystemSummary =
  & { readonly system: string }
  & (
    | { readonly kind: "measured"; readonly figures: FiguresSummary }
    | { readonly kind: "failed"; readonly reason: string }
    | { readonly kind: "lacking"; readonly api: string }
  );

/** klite beside one other system: medians divided, and how far single rounds go. Above 1 klite has more of it. */
export interface Comparison {
  readonly peer: string;
  /** Null where the rate was given. */
  readonly throughput: Spread | null;
  readonly cpu: Spread;
  readonly p99: Spread | null;
}

/** What part of one of the machine's limits klite reaches, 0 to 1. */
export interface ShareOfLimit {
  readonly limit: string;
  readonly share: number;
}

/** Medians of one scenario over all its systems. */
export interface ScenarioSummary {
  readonly name: string;
  readonly title: string;
  readonly group: Group;
  readonly boundBy: BoundBy;
  readonly systems: readonly SystemSummary[];
  readonly comparisons: readonly Comparison[];
  /** How close klite comes to each part of the machine that the scenario needs, the slowest part first. */
  readonly ofLimits: readonly ShareOfLimit[];
  /** What the disk alone took right before the runs, of all systems, in ms; null where that does not matter. */
  readonly disk: DiskSummary | null;
}

/** How long the disk takes to make durable what comes, in ms. */
export interface DiskSummary {
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly p999Ms: Spread;
}

/** Medians of how one system starts. */
export interface StartSummary {
  readonly system: string;
  readonly startMs: Spread | null;
  readonly idleBytes: Spread | null;
  readonly failure: string | null;
}

/** The system that all others are compared with. */
export const OURS = "klite";
/** The same started once more: what the two differ by is noise. */
export const OURS_AGAIN = "klite-again";
/** The one that asks ACLs and quotas. */
export const OURS_WITH_RIGHTS = "klite-rights";

/** Takes medians, and compares klite with each other system. A system with one failed run has failed. */
export function summarizeScenario(scenario: ScenarioRuns, limits: LimitsResult): ScenarioSummary {
  const { name, title, group, boundBy } = scenario;
  const systems = scenario.systems.map(summarizeSystem);
  const measured = figuresOf(systems, OURS);
  const ours = scenario.systems.find(({ system }) => system === OURS);
  return {
    ...{ name, title, group, boundBy, systems },
    comparisons: measured === null || ours === undefined ? [] : scenario.systems.flatMap((peer) => {
      const theirs = figuresOf(systems, peer.system);
      if (theirs === null || peer.system === OURS) return [];
      const rounds = pairs(ours.runs, peer.runs);
      return [compare({ peer: peer.system, ours: measured, theirs, rounds }, boundBy)];
    }),
    ofLimits: measured === null
      ? []
      : limitsOf(boundBy, limits).map(({ name: limit, megabytesPerSecond }) => {
        return { limit, share: measured.megabytesPerSecond.median / megabytesPerSecond };
      }),
    disk: diskOf(scenario.systems.flatMap(({ runs }) => runs)),
  };
}

function diskOf(runs: readonly RunOutcome[]): DiskSummary | null {
  const found = runs.flatMap((run) =>
    "figures" in run && run.figures.disk !== undefined ? [run.figures.disk] : []
  );
  if (found.length === 0) return null;
  const over = (pick: (disk: LatencySummary) => number) => spread(found.map(pick));
  return {
    p50Ms: over(({ p50Ms }) => p50Ms),
    p99Ms: over(({ p99Ms }) => p99Ms),
    p999Ms: over(({ p999Ms }) => p999Ms),
  };
}

/** The figures of one system; null when it was not measured. */
export function figuresOf(systems: readonly SystemSummary[], name: string): FiguresSummary | null {
  const found = systems.find(({ system }) => system === name);
  return found?.kind === "measured" ? found.figures : null;
}

/** Medians of starts. */
export function summarizeStarts({ system, startMs, idleBytes, failure }: StartRuns): StartSummary {
  const isMeasured = failure === null && startMs.length > 0;
  return {
    system,
    startMs: isMeasured ? spread(startMs) : null,
    idleBytes: isMeasured ? spread(idleBytes) : null,
    failure,
  };
}

function summarizeSystem({ system, runs, lacks }: SystemRuns): SystemSummary {
  if (lacks !== null) return { system, kind: "lacking", api: lacks };
  const figures: RunFigures[] = [];
  for (const run of runs) {
    if ("failure" in run) return { system, kind: "failed", reason: run.failure };
    figures.push(run.figures);
  }
  if (figures.length === 0) return { system, kind: "failed", reason: "it was not run" };
  return { system, kind: "measured", figures: summarizeFigures(figures) };
}

function summarizeFigures(runs: readonly RunFigures[]): FiguresSummary {
  const over = (pick: (run: RunFigures) => number) => spread(runs.map(pick));
  const perSecond = (run: RunFigures, amount: number) => amount / (run.windowMs / 1000);
  return {
    recordsPerSecond: over((run) => perSecond(run, run.records)),
    megabytesPerSecond: over((run) => perSecond(run, run.bytes) / MEGABYTE),
    requestsPerSecond: ifAll(runs, (run) => run.requests === null ? null : perSecond(run, run.requests)),
    p50Ms: ifAll(runs, (run) => run.latency?.p50Ms ?? null),
    p99Ms: ifAll(runs, (run) => run.latency?.p99Ms ?? null),
    p999Ms: ifAll(runs, (run) => run.latency?.p999Ms ?? null),
    cpuSecondsPerGigabyte: over((run) => run.brokerCpuSeconds / (run.bytes / GIGABYTE)),
    cpuMicrosPerRequest: ifAll(runs, (run) => {
      return run.requests === null ? null : run.brokerCpuSeconds * 1_000_000 / run.requests;
    }),
    peakBytes: over((run) => run.brokerPeakBytes),
    slowestShare: ifAll(runs, (run) => run.slowestShare),
    curveMs: curveOf(runs),
    loadShare: ifAll(runs, (run) => ofOneCore(run, run.loadCpuSeconds)),
    othersShare: ifAll(runs, (run) => ofOneCore(run, run.othersCpuSeconds)),
  };
}

function ofOneCore({ windowMs }: RunFigures, cpuSeconds: number | null): number | null {
  return cpuSeconds === null ? null : cpuSeconds / (windowMs / 1000);
}

/** The spread of a figure that every run has, else null. */
function ifAll(runs: readonly RunFigures[], pick: (run: RunFigures) => number | null): Spread | null {
  const values: number[] = [];
  for (const run of runs) {
    const value = pick(run);
    if (value === null) return null;
    values.push(value);
  }
  return spread(values);
}

/** The median at each point; none where a run has no distribution. */
function curveOf(runs: readonly RunFigures[]): number[] {
  const curves = runs.map(({ latency }) => latency?.curveMs ?? []);
  if (curves.some(({ length }) => length === 0)) return [];
  return curves[0]!.map((_, point) => median(curves.map((curve) => curve[point]!)));
}

/** What both systems measured in the same round. */
interface Round {
  readonly ours: RunFigures;
  readonly theirs: RunFigures;
}

function pairs(ours: readonly RunOutcome[], theirs: readonly RunOutcome[]): Round[] {
  return ours.flatMap((run, round) => {
    const other = theirs[round];
    const isWhole = "figures" in run && other !== undefined && "figures" in other;
    return isWhole ? [{ ours: run.figures, theirs: other.figures }] : [];
  });
}

interface Compared {
  readonly peer: string;
  readonly ours: FiguresSummary;
  readonly theirs: FiguresSummary;
  readonly rounds: readonly Round[];
}

function compare({ peer, ours, theirs, rounds }: Compared, boundBy: BoundBy): Comparison {
  const ratio = (pick: (run: RunFigures) => number, medians: number): Spread => {
    const single = rounds.map((round) => pick(round.ours) / pick(round.theirs));
    return { median: medians, min: Math.min(medians, ...single), max: Math.max(medians, ...single) };
  };
  return {
    peer,
    throughput: boundBy === "rate" ? null : ratio(
      ({ bytes, windowMs }) => bytes / windowMs,
      ours.megabytesPerSecond.median / theirs.megabytesPerSecond.median,
    ),
    cpu: ratio(
      ({ brokerCpuSeconds, bytes }) => brokerCpuSeconds / bytes,
      ours.cpuSecondsPerGigabyte.median / theirs.cpuSecondsPerGigabyte.median,
    ),
    p99: ours.p99Ms === null || theirs.p99Ms === null
      ? null
      : ratio(({ latency }) => latency?.p99Ms ?? NaN, ours.p99Ms.median / theirs.p99Ms.median),
  };
}

/** A part of the machine at its best. */
export interface Limit {
  readonly name: string;
  readonly megabytesPerSecond: number;
}

/** What a produce, or a fetch, cannot do without, each for large pieces, the slowest first. */
export function limitsOf(boundBy: BoundBy, limits: LimitsResult): Limit[] {
  if (boundBy !== "produce" && boundBy !== "fetch") return [];
  const needed = [{ name: "loopback socket", megabytesPerSecond: limits.socketMegabytesPerSecond }];
  if (boundBy === "produce") {
    const checksum = limits.crc32c.find(({ bytes }) => bytes === 64 * 1024);
    if (checksum !== undefined) {
      needed.push({ name: "CRC-32C", megabytesPerSecond: checksum.megabytesPerSecond });
    }
    const largestBytes = Math.max(...limits.disk.map(({ writeBytes }) => writeBytes));
    for (const { writeBytes, blocks, megabytesPerSecond } of limits.disk) {
      if (writeBytes !== largestBytes) continue;
      needed.push({ name: `disk write with fdatasync to ${blocks} blocks`, megabytesPerSecond });
    }
  }
  return needed.toSorted((a, b) => a.megabytesPerSecond - b.megabytesPerSecond);
}
