import assert from "node:assert/strict";
import { type HostileScale, MEMORY_BYTES_MAX, runHostile } from "./hostile_run.ts";

const SHORT: HostileScale = {
  malformedEach: 1,
  elementCounts: [1_000_000, 49_000],
  everyHeavy: 5,
  giants: 64,
  giantsSent: 0,
  vanishing: 60,
  trickling: 20,
  neverReading: 7,
};

Deno.test("whatever clients send or fail to do, the broker lives, stays small, and the others notice nothing", async () => {
  // The long form is `deno task hostile`; a seed of its own replays each round.
  const outcome = await runHostile(20_260_101, SHORT);
  assert.ok(outcome.peakBytes < MEMORY_BYTES_MAX, `the broker took ${outcome.peakBytes} bytes`);
  assert.ok(outcome.kinds.every(({ sent }) => sent > 0), "every kind of hostility took place");
  assert.ok(outcome.kinds.some(({ answers }) => answers > 20), "some requests were understood");
});
