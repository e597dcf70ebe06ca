import type { LimitsResult } from "../load/job.ts";
import { type Spread, spread } from "../measure/statistics.ts";
import type { BoundBy, RunFigures, ScenarioRuns, StartRuns, SystemRuns } from "./model.ts";

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

/** klite beside one other system; above 1 means that klite has more of it. */
export interface Comparison {
  readonly peer: string;
  /** Null where the rate was given. */
  readonly throughput: number | null;
  readonly cpu: number;
  readonly p99: number | null;
}

/** Medians of one scenario over all its systems. */
export interface ScenarioSummary {
  readonly name: string;
  readonly title: string;
  readonly systems: readonly SystemSummary[];
  readonly comparisons: readonly Comparison[];
  /** How close klite comes to the machine's slowest part that the scenario needs, 0 to 1. */
  readonly ofLimit: { readonly limit: string; readonly share: number } | null;
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

/** Takes medians, and compares klite with each other system. A system with one failed run has failed. */
export function summarizeScenario(scenario: ScenarioRuns, limits: LimitsResult): ScenarioSummary {
  const systems = scenario.systems.map(summarizeSystem);
  const ours = systems.find((system) => system.system === OURS);
  const measured = ours?.kind === "measured" ? ours.figures : null;
  return {
    name: scenario.name,
    title: scenario.title,
    systems,
    comparisons: measured === null ? [] : systems.flatMap((peer) => {
      return peer.kind === "measured" && peer.system !== OURS
        ? [compare(measured, peer, scenario.boundBy)]
        : [];
    }),
    ofLimit: measured === null ? null : shareOfLimit(measured, scenario.boundBy, limits),
  };
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

function compare(
  ours: FiguresSummary,
  { system, figures: theirs }: { readonly system: string; readonly figures: FiguresSummary },
  boundBy: BoundBy,
): Comparison {
  return {
    peer: system,
    throughput: boundBy === "rate" ? null : ours.megabytesPerSecond.median / theirs.megabytesPerSecond.median,
    cpu: ours.cpuSecondsPerGigabyte.median / theirs.cpuSecondsPerGigabyte.median,
    p99: ours.p99Ms === null || theirs.p99Ms === null ? null : ours.p99Ms.median / theirs.p99Ms.median,
  };
}

function shareOfLimit(
  figures: FiguresSummary,
  boundBy: BoundBy,
  limits: LimitsResult,
): ScenarioSummary["ofLimit"] {
  const slowest = slowestLimit(boundBy, limits);
  if (slowest === null) return null;
  return { limit: slowest.name, share: figures.megabytesPerSecond.median / slowest.megabytesPerSecond };
}

/** The slowest of what a produce, or a fetch, cannot do without, each for large pieces. */
export function slowestLimit(
  boundBy: BoundBy,
  limits: LimitsResult,
): { readonly name: string; readonly megabytesPerSecond: number } | null {
  if (boundBy !== "produce" && boundBy !== "fetch") return null;
  const needed = [{ name: "loopback socket", megabytesPerSecond: limits.socketMegabytesPerSecond }];
  if (boundBy === "produce") {
    const checksum = limits.crc32c.find(({ bytes }) => bytes === 64 * 1024);
    if (checksum !== undefined) {
      needed.push({ name: "CRC-32C", megabytesPerSecond: checksum.megabytesPerSecond });
    }
    const disk = limits.disk.toSorted((a, b) => b.writeBytes - a.writeBytes)[0];
    if (disk !== undefined) {
      needed.push({ name: "disk write with fdatasync", megabytesPerSecond: disk.megabytesPerSecond });
    }
  }
  return needed.toSorted((a, b) => a.megabytesPerSecond - b.megabytesPerSecond)[0] ?? null;
}
