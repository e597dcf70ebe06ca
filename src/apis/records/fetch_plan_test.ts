import assert from "node:assert/strict";
import { decideDeleteTopic } from "../../cluster/mod.ts";
import { append, createTopic, openEngine } from "../../engine/engine_by_hand_test.ts";
import { FetchPlan } from "./fetch_plan.ts";

Deno.test("a topic may be deleted, and its files be given up, while a fetch reads others from theirs", async () => {
  const { engine, wal } = await openEngine();
  const names = ["first", "second"];
  for (const name of names) append(engine, await createTopic(engine, name));
  wal.sync();
  const context = engine.fetchSessions.open({
    sessionId: 0,
    sessionEpoch: -1,
    usesTopicIds: false,
    forgotten: [],
    partitions: names.map((topicName) => ({
      topicName,
      topicId: "",
      index: 0,
      fetchOffset: 0,
      maxBytes: 1000,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
    })),
  }, 0);
  assert.ok(typeof context !== "number");
  const limits = { minBytes: 1, maxBytes: 1000, isReadCommitted: false, byId: false };

  wal.coldBelowLsn = wal.endLsn;
  const { promise, resolve } = Promise.withResolvers<void>();
  wal.readable = promise;
  const reading = new FetchPlan(engine, context, limits).readFiles();
  await engine.execute((state) => decideDeleteTopic(state, { name: "second" }));
  wal.free(wal.durableLsn);
  resolve();
  const partitions = new FetchPlan(engine, context, limits).answer(await reading).responses
    .flatMap((topic) => topic.partitions);
  assert.deepEqual(partitions.map(({ errorCode }) => errorCode), [0, 3]);
  assert.equal(partitions[0]?.records?.length, 1);
});
