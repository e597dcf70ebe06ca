import assert from "node:assert/strict";
import fc from "fast-check";
import { SimClock } from "../io/sim/clock.ts";
import { PartitionLog } from "../log/mod.ts";
import { FetchWaiters } from "./fetch_waiters.ts";
import { LogNews } from "./log_news.ts";
import { PendingAppends } from "./pending_appends.ts";
import { emptyLog } from "../log/testing/test_log.ts";

/** Waits on a simulated clock, and says whether they are over. */
function waits() {
  const clock = new SimClock();
  const news = new LogNews();
  const waiters = new FetchWaiters(clock, news);
  const a = emptyLog();
  const b = emptyLog(2);
  const begin = (logs: PartitionLog[], missingBytes: number, maxWaitMs = 500) => {
    const waiting = waiters.wait({ logs, missingBytes, maxWaitMs });
    const state = { isOver: false, wake: waiting.wake };
    waiting.done.then(() => state.isOver = true);
    return state;
  };
  return { clock, news, waiters, a, b, begin };
}

Deno.test("a fetch wakes when its partitions have gained what it lacks, together", async () => {
  const { clock, news, waiters, a, b, begin } = waits();
  const waiting = begin([a, b], 100);
  news.tell(a, 60);
  await clock.settle();
  assert.equal(waiting.isOver, false);
  news.tell(b, 40);
  await clock.settle();
  assert.equal(waiting.isOver, true);
  assert.equal(waiters.size, 0);
});

Deno.test("a fetch wakes when its time is over, its partition is gone, or its client is", async () => {
  const { clock, news, waiters, a, b, begin } = waits();
  const [late, gone, left, other] = [begin([a], 1, 500), begin([b], 1), begin([a], 1), begin([a], 1, 900)];
  news.changed(b);
  left.wake();
  left.wake();
  await clock.settle();
  assert.deepEqual([late.isOver, gone.isOver, left.isOver], [false, true, true]);
  await clock.advance(500);
  assert.deepEqual([late.isOver, other.isOver], [true, false]);
  assert.equal(waiters.size, 1);
});

Deno.test("when fetches wait for too many partitions together, the one with the most of them wakes", async () => {
  const clock = new SimClock();
  const waiters = new FetchWaiters(clock, new LogNews(), { maxPartitions: 10 });
  const over: string[] = [];
  const begin = (name: string, partitions: number) => {
    const logs = Array.from({ length: partitions }, (_, stream) => emptyLog(stream));
    waiters.wait({ logs, missingBytes: 1, maxWaitMs: 500 }).done.then(() => over.push(name));
  };
  begin("few", 2);
  begin("most", 5);
  begin("some", 3);
  await clock.settle();
  assert.deepEqual(over, []);
  begin("one more", 1);
  await clock.settle();
  assert.deepEqual(over, ["most"]);
  begin("too many alone", 11);
  await clock.settle();
  assert.deepEqual(over, ["most", "too many alone"]);
  waiters.close();
});

Deno.test("when the broker stops nobody waits any more, and nobody begins to", async () => {
  const { clock, waiters, a, begin } = waits();
  const waiting = begin([a], 1);
  waiters.close();
  const later = begin([a], 1);
  await clock.settle();
  assert.deepEqual([waiting.isOver, later.isOver, waiters.size], [true, true, 0]);
});

Deno.test("PendingAppends gives batches up in order, as far as the log is durable", () => {
  const steps = fc.array(fc.oneof(fc.record({ push: fc.nat(50) }), fc.record({ durable: fc.nat(400) })), {
    maxLength: 2000,
    size: "max",
  });
  fc.assert(
    fc.property(steps, (all) => {
      const pending = new PendingAppends();
      const log = emptyLog();
      const model: number[] = [];
      let endLsn = 0;
      let durable = 0;
      for (const step of all) {
        if ("push" in step) {
          endLsn += step.push;
          pending.push(log, endLsn * 2, endLsn, 1);
          model.push(endLsn);
        } else {
          durable = Math.max(durable, Math.min(endLsn, durable + step.durable));
          const seen: number[] = [];
          pending.release(durable, (_, endOffset) => seen.push(endOffset / 2));
          const due = model.filter((lsn) => lsn <= durable);
          assert.deepEqual(seen, due);
          model.splice(0, due.length);
        }
        assert.equal(pending.size, model.length);
      }
    }),
    { numRuns: 50 },
  );
});
