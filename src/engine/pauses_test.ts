import assert from "node:assert/strict";
import { SimClock } from "../io/sim/clock.ts";
import { Pauses } from "./pauses.ts";

Deno.test("a long request makes room for others, a short one never waits", async () => {
  const clock = new SimClock();
  const pauses = new Pauses(clock);
  assert.equal(pauses.next(), undefined);
  await clock.advance(10);
  let others = false;
  clock.setTimer(0, () => others = true);
  const pause = pauses.next();
  assert.ok(pause !== undefined && !others);
  await clock.run(pause);
  assert.ok(others);
  assert.equal(pauses.next(), undefined);
});
