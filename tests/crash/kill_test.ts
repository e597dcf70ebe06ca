import assert from "node:assert/strict";
import { killRun } from "./kill_run.ts";

const SEED = 1;

Deno.test(`21 kills under load lose nothing, double nothing, invent nothing (seed ${SEED})`, async () => {
  const outcome = await killRun({
    kills: 21,
    generations: 3,
    writers: 3,
    seed: SEED,
    longestLifeMs: 250,
    stopChance: 0.2,
  });
  assert.ok(outcome.records > 0 && outcome.topics > 0 && outcome.stops > 0);
});
