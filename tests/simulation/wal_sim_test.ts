import { runSeeds } from "./runner.ts";
import { walScenarios } from "./wal_scenarios.ts";

/** The long form is `deno task sim`. */
const RUNS: Readonly<Record<string, number>> = {
  "wal-crashes": 120,
  "wal-boundaries": 300,
  "wal-remains": 100,
  "wal-damage": 200,
};

for (const scenario of walScenarios) {
  Deno.test(`the log holds what it promises in every run of ${scenario.name}`, async () => {
    await runSeeds(scenario, 1, RUNS[scenario.name] ?? 100);
  });
}
