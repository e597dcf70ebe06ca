import { deletionScenarios } from "./deletion_scenarios.ts";
import { runSeeds } from "./runner.ts";

/** A sample: `deno task sim` runs 10,000. */
const RUNS = 25;

for (const scenario of deletionScenarios) {
  Deno.test(`${scenario.name} holds for ${RUNS} seeds`, () => runSeeds(scenario, 1, RUNS));
}
