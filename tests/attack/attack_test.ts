import assert from "node:assert/strict";
import { type AttackScale, MEMORY_BYTES_MAX, runAttacks } from "./attack_run.ts";

const SHORT: AttackScale = { guesses: 20, flooding: 150, holding: 60, outstaying: 0 };

Deno.test("whoever is not who they say, is refused with the right error; memory is bounded, honest clients notice nothing", async () => {
  // The long form is `deno task attack`.
  const outcomes = await runAttacks(SHORT);
  const peakBytes = Math.max(...outcomes.map((outcome) => outcome.peakBytes));
  assert.ok(peakBytes < MEMORY_BYTES_MAX, `the broker took ${peakBytes} bytes`);
});
