import { deepEqual, equal, rejects } from "node:assert/strict";
import { SimClock } from "./clock.ts";

Deno.test("timers go off in the order of their time, then of their making, and time is theirs", async () => {
  const clock = new SimClock();
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, clock.monotonicMs()]);
  clock.setTimer(20, note("c"));
  clock.setTimer(10, note("a"));
  clock.setTimer(10, note("b"));
  clock.setTimer(15, note("never")).cancel();
  await clock.runUntilIdle();
  deepEqual(seen, [["a", 10], ["b", 10], ["c", 20]]);
});

Deno.test("everything that can go on goes on before time passes", async () => {
  const clock = new SimClock();
  const seen: string[] = [];
  clock.setTimer(0, async () => {
    for (let step = 0; step < 1000; step++) await null;
    seen.push(`long chain at ${clock.monotonicMs()}`);
  });
  clock.setTimer(1, () => seen.push(`timer at ${clock.monotonicMs()}`));
  await clock.runUntilIdle();
  deepEqual(seen, ["long chain at 0", "timer at 1"]);
});

Deno.test("advance lets exactly that much time pass", async () => {
  const clock = new SimClock();
  let fired = 0;
  const again = (): void => {
    fired++;
    clock.setTimer(10, again);
  };
  clock.setTimer(10, again);
  const startMs = clock.nowMs();
  await clock.advance(35);
  equal(fired, 3);
  equal(clock.monotonicMs(), 35);
  equal(clock.nowMs() - startMs, 35);
});

Deno.test("run answers what the promise does, and names a wait that never ends", async () => {
  const clock = new SimClock();
  const later = new Promise<number>((resolve) => clock.setTimer(5, () => resolve(7)));
  equal(await clock.run(later), 7);
  await rejects(clock.run(Promise.reject(new Error("no"))), /no/);
  await rejects(clock.run(new Promise(() => {})), /never comes/);
});
