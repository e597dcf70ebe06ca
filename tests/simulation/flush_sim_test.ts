import { flushedLives } from "./flush_life.ts";
import { runSeeds } from "./runner.ts";

/** A sample: `deno task sim` runs 10,000. */
const RUNS = 25;

Deno.test(`${flushedLives.name} hold for ${RUNS} seeds`, () => runSeeds(flushedLives, 1, RUNS));
