import type { GroupSettings } from "./group_coordinator.ts";
import { groupsOf } from "./mod.ts";
import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import type { Assignment, HeartbeatCommand, HeartbeatReply, MetadataRecord } from "../../cluster/mod.ts";
import { ConsumerGroup } from "../../cluster/groups/mod.ts";
import { createTopic, EngineStage, openEngine } from "../engine_by_hand_test.ts";

const SESSION_MS = 45_000;
const REBALANCE_MS = 20_000;

/** An engine with a topic "t" of two partitions. What it writes is kept as records. */
class Stage extends EngineStage {
  static async open(consumer: Partial<GroupSettings["consumer"]> = {}): Promise<Stage> {
    const stage = new Stage(await openEngine({ consumer }));
    await createTopic(stage.engine, "t", 2);
    return stage;
  }

  group(id = "g"): ConsumerGroup {
    const group = this.engine.state.groups.get(id);
    assert.ok(group instanceof ConsumerGroup);
    return group;
  }

  has(memberId: string): boolean {
    return this.group().member(memberId) !== undefined;
  }

  /** Joins, or says something as the member that it is. */
  async heartbeat(memberId: string, said: Partial<HeartbeatCommand> = {}): Promise<HeartbeatReply> {
    const { groupId = "g" } = said;
    const group = this.engine.state.groups.get(groupId);
    const known = group instanceof ConsumerGroup ? group.member(memberId) : undefined;
    const isNew = known === undefined;
    const reply = await groupsOf(this.engine).consumer.heartbeat({
      groupId,
      memberId,
      memberEpoch: known?.epoch ?? 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: isNew ? REBALANCE_MS : -1,
      topics: isNew ? ["t"] : null,
      pattern: null,
      assignor: null,
      owned: isNew ? new Map() : null,
      clientId: "client",
      clientHost: "/127.0.0.1",
      ...said,
    }, () => true);
    assert.ok(!("error" in reply), "message" in reply ? reply.message : "");
    return reply;
  }

  /** A member of the classic protocol joins a group that there is. */
  async joinClassic(): Promise<{ readonly memberId: string; readonly generation: number }> {
    const topicT = [0, 1, 0, 0, 0, 1, 0, 1, 0x74, 255, 255, 255, 255, 0, 0, 0, 0];
    const { answer } = groupsOf(this.engine).join({
      groupId: "g",
      memberId: "",
      newMemberId: "classic",
      instanceId: null,
      clientId: "client",
      clientHost: "/127.0.0.1",
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: Uint8Array.from(topicT) }],
      requiresKnownMemberId: false,
      canSkipAssignment: true,
    }, () => true);
    const { errorCode, memberId, generation } = await answer;
    assert.equal(errorCode, ErrorCode.NONE);
    return { memberId, generation };
  }

  sync({ memberId, generation }: { readonly memberId: string; readonly generation: number }) {
    return groupsOf(this.engine).sync({
      groupId: "g",
      memberId,
      instanceId: null,
      generation,
      protocolType: "consumer",
      protocol: "range",
      assignments: [],
    }).answer;
  }
}

function countOf(assignment: Assignment | null): number {
  return [...assignment?.values() ?? []].flat().length;
}

Deno.test("a member lives as long as it gives signs of life", async () => {
  const stage = await Stage.open();
  await stage.heartbeat("a");
  for (let round = 0; round < 3; round++) {
    await stage.clock.advance(SESSION_MS - 1);
    await stage.heartbeat("a");
  }
  await stage.clock.advance(SESSION_MS - 1);
  assert.ok(stage.has("a"));
  await stage.clock.advance(1);
  assert.ok(!stage.has("a"));
  assert.equal(stage.group().stateName, "Empty");
});

Deno.test("a member has its rebalance timeout to give partitions up, and no more", async () => {
  const stage = await Stage.open();
  const { assignment } = await stage.heartbeat("a");
  await stage.heartbeat("a", { owned: assignment });
  await stage.heartbeat("b");
  await stage.heartbeat("a");
  assert.equal(stage.group().member("a")?.state, "unrevoked_partitions");
  await stage.clock.advance(REBALANCE_MS - 1);
  // That it lives does not put it off.
  await stage.heartbeat("a");
  await stage.heartbeat("b");
  await stage.clock.advance(1);
  assert.ok(!stage.has("a"));
  assert.equal(countOf((await stage.heartbeat("b")).assignment), 2);
});

Deno.test("a member that gives partitions up in time stays", async () => {
  const stage = await Stage.open();
  await stage.heartbeat("a");
  await stage.heartbeat("b");
  const { assignment } = await stage.heartbeat("a");
  await stage.clock.advance(REBALANCE_MS - 1);
  await stage.heartbeat("a", { owned: assignment });
  await stage.clock.advance(REBALANCE_MS);
  assert.ok(stage.has("a"));
});

Deno.test("a static member has what is left of its session to come back", async () => {
  const stage = await Stage.open();
  await stage.heartbeat("a", { instanceId: "i" });
  await stage.clock.advance(SESSION_MS - 10);
  await stage.heartbeat("a", { instanceId: "i", memberEpoch: -2 });
  await stage.clock.advance(9);
  assert.ok(stage.has("a"));
  await stage.clock.advance(1);
  assert.ok(!stage.has("a"));
});

