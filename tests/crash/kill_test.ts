import assert from "node:assert/strict";
import { killRun } from "./kill_run.ts";

Deno.test("20 kills under idempotent producers lose nothing, double nothing, invent nothing", async () => {
  const { acknowledged, stored } = await killRun({ kills: 20, writers: 3, seed: 1 });
  assert.ok(acknowledged > 0);
  assert.equal(stored, acknowledged);
});
