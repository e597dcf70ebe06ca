import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import { KliteError } from "../../base/klite_error.ts";
import { decideDeleteTopic } from "../../cluster/mod.ts";
import { append, createTopic, openEngine } from "../../engine/engine_by_hand_test.ts";
import { FetchPlan } from "./fetch_plan.ts";

/** All of a fetch that wants no session, but for its partitions. */
const WITHOUT_SESSION = {
  sessionId: 0,
  sessionEpoch: -1,
  usesTopicIds: false,
  isReadCommitted: false,
  rightsVersion: 0,
  forgotten: [],
};

const limits = { minBytes: 1, maxBytes: 1000, isReadCommitted: false, byId: false, mayRead: () => true };

/** A partition as a fetch names it. */
function asking(topicName: string, index = 0, fetchOffset = 0) {
  const epochs = { currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
  return { topicName, topicId: "", index, fetchOffset, maxBytes: 1000, ...epochs };
}

Deno.test("a topic may be deleted, and its files be given up, while a fetch reads others from theirs", async () => {
  const { engine, wal } = await openEngine();
  const names = ["first", "second"];
  for (const name of names) append(engine, await createTopic(engine, name));
  wal.sync();
  const partitions = names.map((name) => asking(name));
  const context = engine.fetchSessions.open({ ...WITHOUT_SESSION, partitions }, 0);
  assert.ok(typeof context !== "number");

  wal.coldBelowLsn = wal.endLsn;
  const { promise, resolve } = Promise.withResolvers<void>();
  wal.readable = promise;
  const reading = new FetchPlan(engine, context, limits).readCold().results();
  await engine.execute((state) => decideDeleteTopic(state, { name: "second" }));
  wal.free(wal.durableLsn);
  resolve();
  const answered = new FetchPlan(engine, context, limits, await reading).answer().responses
    .flatMap((topic) => topic.partitions);
  assert.deepEqual(answered.map(({ errorCode }) => errorCode), [0, 3]);
  assert.equal(answered[0]?.records?.length, 1);
});

Deno.test("what was read of a topic is never given out as another's that got its name meanwhile", async () => {
  const { engine, wal } = await openEngine();
  const { topic: { id } } = await createTopic(engine, "name");
  append(engine, engine.state.topic("name")!.partitions[0]!);
  wal.sync();
  const partitions = [asking("name")];
  const context = engine.fetchSessions.open({ ...WITHOUT_SESSION, partitions }, 0);
  assert.ok(typeof context !== "number");

  wal.coldBelowLsn = wal.endLsn;
  const reading = new FetchPlan(engine, context, limits).readCold().results();
  await engine.execute((state) => decideDeleteTopic(state, { name: "name" }));
  const another = await createTopic(engine, "name");
  assert.notEqual(another.topic.id, id);
  const [partition] = new FetchPlan(engine, context, limits, await reading).answer().responses
    .flatMap(({ partitions }) => partitions);
  assert.deepEqual([partition?.errorCode, partition?.highWatermark], [ErrorCode.NONE, 0]);
  assert.deepEqual(partition?.records, []);
});

Deno.test("a file that cannot be read is an error of its partition alone", async () => {
  const { engine, wal } = await openEngine();
  for (const name of ["first", "second"]) append(engine, await createTopic(engine, name));
  wal.sync();
  const partitions = ["first", "second"].map((name) => asking(name));
  const context = engine.fetchSessions.open({ ...WITHOUT_SESSION, partitions }, 0);
  assert.ok(typeof context !== "number");
  const second = engine.state.topic("second")!.partitions[0]!;
  // The second one alone is still in memory.
  wal.coldBelowLsn = engine.log(second).batches.lsn(0);
  wal.readable = Promise.reject(new KliteError("DISK_FAILED", "the disk says no"));
  const plan = new FetchPlan(engine, context, limits);
  assert.equal(plan.isCold, true);
  const read = await plan.readCold().results();
  const answered = new FetchPlan(engine, context, limits, read).answer().responses
    .flatMap((topic) => topic.partitions);
  assert.deepEqual(
    answered.map(({ errorCode, records }) => [errorCode, records?.length]),
    [[ErrorCode.KAFKA_STORAGE_ERROR, 0], [ErrorCode.NONE, 1]],
  );
});

Deno.test("an incremental fetch looks at partitions with news or named in the request, however many there are", async () => {
  const { engine, wal } = await openEngine();
  const partition = await createTopic(engine, "topic", 10);
  const { partitions } = partition.topic;
  const asked = (index: number, fetchOffset = 0) => asking("topic", index, fetchOffset);
  const session = { ...WITHOUT_SESSION, sessionEpoch: 0 };
  const all = engine.fetchSessions.open({ ...session, partitions: partitions.map((_, i) => asked(i)) }, 0);
  assert.ok(typeof all !== "number");
  assert.equal(answered(new FetchPlan(engine, all, limits)), 10, "at first the client is told of all");

  let epoch = 0;
  const next = (named: ReturnType<typeof asked>[] = [], isReadCommitted = false, rightsVersion = 0) => {
    const { sessionId } = all;
    const said = { sessionId, sessionEpoch: ++epoch, isReadCommitted, rightsVersion, partitions: named };
    const context = engine.fetchSessions.open({ ...session, ...said }, 0);
    assert.ok(typeof context !== "number");
    const lookedAt = Array.from(context.partitions, ({ index }) => index);
    const plan = new FetchPlan(engine, context, { ...limits, isReadCommitted });
    return { lookedAt, plan, answered: answered(plan) };
  };
  assert.deepEqual(
    [next().lookedAt, next().plan.logs],
    [[], []],
    "without news nothing is looked at, or waited for",
  );

  append(engine, partitions[7]!);
  assert.deepEqual(next().lookedAt, [], "what is not durable is no news");
  wal.sync();
  assert.equal(next().answered, 1);
  assert.deepEqual(next().lookedAt, [7], "a partition with more to read stays in view");
  assert.deepEqual(next([asked(7, 1)]).lookedAt, [7]);
  assert.deepEqual(next().lookedAt, [], "until the client has read it to its end");
  assert.deepEqual(next([asked(3)]).lookedAt, [3]);
  assert.equal(next([], true).lookedAt.length, 10, "another isolation level is another end of each");
  assert.deepEqual(next([], true).lookedAt, []);
  assert.equal(next([], true, 1).lookedAt.length, 10, "other rights are to be asked for again");
  assert.deepEqual(next([], true, 1).lookedAt, []);

  await engine.execute((state) => decideDeleteTopic(state, { name: "topic" }));
  const gone = next([], true, 1);
  assert.deepEqual([gone.lookedAt.length, gone.answered], [10, 10]);
});

Deno.test("a fetch that waits hears of the partitions of its session that it did not look at", async () => {
  const { engine, wal } = await openEngine();
  const { topic } = await createTopic(engine, "topic", 2);
  const context = engine.fetchSessions.open({
    sessionId: 0,
    sessionEpoch: 0,
    usesTopicIds: false,
    isReadCommitted: false,
    rightsVersion: 0,
    forgotten: [],
    partitions: topic.partitions.map(({ index }) => ({
      topicName: "topic",
      topicId: "",
      index,
      fetchOffset: 0,
      maxBytes: 1000,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
    })),
  }, 0);
  assert.ok(typeof context !== "number");
  answered(new FetchPlan(engine, context, limits));
  const { logs, missingBytes } = new FetchPlan(engine, context, limits);
  assert.deepEqual([logs, missingBytes], [[], 1]);
  const waiting = engine.fetchWaiters.wait({ logs, context, missingBytes, maxWaitMs: 1000 });
  append(engine, topic.partitions[1]!);
  assert.equal(engine.fetchWaiters.size, 1);
  wal.sync();
  assert.equal(engine.fetchWaiters.size, 0);
  await waiting.done;
  assert.equal(answered(new FetchPlan(engine, context, limits)), 1);
});

/** How many partitions the answer tells of. */
function answered(plan: FetchPlan): number {
  return plan.answer().responses.flatMap(({ partitions }) => partitions).length;
}
