import type { BenchReport, Effort, OtherRun, SystemDescription } from "./model.ts";
import { OURS } from "./summary.ts";

/**
 * The report with the scenarios of other runs beside its own, and in place of those of the same names; with them go
 * the bare exchanges of their runs.
 */
export function withScenariosOf(report: BenchReport, more: readonly BenchReport[]): BenchReport {
  if (more.length === 0) return report;
  const scenarios = new Map(report.scenarios.map((scenario) => [scenario.name, scenario]));
  for (const other of more) for (const scenario of other.scenarios) scenarios.set(scenario.name, scenario);
  const exchanges = [...more.toReversed(), report].flatMap(({ limits }) => limits.exchanges);
  const runs = more.map((other) => runOf(other, other.scenarios.map(({ name }) => name)));
  return {
    ...report,
    systems: withSystemsOf(report, more),
    scenarios: [...scenarios.values()],
    limits: { ...report.limits, exchanges },
    others: [...report.others ?? [], ...runs],
  };
}

/** The report with the figures of objects from another run. */
export function withObjectsOf(report: BenchReport, other: BenchReport | null): BenchReport {
  if (other?.tier === undefined) return report;
  return { ...report, tier: other.tier, others: [...report.others ?? [], runOf(other, ["objects"])] };
}

/** What the page says of them: one line for all of the same day and the same klite. */
export function otherRunLines(others: readonly OtherRun[]): string[] {
  const alike = Map.groupBy(others, ({ startedAt, version }) => `${dayOf(startedAt)} with klite ${version}`);
  return [...alike].map(([when, runs]) => {
    const whose = runs.length === 1 ? "a run of its own" : "runs of their own";
    const measured = [...Map.groupBy(runs, ({ effort }) => effortText(effort))].map(([effort, same]) => {
      const names = same.flatMap(({ scenarios }) => scenarios).map((name) => `\`${name}\``);
      return `${names.join(", ")} (${effort})`;
    });
    return `Of ${whose}, on ${when}: ${measured.join(", ")}.`;
  });
}

function effortText({ runs, windowMs }: Effort): string {
  return `${runs === 1 ? "one run" : `${runs} runs`} of ${windowMs / 1000} s`;
}

function dayOf(startedAt: string): string {
  return startedAt.slice(0, 10);
}

/** The report's own, and those that only others have. */
function withSystemsOf(report: BenchReport, more: readonly BenchReport[]): readonly SystemDescription[] {
  const systems = new Map(report.systems.map((system) => [system.name, system]));
  for (const system of more.flatMap((other) => other.systems)) {
    if (!systems.has(system.name)) systems.set(system.name, system);
  }
  return [...systems.values()];
}

function runOf({ startedAt, effort, systems }: BenchReport, scenarios: readonly string[]): OtherRun {
  return { startedAt, version: systems.find(({ name }) => name === OURS)?.version ?? "", effort, scenarios };
}
