import type { BenchReport, OtherRun } from "./model.ts";
import { OURS } from "./summary.ts";

/** The report with the scenarios of other runs beside its own, and in place of those of the same names. */
export function withScenariosOf(report: BenchReport, more: readonly BenchReport[]): BenchReport {
  if (more.length === 0) return report;
  const scenarios = new Map(report.scenarios.map((scenario) => [scenario.name, scenario]));
  for (const other of more) for (const scenario of other.scenarios) scenarios.set(scenario.name, scenario);
  const runs = more.map((other) => runOf(other, other.scenarios.map(({ name }) => name)));
  return { ...report, scenarios: [...scenarios.values()], others: [...report.others ?? [], ...runs] };
}

/** The report with the figures of objects from another run. */
export function withObjectsOf(report: BenchReport, other: BenchReport | null): BenchReport {
  if (other?.tier === undefined) return report;
  return { ...report, tier: other.tier, others: [...report.others ?? [], runOf(other, ["objects"])] };
}

function runOf({ startedAt, systems }: BenchReport, scenarios: readonly string[]): OtherRun {
  return { startedAt, version: systems.find(({ name }) => name === OURS)?.version ?? "", scenarios };
}
