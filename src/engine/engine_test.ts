import assert from "node:assert/strict";
import { decideDeleteTopic } from "../cluster/mod.ts";
import { append, createTopic, openEngine } from "./engine_by_hand_test.ts";

Deno.test("the log below a deleted topic's records is kept until the deletion is durable", async () => {
  const { clock, engine, wal } = await openEngine();
  const [kept, deleted] = [await createTopic(engine, "kept"), await createTopic(engine, "deleted")];
  append(engine, deleted);
  const recordsLsn = engine.log(deleted).batches.lsn(0);
  for (let i = 0; i < 3; i++) {
    append(engine, kept);
    wal.sync();
    await clock.runUntilIdle();
  }
  append(engine, kept);
  wal.sync();
  // The snapshot is being written; a crash from here on to the next sync undoes this.
  assert.equal(await engine.execute((state) => decideDeleteTopic(state, { name: "deleted" })), null);
  await clock.runUntilIdle();
  assert.ok(wal.oldestLsn <= recordsLsn, `${wal.oldestLsn} is above ${recordsLsn}`);

  for (let i = 0; i < 3; i++) {
    append(engine, kept);
    wal.sync();
    await clock.runUntilIdle();
  }
  assert.ok(wal.oldestLsn > recordsLsn, "then it is given up");
});

Deno.test("an epoch that cannot be raised is not passed over", async () => {
  const { engine, wal } = await openEngine();
  wal.refuses = "disk_full";
  await assert.rejects(engine.raiseLeaderEpoch(), { code: "DISK_FULL" });
});
