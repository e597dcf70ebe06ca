import assert from "node:assert/strict";
import { SimClock } from "../io/sim/clock.ts";
import { Turns } from "./turns.ts";

Deno.test("a long request makes room for others, a short one never waits", async () => {
  const clock = new SimClock();
  const turns = new Turns(clock);
  assert.equal(turns.next(), undefined);
  await clock.advance(10);
  let others = false;
  clock.setTimer(0, () => others = true);
  const turn = turns.next();
  assert.ok(turn !== undefined && !others);
  await clock.run(turn);
  assert.ok(others);
  assert.equal(turns.next(), undefined);
});
