import { equal, notEqual } from "node:assert/strict";
import { runSeeds } from "./runner.ts";
import { runCrashes, walScenarios } from "./wal_scenarios.ts";

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

Deno.test("a seed replays to the same bytes at the same time", async () => {
  for (const seed of [3, 33, 333]) {
    const digest = (await runCrashes(seed)).digest();
    equal((await runCrashes(seed)).digest(), digest);
    notEqual((await runCrashes(seed + 1)).digest(), digest);
  }
});
