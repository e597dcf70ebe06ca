import assert from "node:assert/strict";
import type { Clock } from "../io/clock.ts";
import { SimClock } from "../io/sim/clock.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";

Deno.test("deadlines pass in order of time, put off and brought forward as asked, and not when cleared", async () => {
  const clock = new SimClock();
  const deadlines = new Deadlines(clock);
  const passed: string[] = [];
  const at = (name: string, delayMs: number): Deadline => {
    const deadline = deadlines.create(() => passed.push(`${name}@${clock.monotonicMs()}`));
    deadline.set(delayMs);
    return deadline;
  };
  at("late", 500);
  const putOff = at("put off", 100);
  const forward = at("brought forward", 900);
  const cleared = at("cleared", 200);
  at("early", 50);
  putOff.set(300);
  forward.set(20);
  cleared.clear();
  const again = deadlines.create(() => {
    passed.push(`again@${clock.monotonicMs()}`);
    if (passed.length < 6) again.set(150);
  });
  again.set(10);
  await clock.runUntilIdle();
  assert.deepEqual(passed, [
    "again@10",
    "brought forward@20",
    "early@50",
    "again@160",
    "put off@300",
    "again@310",
    "late@500",
  ]);
});

Deno.test("ten thousand deadlines that are put off again and again keep one timer and their places", async () => {
  const clock = new SimClock();
  const deadlines = new Deadlines(clock);
  let passed = 0;
  const all = Array.from({ length: 10_000 }, () => deadlines.create(() => passed++));
  for (let round = 0; round < 20; round++) for (const deadline of all) deadline.set(1000 + round);
  let events = 0;
  while (await clock.step()) events++;
  assert.equal(passed, 10_000);
  assert.ok(events <= 5, `${events} timer events`);
});

Deno.test("a deadline that sets itself again without a delay lets everything else happen in between", async () => {
  const clock = new SimClock();
  const deadlines = new Deadlines(clock);
  let passed = 0;
  const again = deadlines.create(() => {
    passed++;
    again.set(0);
  });
  again.set(10);
  for (let turn = 1; turn <= 5; turn++) {
    assert.ok(await clock.step());
    assert.equal(passed, turn, "once a turn");
  }
  again.clear();
  await clock.runUntilIdle();
  assert.equal(passed, 5);
});

Deno.test("a deadline that another one clears, puts off or closes at the same moment does not pass", async () => {
  const clock = new SimClock();
  const deadlines = new Deadlines(clock);
  const passed: string[] = [];
  const first = deadlines.create(() => {
    passed.push("first");
    cleared.clear();
    putOff.set(50);
  });
  const cleared = deadlines.create(() => passed.push("cleared"));
  const putOff = deadlines.create(() => passed.push(`put off@${clock.monotonicMs()}`));
  for (const deadline of [first, cleared, putOff]) deadline.set(10);
  await clock.runUntilIdle();
  assert.deepEqual(passed, ["first", "put off@60"]);

  const closing = deadlines.create(() => deadlines.close());
  closing.set(10);
  cleared.set(10);
  await clock.runUntilIdle();
  assert.deepEqual(passed, ["first", "put off@60"]);
});

Deno.test("deadlines that are set and cleared leave nothing behind", async () => {
  const clock = new SimClock();
  const deadlines = new Deadlines(clock);
  let passed = 0;
  deadlines.create(() => passed++).set(500);
  for (let round = 0; round < 10_000; round++) {
    const deadline = deadlines.create(() => passed++);
    deadline.set(1_000_000);
    deadline.clear();
  }
  assert.ok(deadlines.queued <= 1001, `${deadlines.queued} in the queue`);
  const again = deadlines.create(() => passed++);
  again.set(700);
  again.clear();
  again.set(600);
  await clock.runUntilIdle();
  assert.equal(passed, 2);
  assert.equal(deadlines.queued, 0);
});

Deno.test("many deadlines that pass together let others have their turn in between", async () => {
  const clock = new SimClock();
  let spentMs = 0;
  const slow: Clock = {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs() + spentMs,
    setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
  };
  const deadlines = new Deadlines(slow);
  let passed = 0;
  for (let count = 0; count < 10; count++) {
    deadlines.create(() => {
      passed++;
      spentMs += 4;
    }).set(100);
  }
  const turns: number[] = [];
  while (await clock.step()) turns.push(passed);
  assert.deepEqual(turns, [3, 6, 9, 10]);
});
