import { groupsOf } from "./mod.ts";
import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import { answerOf, Stage } from "./classic_stage_test.ts";

Deno.test("members that come together make one generation when the delay is over; each extends it", async () => {
  const stage = await Stage.open({ initialRebalanceDelayMs: 1000 });
  const joins = [stage.join("")];
  await stage.clock.advance(900);
  joins.push(stage.join(""));
  await stage.clock.advance(900);
  joins.push(stage.join(""));
  await stage.clock.advance(900);
  assert.deepEqual(joins.map(({ value }) => value), [null, null, null], "2.7 s");
  await stage.clock.advance(400);
  const answers = joins.map(answerOf);
  assert.deepEqual(answers.map(({ generation }) => generation), [1, 1, 1]);
  assert.deepEqual(answers.map(({ members }) => members.length), [3, 0, 0]);
});

Deno.test("the delay is never extended beyond the rebalance timeout", async () => {
  const stage = await Stage.open({ initialRebalanceDelayMs: 1000 });
  const first = stage.join("", { rebalanceTimeoutMs: 2500 });
  for (let count = 0; count < 6; count++) {
    await stage.clock.advance(400);
    stage.join("", { rebalanceTimeoutMs: 2500 });
  }
  await stage.clock.advance(200);
  assert.equal(answerOf(first).generation, 1);
});

Deno.test("a member without a sign of life is out when its session ends, and one with is not", async () => {
  const stage = await Stage.open();
  const [quiet = "", alive = ""] = await stage.stable(2);
  for (let seconds = 0; seconds < 9; seconds++) {
    await stage.clock.advance(1000);
    assert.equal(stage.heartbeat(alive), ErrorCode.NONE);
  }
  await stage.clock.advance(1001);
  assert.equal(stage.heartbeat(quiet), ErrorCode.UNKNOWN_MEMBER_ID);
  assert.equal(stage.heartbeat(alive), ErrorCode.REBALANCE_IN_PROGRESS);
  const again = stage.join(alive);
  await stage.settle();
  assert.deepEqual([answerOf(again).generation, answerOf(again).leaderId], [2, alive]);
});

Deno.test("an offset commit is a sign of life, too", async () => {
  const stage = await Stage.open();
  const [id = ""] = await stage.stable(1);
  await stage.clock.advance(9000);
  groupsOf(stage.engine).committed("g", id);
  await stage.clock.advance(9000);
  assert.equal(stage.heartbeat(id), ErrorCode.NONE);
});

Deno.test("whoever does not join again within the rebalance timeout is out; static members stay", async () => {
  const stage = await Stage.open();
  const [slow = "", fixed = ""] = await stage.stable(2, { sessionTimeoutMs: 100_000 });
  const staticJoin = stage.join("", { instanceId: "fixed", sessionTimeoutMs: 100_000 });
  stage.join(fixed, { sessionTimeoutMs: 100_000 });
  await stage.clock.advance(30_001);
  assert.equal(answerOf(staticJoin).generation, 2);
  assert.equal(stage.group().member(slow), undefined);
  const newcomer = stage.join("", { sessionTimeoutMs: 100_000 });
  await stage.clock.advance(30_001);
  assert.equal(answerOf(newcomer).generation, 3);
  assert.ok(
    stage.group().staticMember("fixed") !== undefined,
    "it did not join, and is there until its session ends",
  );
  assert.equal(stage.group().member(fixed), undefined);
});

Deno.test("while only absent static members are left, there is no generation", async () => {
  const stage = await Stage.open();
  const [leaving = ""] = await stage.stable(1, { sessionTimeoutMs: 100_000 });
  stage.join("", { instanceId: "fixed", sessionTimeoutMs: 100_000 });
  stage.join(leaving, { sessionTimeoutMs: 100_000 });
  await stage.settle();
  await groupsOf(stage.engine).leave("g", [{ memberId: leaving, instanceId: null }]);
  await stage.clock.advance(90_000);
  assert.deepEqual([stage.group().phase, stage.group().generation], ["PreparingRebalance", 2]);
  await stage.clock.advance(11_000);
  assert.deepEqual([stage.group().phase, stage.group().generation], ["Empty", 3]);
});

