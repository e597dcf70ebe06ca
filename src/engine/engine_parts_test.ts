import assert from "node:assert/strict";
import fc from "fast-check";
import { SimClock } from "../io/sim/clock.ts";
import { PartitionLog } from "../log/mod.ts";
import { FetchWaiters } from "./fetch_waiters.ts";
import { PendingAppends } from "./pending_appends.ts";

Deno.test("PendingAppends gives batches up in order, as far as the log is durable", () => {
  const steps = fc.array(fc.oneof(fc.record({ push: fc.nat(50) }), fc.record({ durable: fc.nat(400) })), {
    maxLength: 2000,
    size: "max",
  });
  fc.assert(
    fc.property(steps, (all) => {
      const pending = new PendingAppends();
      const log = new PartitionLog(1);
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
