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

Deno.test("ids that nobody uses expire in entries of bounded size, all of them", async () => {
  const { engine, wal, clock } = await openEngine();
  const identity = { epoch: 0, lastEpoch: -1, previousProducerId: -1 };
  await engine.execute(() => ({
    records: Array.from({ length: 2500 }, (_, producerId) => ({
      type: "txn_producer_initialized",
      id: `tx-${producerId}`,
      identity: { producerId, ...identity },
      timeoutMs: 1000,
      atMs: clock.nowMs(),
    })),
  }));
  wal.sync();
  const sizes: number[] = [];
  const append = wal.append.bind(wal);
  wal.append = (stream, kind, payload) => {
    sizes.push(engine.state.transactions.size);
    return append(stream, kind, payload);
  };
  await clock.advance(8 * 24 * 60 * 60 * 1000);
  assert.deepEqual(sizes, [2500, 1500, 500]);
  assert.equal(engine.state.transactions.size, 0);
});
