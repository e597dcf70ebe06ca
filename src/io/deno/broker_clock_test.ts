import assert from "node:assert/strict";
import fc from "fast-check";
import { BrokerClock } from "./broker_clock.ts";

/** What a broker's listener does for it: the waits alone do not keep a process alive. */
async function alive<T>(run: () => Promise<T>): Promise<T> {
  const interval = setInterval(() => {}, 1000);
  try {
    return await run();
  } finally {
    clearInterval(interval);
  }
}

Deno.test("timers run in the order of their times, none early, and cancelled ones not at all", async () => {
  await alive(async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ delayMs: fc.nat(12), isCancelled: fc.boolean() }), { maxLength: 40 }),
        async (timers) => {
          const clock = new BrokerClock();
          const ran: number[] = [];
          const running = timers.map(({ delayMs }, index) => {
            const setMs = clock.monotonicMs();
            return clock.setTimer(delayMs, () => {
              assert.ok(clock.monotonicMs() >= setMs + delayMs);
              ran.push(index);
            });
          });
          timers.forEach(({ isCancelled }, index) => isCancelled && running[index]?.cancel());
          await new Promise<void>((resolve) => clock.setTimer(20, resolve));
          const wanted = timers.flatMap(({ isCancelled }, index) => isCancelled ? [] : [index]);
          assert.deepEqual(ran.toSorted((a, b) => a - b), wanted);
          const delays = ran.map((index) => timers[index]?.delayMs ?? 0);
          assert.deepEqual(delays, delays.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 20 },
    );
  });
});

Deno.test("a timer of no time runs after whoever has set it, and may set the next one", async () => {
  await alive(async () => {
    const clock = new BrokerClock();
    let rounds = 0;
    await new Promise<void>((resolve) => {
      const again = () => ++rounds === 3 ? resolve() : clock.setTimer(0, again);
      clock.setTimer(0, again);
      assert.equal(rounds, 0);
    });
    assert.equal(rounds, 3);
    clock.setTimer(2 ** 40, () => assert.fail("not in this life")).cancel();
  });
});