Deno.test("a member of a generation that does not ask for its assignment is out after the rebalance timeout", async () => {
  const stage = await Stage.open();
  const joins = [
    stage.join("", { sessionTimeoutMs: 100_000 }),
    stage.join("", { sessionTimeoutMs: 100_000 }),
  ];
  await stage.settle();
  const [leader = "", late = ""] = joins.map((join) => answerOf(join).memberId);
  stage.sync(leader);
  await stage.settle();
  assert.equal(stage.group().phase, "Stable");
  await stage.clock.advance(30_000);
  assert.equal(stage.group().phase, "PreparingRebalance");
  assert.equal(stage.group().member(late), undefined);
  assert.ok(stage.group().member(leader) !== undefined);
});

Deno.test("an id that nobody joins with is forgotten, and keeps others waiting until then only", async () => {
  const stage = await Stage.open();
  const [first = ""] = await stage.stable(1);
  const given = stage.join("", { requiresKnownMemberId: true });
  await stage.settle();
  assert.equal(answerOf(given).errorCode, ErrorCode.MEMBER_ID_REQUIRED);
  const again = stage.join(first);
  await stage.clock.advance(9000);
  assert.equal(again.value, null, "the one with the id may still come");
  await stage.clock.advance(1001);
  assert.equal(answerOf(again).generation, 2);
  assert.equal(answerOf(await late(stage, answerOf(given).memberId)).errorCode, ErrorCode.UNKNOWN_MEMBER_ID);
});

async function late(stage: Stage, memberId: string) {
  const join = stage.join(memberId);
  await stage.settle();
  return join;
}

Deno.test("whoever joins, waits and goes away is in the generation, and out when it gives no sign of life", async () => {
  const stage = await Stage.open();
  const [first = ""] = await stage.stable(1);
  const gone = stage.join("");
  await stage.settle();
  gone.giveUp();
  await stage.settle();
  assert.equal(answerOf(gone).errorCode, ErrorCode.COORDINATOR_NOT_AVAILABLE);
  const again = stage.join(first);
  await stage.settle();
  assert.equal(answerOf(again).members.length, 2);
  stage.sync(first);
  for (let count = 0; count < 2; count++) {
    await stage.clock.advance(6000);
    stage.heartbeat(first);
  }
  assert.equal(stage.group().size, 1);
});

Deno.test("a member that joins twice gets one answer for the first join, and the generation for the second", async () => {
  const stage = await Stage.open();
  const [a = "", b = ""] = await stage.stable(2);
  const lost = stage.join(a);
  const second = stage.join(a);
  await stage.settle();
  assert.equal(answerOf(lost).errorCode, ErrorCode.REBALANCE_IN_PROGRESS);
  stage.join(b);
  await stage.settle();
  assert.equal(answerOf(second).generation, 2);
});

Deno.test("a full group takes nobody more", async () => {
  const stage = await Stage.open({ maxSize: 2 });
  const [a = ""] = await stage.stable(2);
  const third = stage.join("");
  await stage.settle();
  assert.equal(answerOf(third).errorCode, ErrorCode.GROUP_MAX_SIZE_REACHED);
  assert.equal(stage.heartbeat(a), ErrorCode.NONE);
});

Deno.test("with a full log nobody joins, and a member whose session has ended goes when there is room", async () => {
  const stage = await Stage.open();
  const [first = "", second = ""] = await stage.stable(2);
  stage.wal.refuses = "disk_full";
  const join = stage.join("");
  const assigned = stage.sync(first);
  await stage.settle();
  assert.equal(answerOf(join).errorCode, ErrorCode.COORDINATOR_NOT_AVAILABLE);
  assert.equal(answerOf(assigned).errorCode, ErrorCode.NONE, "what is known can be told");
  for (let seconds = 0; seconds < 15; seconds++) {
    await stage.clock.advance(1000);
    assert.equal(stage.heartbeat(first), ErrorCode.NONE);
  }
  assert.equal(stage.group().size, 2);
  stage.wal.refuses = null;
  await stage.clock.advance(1001);
  assert.equal(stage.group().member(second), undefined);
});

