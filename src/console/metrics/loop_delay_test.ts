import { strictEqual } from "node:assert/strict";
import { SimClock } from "../../io/sim/clock.ts";
import { LoopDelay } from "./loop_delay.ts";

Deno.test("the loop is looked at while somebody wants to know, and left in peace afterwards", async () => {
  const clock = new SimClock();
  const delay = new LoopDelay(clock);
  await clock.advance(1000);
  strictEqual(delay.seconds.count, 0);
  delay.watch();
  await clock.advance(1050);
  strictEqual(delay.seconds.count, 10);
  await clock.advance(600_000);
  const { count } = delay.seconds;
  await clock.advance(600_000);
  strictEqual(delay.seconds.count, count);
  delay.watch();
  delay.close();
});
