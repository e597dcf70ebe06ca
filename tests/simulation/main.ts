/**
 * The long form of the simulations: `deno task sim [--scenario=NAME] [--runs=N] [--seed=FIRST]`.
 * With `--seed` alone, one run: the replay of a failure.
 */
import { parseArgs } from "node:util";
import { compaction } from "../model/compaction_scenario.ts";
import { coordination } from "../model/scenario.ts";
import { brokerScenarios } from "./broker_scenarios.ts";
import { deletionScenarios } from "./deletion_scenarios.ts";
import { compactedLives } from "./compaction_life.ts";
import { flushedLives } from "./flush_life.ts";
import { runSeeds, type Scenario } from "./runner.ts";
import { tier } from "./tier_scenarios.ts";
import { walScenarios } from "./wal_scenarios.ts";

const RUNS = 10_000;
const REPORT_EVERY = 1000;

const scenarios: readonly Scenario[] = [
  ...brokerScenarios,
  ...walScenarios,
  ...deletionScenarios,
  tier,
  coordination,
  compaction,
  compactedLives,
  flushedLives,
];

const { values } = parseArgs({
  args: Deno.args,
  options: { scenario: { type: "string" }, runs: { type: "string" }, seed: { type: "string" } },
});
const firstSeed = Number(values.seed ?? 1);
const chosen = scenarios.filter(({ name }) => name === (values.scenario ?? name));
if (chosen.length === 0) {
  console.error(`no scenario ${values.scenario}; there are: ${scenarios.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}
for (const scenario of chosen) {
  const runs = Number(values.runs ?? (values.seed === undefined ? scenario.longRuns ?? RUNS : 1));
  const startMs = performance.now();
  for (let done = 0; done < runs; done += REPORT_EVERY) {
    await runSeeds(scenario, firstSeed + done, Math.min(REPORT_EVERY, runs - done));
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    const last = Math.min(done + REPORT_EVERY, runs);
    console.error(`${scenario.name}: seeds ${firstSeed} to ${firstSeed + last - 1} in ${seconds} s`);
  }
}