Deno.test("a generation for which there is no room is made when there is", async () => {
  const stage = await Stage.open();
  const [first = "", second = ""] = await stage.stable(2);
  const joins = [stage.join(first)];
  await stage.settle();
  stage.wal.refuses = "log_full";
  joins.push(stage.join(second));
  await stage.clock.advance(5000);
  assert.deepEqual(joins.map(({ value }) => value), [null, null]);
  stage.wal.refuses = null;
  await stage.clock.advance(1001);
  assert.deepEqual(joins.map((join) => answerOf(join).generation), [2, 2]);
});

Deno.test("after a restart everyone has a new session, and the generation goes on", async () => {
  const stage = await Stage.open();
  const ids = await stage.stable(3);
  await stage.clock.advance(9000);
  const restarted = await Stage.open();
  for (const record of stage.records) restarted.engine.state.apply(record);
  groupsOf(restarted.engine).start();
  await restarted.clock.advance(9000);
  for (const id of ids) assert.equal(restarted.heartbeat(id), ErrorCode.NONE);
  await restarted.clock.advance(10_001);
  assert.deepEqual([restarted.group().phase, restarted.group().generation], ["Empty", 2]);
});

Deno.test("a restart in the middle of a rebalance goes on with it", async () => {
  const stage = await Stage.open();
  const [a = "", b = ""] = await stage.stable(2);
  const waits = stage.join("");
  stage.join(a);
  await stage.settle();
  assert.equal(waits.value, null);
  const restarted = await Stage.open();
  for (const record of stage.records) restarted.engine.state.apply(record);
  groupsOf(restarted.engine).start();
  assert.equal(restarted.heartbeat(b), ErrorCode.REBALANCE_IN_PROGRESS);
  const joins = Array.from(restarted.group().members(), ({ id }) => restarted.join(id));
  await restarted.settle();
  assert.deepEqual(joins.map((join) => answerOf(join).generation), [2, 2, 2]);
});

Deno.test("a deleted group leaves nobody waiting", async () => {
  const stage = await Stage.open();
  const given = stage.join("", { requiresKnownMemberId: true });
  await stage.settle();
  const record = { type: "group", groupId: "g", change: { type: "deleted" } } as const;
  await stage.engine.execute(() => ({ records: [record] }), () => groupsOf(stage.engine).changed("g"));
  const join = stage.join(answerOf(given).memberId);
  await stage.settle();
  assert.equal(answerOf(join).errorCode, ErrorCode.UNKNOWN_MEMBER_ID);
});

Deno.test("ten thousand idle groups keep one timer, and heartbeats write nothing", async () => {
  const stage = await Stage.open();
  const ids: string[] = [];
  for (let number = 0; number < 10_000; number++) {
    const groupId = `group-${number}`;
    stage.join("", { groupId, sessionTimeoutMs: 45_000 });
    ids.push(`m-${number + 1}`);
  }
  await stage.settle();
  for (const [number, id] of ids.entries()) stage.sync(id, {}, `group-${number}`);
  const written = stage.records.length;
  for (let round = 0; round < 5; round++) {
    await stage.clock.advance(30_000);
    for (const [number, id] of ids.entries()) {
      assert.equal(stage.heartbeat(id, `group-${number}`), ErrorCode.NONE);
    }
  }
  assert.equal(stage.records.length, written);
});

Deno.test("long ids that nobody joins with do not fill the memory", async () => {
  const stage = await Stage.open();
  const long = "x".repeat(32_000);
  const errorCodes = new Set<number>();
  for (let count = 0; count < 1100; count++) {
    const asked = stage.join("", { newMemberId: `${long}-${count}`, requiresKnownMemberId: true });
    await Promise.resolve().then(() => {});
    errorCodes.add(asked.value?.errorCode ?? -1);
  }
  await stage.settle();
  assert.deepEqual(errorCodes, new Set([ErrorCode.MEMBER_ID_REQUIRED, ErrorCode.GROUP_MAX_SIZE_REACHED]));
});

Deno.test("an id that was given to a member is no way to a static member's name", async () => {
  const stage = await Stage.open();
  const [holder = ""] = await stage.stable(1, { instanceId: "name" });
  const given = stage.join("", { requiresKnownMemberId: true });
  await stage.settle();
  const stolen = stage.join(answerOf(given).memberId, { instanceId: "name" });
  await stage.settle();
  assert.equal(answerOf(stolen).errorCode, ErrorCode.FENCED_INSTANCE_ID);
  assert.equal(stage.group().staticMember("name")?.id, holder);
});
