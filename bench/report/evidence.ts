/** Looks figures up in a report, for whoever checks claims. */
import type { Spread } from "../measure/statistics.ts";
import type { BenchReport } from "./model.ts";
import type { SoakOutcome } from "./soak.ts";
import {
  type Comparison,
  figuresOf,
  type FiguresSummary,
  OURS,
  type ScenarioSummary,
  type StartSummary,
  summarizeScenario,
  summarizeStarts,
} from "./summary.ts";

/** All medians of a report. */
export class Evidence {
  readonly report: BenchReport;
  readonly scenarios: readonly ScenarioSummary[];
  /** Those of them that put klite beside its peers, and not beside a klite that is set up otherwise. */
  readonly besidePeers: readonly ScenarioSummary[];
  readonly starts: readonly StartSummary[];
  /** Null when no soak was handed in. */
  readonly soak: SoakOutcome | null;

  constructor(report: BenchReport, soak: SoakOutcome | null = null) {
    this.report = report;
    this.soak = soak;
    this.scenarios = report.scenarios.map((scenario) => summarizeScenario(scenario, report.limits));
    this.besidePeers = this.scenarios.filter(({ group }) => group !== "security");
    this.starts = report.starts.map(summarizeStarts);
  }

  scenario(name: string): ScenarioSummary | null {
    return this.scenarios.find((scenario) => scenario.name === name) ?? null;
  }

  /** klite's figures; null when it was not measured. */
  ours(scenario: string): FiguresSummary | null {
    return figuresOf(this.scenario(scenario)?.systems ?? [], OURS);
  }

  /** klite beside a peer; null when one of them was not measured. */
  beside(scenario: string, peer: string): Comparison | null {
    return this.scenario(scenario)?.comparisons.find((found) => found.peer === peer) ?? null;
  }

  /** How klite starts; null when that was not measured. */
  start(): { readonly startMs: Spread; readonly idleBytes: Spread } | null {
    const found = this.starts.find(({ system }) => system === OURS);
    if (found === undefined || found.startMs === null || found.idleBytes === null) return null;
    return { startMs: found.startMs, idleBytes: found.idleBytes };
  }
}
