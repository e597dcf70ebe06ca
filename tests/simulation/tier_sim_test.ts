import { runSeeds } from "./runner.ts";
import { tier } from "./tier_scenarios.ts";

/** A sample: `deno task sim` runs 10,000. */
const RUNS = 15;

Deno.test(`tier holds for ${RUNS} seeds`, () => runSeeds(tier, 1, RUNS));
