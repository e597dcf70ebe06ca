import assert from "node:assert/strict";
import { ErrorCode } from "../base/error_codes.ts";
import {
  FETCH_SESSIONS_MAX,
  type FetchContext,
  FetchSessions,
  SESSION_EVICTION_MS,
} from "./fetch_sessions.ts";
import { LogNews } from "./log_news.ts";

function partition(topicName: string, index = 0, fetchOffset = 0) {
  return {
    topicName,
    topicId: "",
    index,
    fetchOffset,
    maxBytes: 100,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  };
}

type Partition = ReturnType<typeof partition>;

function request(
  sessionId: number,
  sessionEpoch: number,
  partitions: Partition[] = [],
  forgotten: Partition[] = [],
) {
  return {
    sessionId,
    sessionEpoch,
    usesTopicIds: false,
    isReadCommitted: false,
    rightsVersion: 0,
    partitions,
    forgotten,
  };
}

function sessions(): FetchSessions {
  let id = 0;
  return new FetchSessions(() => ++id, new LogNews());
}

function opened(outcome: FetchContext | number): FetchContext {
  assert.ok(typeof outcome !== "number", `error ${outcome}`);
  return outcome;
}

function names(context: FetchContext): string[] {
  return Array.from(
    context.partitions,
    ({ topicName, index, fetchOffset }) => `${topicName}-${index}@${fetchOffset}`,
  );
}

Deno.test("a session remembers partitions, takes changes and forgets on demand", () => {
  const all = sessions();
  const first = opened(all.open(request(0, 0, [partition("a"), partition("b")]), 0));
  assert.equal(first.incremental, false);
  assert.deepEqual(names(first), ["a-0@0", "b-0@0"]);
  const { sessionId } = first;
  const second = opened(all.open(request(sessionId, 1, [partition("a", 0, 7), partition("c")]), 0));
  assert.equal(second.incremental, true);
  assert.deepEqual(names(second), ["a-0@7", "b-0@0", "c-0@0"]);
  const third = opened(all.open(request(sessionId, 2, [], [partition("b")]), 0));
  assert.deepEqual(names(third), ["a-0@7", "c-0@0"]);
});

Deno.test("a partition that gave data goes behind the others", () => {
  const all = sessions();
  const context = opened(all.open(request(0, 0, [partition("a"), partition("b")]), 0));
  const [a] = context.partitions;
  assert.ok(a);
  context.served(a);
  assert.deepEqual(names(context), ["b-0@0", "a-0@0"]);
});

Deno.test("epochs and ids that do not fit are refused, and a refusal changes nothing", () => {
  const all = sessions();
  const { sessionId } = opened(all.open(request(0, 0, [partition("a")]), 0));
  assert.equal(all.open(request(sessionId, 2), 0), ErrorCode.INVALID_FETCH_SESSION_EPOCH);
  assert.equal(all.open(request(sessionId + 1, 1), 0), ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  const byId = { ...request(sessionId, 1), usesTopicIds: true };
  assert.equal(all.open(byId, 0), ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
  assert.equal(opened(all.open(request(sessionId, 1), 0)).sessionId, sessionId);
});

Deno.test("a client ends its session with the final epoch, replaces it with the initial one", () => {
  const all = sessions();
  const { sessionId } = opened(all.open(request(0, 0, [partition("a")]), 0));
  assert.equal(opened(all.open(request(sessionId, -1, [partition("a")]), 0)).sessionId, 0);
  assert.equal(all.size, 0);
  const again = opened(all.open(request(0, 0, [partition("a")]), 0));
  const replaced = opened(all.open(request(again.sessionId, 0, [partition("b")]), 0));
  assert.notEqual(replaced.sessionId, again.sessionId);
  assert.equal(all.size, 1);
});

Deno.test("a session that forgets its last partition is over", () => {
  const all = sessions();
  const { sessionId } = opened(all.open(request(0, 0, [partition("a")]), 0));
  assert.equal(opened(all.open(request(sessionId, 1, [], [partition("a")]), 0)).sessionId, 0);
  assert.equal(all.size, 0);
});

Deno.test("beyond the bound clients are served without a session, until an old one is idle", () => {
  const all = sessions();
  for (let i = 0; i < FETCH_SESSIONS_MAX; i++) all.open(request(0, 0, [partition("a")]), i);
  assert.equal(opened(all.open(request(0, 0, [partition("a")]), 10)).sessionId, 0);
  // The first is used again, so the second is the one that has been idle longest.
  opened(all.open(request(1, 1), 10));
  const late = opened(all.open(request(0, 0, [partition("a")]), 1 + SESSION_EVICTION_MS));
  assert.notEqual(late.sessionId, 0);
  assert.equal(all.open(request(2, 1), 10), ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  assert.equal(all.size, FETCH_SESSIONS_MAX);
});

Deno.test("a fetch may look at its partitions again, with a session or without", () => {
  const all = sessions();
  for (const epoch of [0, -1]) {
    const context = opened(all.open(request(0, epoch, [partition("a")]), 0));
    assert.deepEqual(names(context), ["a-0@0"]);
    assert.deepEqual(names(context), ["a-0@0"]);
  }
});

Deno.test("sessions hold so many partitions together, and whoever is too large is served without one", () => {
  let id = 0;
  const all = new FetchSessions(() => ++id, new LogNews(), { maxPartitions: 3 });
  const three = [partition("a"), partition("b"), partition("c")];
  assert.equal(opened(all.open(request(0, 0, [...three, partition("d")]), 0)).sessionId, 0);
  const first = opened(all.open(request(0, 0, three), 0));
  const without = opened(all.open(request(0, 0, [partition("d")]), 0));
  assert.deepEqual([without.sessionId, names(without)], [0, ["d-0@0"]]);

  opened(all.open(request(first.sessionId, 1, [], [partition("a")]), 0));
  const second = opened(all.open(request(0, 0, [partition("d")]), 0));
  assert.notEqual(second.sessionId, 0);

  const grown = request(second.sessionId, 1, [partition("e")]);
  assert.equal(all.open(grown, 0), ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  assert.equal(all.size, 1);
});

Deno.test("sessions out of use give way to one of many partitions", () => {
  let id = 0;
  const all = new FetchSessions(() => ++id, new LogNews(), { maxPartitions: 3 });
  for (const name of ["a", "b", "c"]) opened(all.open(request(0, 0, [partition(name)]), 0));
  const two = request(0, 0, [partition("d"), partition("e")]);
  assert.equal(opened(all.open(two, SESSION_EVICTION_MS - 1)).sessionId, 0);
  assert.notEqual(opened(all.open(two, SESSION_EVICTION_MS)).sessionId, 0);
  assert.equal(all.size, 2);
});