Deno.test("a member of the classic protocol that joins has to sync, and to join again when it is told", async () => {
  const stage = await Stage.open();
  await stage.heartbeat("a");
  const heldNothing = { owned: new Map() };
  await stage.joinClassic();
  await stage.clock.advance(REBALANCE_MS - 1);
  await stage.heartbeat("a", heldNothing);
  assert.ok(stage.has("classic"));
  await stage.clock.advance(1);
  assert.ok(!stage.has("classic"), "it has not synced");

  const joined = await stage.joinClassic();
  await stage.heartbeat("a", heldNothing);
  assert.equal((await stage.sync(joined)).errorCode, ErrorCode.NONE);
  await stage.clock.advance(REBALANCE_MS);
  assert.ok(stage.has("classic"), "it has synced");
  await stage.heartbeat("b");
  const beat = () => groupsOf(stage.engine).heartbeat("g", joined.memberId, null, joined.generation);
  assert.equal(beat(), ErrorCode.REBALANCE_IN_PROGRESS);
  await stage.clock.advance(REBALANCE_MS - 1);
  assert.equal(beat(), ErrorCode.REBALANCE_IN_PROGRESS, "told again, which does not put it off");
  await stage.clock.advance(1);
  assert.ok(!stage.has("classic"), "it has not joined");
});

Deno.test("with a full log nobody joins, and a member whose session has ended goes when there is room", async () => {
  const stage = await Stage.open();
  await stage.heartbeat("a");
  stage.wal.refuses = "disk_full";
  const refused = stage.heartbeat("b");
  await assert.rejects(refused, /cannot be written/);
  await stage.clock.advance(SESSION_MS);
  assert.ok(stage.has("a"));
  stage.wal.refuses = null;
  await stage.clock.advance(1000);
  assert.ok(!stage.has("a"));
});

Deno.test("patterns are looked up again when there are other topics, ten seconds later at the soonest", async () => {
  const stage = await Stage.open();
  const pattern = { pattern: "logs.*", topics: null };
  assert.equal(countOf((await stage.heartbeat("a", pattern)).assignment), 0);
  await stage.clock.advance(1);
  await createTopic(stage.engine, "logs.one");
  await stage.heartbeat("a");
  await stage.clock.advance(1);
  assert.deepEqual(stage.group().pattern("logs.*")?.topics, []);
  await stage.clock.advance(10_000);
  await stage.heartbeat("a");
  await stage.clock.advance(1);
  assert.deepEqual(stage.group().pattern("logs.*")?.topics, ["logs.one"]);
  assert.equal(countOf((await stage.heartbeat("a")).assignment), 1);
  const written = stage.records.length;
  await stage.clock.advance(10_001);
  await stage.heartbeat("a");
  await stage.clock.advance(1);
  assert.equal(stage.records.length, written, "nothing has changed, so nothing is looked up");
});

Deno.test("many who join within an assignment interval cost two assignments", async () => {
  const stage = await Stage.open({ assignmentIntervalMs: 1000 });
  for (let number = 0; number < 20; number++) await stage.heartbeat(`m${number}`);
  assert.equal(stage.group().assignmentEpoch, 2);
  await stage.clock.advance(1000);
  for (let number = 0; number < 20; number++) await stage.heartbeat(`m${number}`, { owned: new Map() });
  assert.equal(stage.group().assignmentEpoch, 21);
  assert.equal(stage.group().stateName, "Stable");
  assert.equal(stage.records.filter((record) => isAssigned(record)).length, 2);
});

function isAssigned(record: MetadataRecord): boolean {
  return record.type === "group" && record.change.type === "consumer_assigned";
}

Deno.test("ten thousand idle groups write nothing", async () => {
  const stage = await Stage.open();
  for (let number = 0; number < 10_000; number++) await stage.heartbeat("a", { groupId: `g${number}` });
  const written = stage.records.length;
  for (let round = 0; round < 3; round++) {
    await stage.clock.advance(30_000);
    for (let number = 0; number < 10_000; number++) {
      const reply = await stage.heartbeat("a", { groupId: `g${number}` });
      assert.equal(reply.assignment, null);
    }
  }
  assert.equal(stage.records.length, written);
});

Deno.test("a classic join that waits for room does not put an end to a consumer group that is there by then", async () => {
  const stage = await Stage.open();
  stage.wal.refuses = "not_ready";
  const heartbeat = stage.heartbeat("a");
  const joined = stage.joinClassic();
  stage.wal.refuses = null;
  await heartbeat;
  await assert.rejects(joined, /15/, "the client is to ask again");
  assert.ok(stage.has("a"));
});

Deno.test("whatever a client makes long counts among the bytes of groups", async () => {
  const stage = await Stage.open();
  const { groups } = stage.engine.state;
  const long = "x".repeat(10_000);
  await stage.heartbeat(`member ${long}`, { groupId: long, instanceId: long, rackId: long, clientId: long });
  assert.ok(groups.heldBytes > 5 * long.length, `${groups.heldBytes}`);
});
