/** What one run of the bench found, as `--json` writes it: every single run, so that any summary can be drawn later. */
import type { LimitsResult, LoadResult } from "../load/job.ts";
import type { LatencySummary } from "../measure/histogram.ts";
import type { Group } from "../scenarios/scenario.ts";
import type { Machine } from "../measure/machine.ts";
import type { TierFigures } from "./tier_model.ts";

/** Raised when the form changes in a way that older readers would take wrongly. */
export const REPORT_FORMAT = 2;

/** One measurement. What a foreign load generator does not tell is null. */
export interface RunFigures extends Omit<LoadResult, "latency" | "loadCpuSeconds" | "othersCpuSeconds"> {
  readonly latency: LatencySummary | null;
  readonly loadCpuSeconds: number | null;
  readonly othersCpuSeconds: number | null;
  /** What the disk alone took right before, where it is what a latency is made of. */
  readonly disk?: LatencySummary;
}

/** A measurement, or why there is none. */
export type RunOutcome = { readonly figures: RunFigures } | { readonly failure: string };

/** All runs of one scenario against one system. */
export interface SystemRuns {
  readonly system: string;
  readonly runs: readonly RunOutcome[];
  /** An API that the scenario needs and the system does not serve, by name; it was not run then. */
  readonly lacks: string | null;
}

/**
 * What bounds a scenario in the end: all that a produce or a fetch of large pieces needs of the
 * machine, the cost of each request, producers and consumers at once, the foreign client, or the rate
 * that was asked for.
 */
export type BoundBy = "produce" | "fetch" | "requests" | "pair" | "client" | "rate";

/** All runs of one scenario. */
export interface ScenarioRuns {
  readonly name: string;
  readonly title: string;
  readonly group: Group;
  readonly boundBy: BoundBy;
  readonly systems: readonly SystemRuns[];
}

/** How a system starts and what it takes while nobody asks it anything. */
export interface StartRuns {
  readonly system: string;
  readonly startMs: readonly number[];
  readonly idleBytes: readonly number[];
  readonly failure: string | null;
}

/** A system as the report introduces it. */
export interface SystemDescription {
  readonly name: string;
  readonly title: string;
  readonly version: string;
}

/** How the bench was asked to measure. */
export interface Effort {
  /** Runs of every scenario against every system. */
  readonly runs: number;
  /** The measured stretch of each run. */
  readonly windowMs: number;
  readonly warmupMs: number;
  readonly quick: boolean;
}

/** A run of the bench of which a report has scenarios that are not its own. */
export interface OtherRun {
  readonly startedAt: string;
  /** Of klite. */
  readonly version: string;
  readonly effort: Effort;
  readonly scenarios: readonly string[];
}

/** All that one run of the bench found. */
export interface BenchReport {
  readonly format: typeof REPORT_FORMAT;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly tookSeconds: number;
  readonly effort: Effort;
  readonly machine: Machine;
  readonly limits: LimitsResult;
  readonly systems: readonly SystemDescription[];
  readonly starts: readonly StartRuns[];
  readonly scenarios: readonly ScenarioRuns[];
  /** Left out when objects were not measured. */
  readonly tier?: TierFigures;
  /** Where scenarios are from that were measured by themselves; left out when all are of one run. */
  readonly others?: readonly OtherRun[];
}
