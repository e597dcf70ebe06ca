import { runSeeds } from "../simulation/runner.ts";
import { coordination } from "./scenario.ts";

/** A sample: `deno task sim --scenario=coordination` takes 100,000 steps and more. */
const RUNS = 4;

Deno.test("groups, transactions and offsets agree with a plain model, through kills and restarts", () =>
  runSeeds(coordination, 1, RUNS));
