import { runSeeds } from "../simulation/runner.ts";
import { compaction } from "./compaction_scenario.ts";

/** A sample: `deno task sim --scenario=compaction` takes 10,000. */
const RUNS = 40;

Deno.test("compaction leaves what a plain model leaves, through failures and deaths", () =>
  runSeeds(compaction, 1, RUNS));
