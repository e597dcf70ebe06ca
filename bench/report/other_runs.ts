import type { BenchReport } from "./model.ts";
import { OURS } from "./summary.ts";

/** The report with the scenarios of other runs beside its own, and in place of those of the same names. */
export function withScenariosOf(report: BenchReport, more: readonly BenchReport[]): BenchReport {
  if (more.length === 0) return report;
  const scenarios = new Map(report.scenarios.map((scenario) => [scenario.name, scenario]));
  for (const other of more) for (const scenario of other.scenarios) scenarios.set(scenario.name, scenario);
  return {
    ...report,
    scenarios: [...scenarios.values()],
    others: more.map(({ startedAt, systems, scenarios }) => ({
      startedAt,
      version: systems.find(({ name }) => name === OURS)?.version ?? "",
      scenarios: scenarios.map(({ name }) => name),
    })),
  };
}
