import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import { decideDeleteTopic } from "../../cluster/mod.ts";
import { createTopic, openEngine } from "../engine_by_hand_test.ts";

Deno.test("a partition that is deleted while its transaction waits for room does not come into it", async () => {
  const { engine, wal } = await openEngine();
  const { stream } = await createTopic(engine, "t");
  const { transactions } = engine;
  const given = await transactions.initProducer({ id: "tx", timeoutMs: 60_000, expected: null });
  assert.ok("producerId" in given);
  const member = { id: "tx", ...given };

  wal.refuses = "not_ready";
  const deleted = engine.execute((state) => decideDeleteTopic(state, { name: "t" }));
  const added = transactions.addPartitions(member, [stream]);
  wal.refuses = null;
  assert.equal(await deleted, null);
  assert.equal((await added)?.error, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);

  await transactions.addGroup(member, "g");
  const ended = await transactions.endTransaction({ ...member, isCommit: true, bumpsEpoch: true });
  assert.ok("producerId" in ended, "it can still be ended");
});
