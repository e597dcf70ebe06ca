import { compactedLives } from "./compaction_life.ts";
import { runSeeds } from "./runner.ts";

/** A sample: `deno task sim --scenario=compacted-lives` takes 1,000. */
const RUNS = 5;

Deno.test("a compacted topic keeps the last record of each key through failures of the store and deaths", () =>
  runSeeds(compactedLives, 1, RUNS));
