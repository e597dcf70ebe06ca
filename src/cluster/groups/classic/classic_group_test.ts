import assert from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../../../base/error_codes.ts";
import { Groups } from "../groups.ts";
import { type GroupChange, groupRecord } from "../records.ts";
import { ClassicGroup } from "./classic_group.ts";
import { type ClassicMember, NO_ASSIGNMENT, saveMember } from "./classic_member.ts";
import { electProtocol } from "./protocols.ts";
import { subscribedTopics } from "./subscription.ts";

/** A version, one topic, no user data. */
function subscriptionTo(topic: string): Uint8Array {
  const name = new TextEncoder().encode(topic);
  return new Uint8Array([0, 0, 0, 0, 0, 1, 0, name.length, ...name, 255, 255, 255, 255]);
}

function member(id: string, options: Partial<ClassicMember> = {}): ClassicMember {
  return {
    id,
    instanceId: null,
    clientId: "client",
    clientHost: "/127.0.0.1",
    rebalanceTimeoutMs: 60_000,
    sessionTimeoutMs: 10_000,
    protocols: [{ name: "range", metadata: subscriptionTo("orders") }],
    assignment: NO_ASSIGNMENT,
    ...options,
  };
}

function joined(one: ClassicMember, protocolType = "consumer"): GroupChange {
  return { type: "classic_joined", protocolType, member: saveMember(one) };
}

const generation = (number: number, leaderId: string | null): GroupChange => ({
  type: "classic_generation",
  generation: number,
  protocol: leaderId === null ? null : "range",
  leaderId,
  timeMs: 200 + number,
});

/** The changes that make a stable group of two, the second static. */
const STABLE: readonly GroupChange[] = [
  { type: "classic_created", generation: 0, timeMs: 100 },
  joined(member("a")),
  { type: "classic_rebalancing", timeMs: 150 },
  joined(member("b", { instanceId: "second" })),
  generation(1, "a"),
  { type: "classic_assigned", assignments: [["a", "AQ=="], ["b", "Ag=="]], timeMs: 300 },
];

function grown(changes: readonly GroupChange[]): { readonly groups: Groups; readonly group: ClassicGroup } {
  const groups = new Groups();
  for (const change of changes) groups.apply(groupRecord("g", change));
  const group = groups.get("g");
  assert.ok(group instanceof ClassicGroup);
  return { groups, group };
}

Deno.test("a group is Empty, then rebalancing, then completing, then Stable with what the leader assigned", () => {
  const phases = STABLE.map((_, index) => grown(STABLE.slice(0, index + 1)).group.phase);
  assert.deepEqual(phases, [
    "Empty",
    "Empty",
    "PreparingRebalance",
    "PreparingRebalance",
    "CompletingRebalance",
    "Stable",
  ]);
  const { group } = grown(STABLE);
  assert.deepEqual(group.member("b")?.assignment, new Uint8Array([2]));
  assert.equal(group.staticMember("second")?.id, "b");
  assert.deepEqual([group.sinceMs, group.generation, group.leaderId, group.protocol], [300, 1, "a", "range"]);
});

Deno.test("a snapshot of a group in any phase gives the same group, and the same bytes held", () => {
  const more: readonly GroupChange[] = [
    ...STABLE,
    {
      type: "classic_replaced",
      oldMemberId: "b",
      member: saveMember(member("b2", { instanceId: "second" })),
    },
    { type: "classic_rebalancing", timeMs: 400 },
    { type: "classic_left", memberId: "a" },
    generation(2, "b2"),
    { type: "classic_rebalancing", timeMs: 500 },
    { type: "classic_left", memberId: "b2" },
    generation(3, null),
  ];
  for (const length of more.keys()) {
    const { groups } = grown(more.slice(0, length + 1));
    const saved = groups.snapshot();
    const restored = Groups.restore(JSON.parse(JSON.stringify(saved)));
    assert.deepEqual(restored.snapshot(), saved);
    assert.equal(restored.heldBytes, groups.heldBytes);
  }
  const { groups } = grown([...more, { type: "classic_created", generation: 0, timeMs: 0 }]);
  groups.apply(groupRecord("g", { type: "deleted" }));
  assert.equal(groups.heldBytes, 0);
});

Deno.test("a static member that starts anew keeps assignment and lead, and its old id is fenced", () => {
  const replaced = member("a2", { instanceId: "first" });
  const { group } = grown([
    STABLE[0]!,
    joined(member("a", { instanceId: "first" })),
    STABLE[2]!,
    generation(1, "a"),
    { type: "classic_assigned", assignments: [["a", "AQ=="]], timeMs: 1 },
    { type: "classic_replaced", oldMemberId: "a", member: saveMember(replaced) },
  ]);
  assert.equal(group.leaderId, "a2");
  assert.deepEqual(group.member("a2")?.assignment, new Uint8Array([1]));
  assert.equal(group.validateMember("a", "first"), ErrorCode.FENCED_INSTANCE_ID);
  assert.equal(group.validateMember("a", null), ErrorCode.UNKNOWN_MEMBER_ID);
  assert.equal(group.validateMember("a2", "first"), ErrorCode.NONE);
  assert.equal(group.validateMember("a2", "other"), ErrorCode.UNKNOWN_MEMBER_ID);
});

Deno.test("whoever may commit offsets: members of the generation, and anyone while the group is empty", () => {
  const commit = (changes: readonly GroupChange[], id: string, number: number, isTransactional = false) =>
    grown(changes).group.validateOffsetCommit(id, null, number, isTransactional);
  const empty = STABLE.slice(0, 1);
  const completing = STABLE.slice(0, 5);
  assert.equal(commit(empty, "", -1), ErrorCode.NONE);
  assert.equal(commit(empty, "a", -1), ErrorCode.NONE);
  assert.equal(commit(empty, "a", 0), ErrorCode.UNKNOWN_MEMBER_ID);
  assert.equal(commit(STABLE, "", -1), ErrorCode.UNKNOWN_MEMBER_ID);
  assert.equal(commit(STABLE, "", -1, true), ErrorCode.NONE);
  assert.equal(commit(STABLE, "a", 1), ErrorCode.NONE);
  assert.equal(commit(STABLE, "a", 0), ErrorCode.ILLEGAL_GENERATION);
  assert.equal(commit(STABLE, "x", 1), ErrorCode.UNKNOWN_MEMBER_ID);
  assert.equal(commit(completing, "a", 1), ErrorCode.REBALANCE_IN_PROGRESS);
  assert.equal(commit(completing, "a", 1, true), ErrorCode.NONE);
});

Deno.test("retention counts from the day that the group became empty, or from the commit", () => {
  const retention = (changes: readonly GroupChange[]) => grown(changes).group.retentionStartMs(7);
  assert.equal(retention(STABLE.slice(0, 1)), 7, "nobody has ever joined");
  assert.equal(retention(STABLE.slice(0, 3)), null, "in a rebalance nothing expires");
  assert.equal(retention(STABLE), 7, "topics that nobody reads any more");
  const left = ["a", "b"].map((memberId) => ({ type: "classic_left", memberId } as const));
  assert.equal(retention([...STABLE, STABLE[2]!, ...left, generation(2, null)]), 202);
  const { group } = grown(STABLE);
  assert.deepEqual([group.isSubscribedTo("orders"), group.isSubscribedTo("other")], [true, false]);
});

Deno.test("a group of another protocol type has no known topics, and its offsets stay", () => {
  const { group } = grown([
    STABLE[0]!,
    joined(member("a"), "connect"),
    STABLE[2]!,
    generation(1, "a"),
    { type: "classic_assigned", assignments: [], timeMs: 300 },
  ]);
  assert.equal(group.isSubscribedTo("orders"), false);
  assert.equal(group.retentionStartMs(7), null);
  assert.equal(group.validateOffsetDelete(), ErrorCode.NON_EMPTY_GROUP);
});

Deno.test("each member votes for the first of its protocols that all know", () => {
  const voter = (...names: string[]) =>
    member("m", { protocols: names.map((name) => ({ name, metadata: NO_ASSIGNMENT })) });
  assert.equal(electProtocol([]), null);
  assert.equal(electProtocol([voter("a", "b")]), "a");
  assert.equal(electProtocol([voter("a", "b"), voter("b", "a"), voter("c", "b", "a")]), "b");
  assert.equal(electProtocol([voter("a", "b"), voter("b", "a")]), "a", "at a tie the first member decides");
  assert.equal(electProtocol([voter("a"), voter("b")]), null);
});

Deno.test("newcomers must know a protocol that all members know, whatever has joined and left before", () => {
  const both = { name: "both", metadata: NO_ASSIGNMENT };
  const range = { name: "range", metadata: NO_ASSIGNMENT };
  const { group } = grown([
    STABLE[0]!,
    joined(member("a", { protocols: [both, range] })),
    STABLE[2]!,
    joined(member("b", { protocols: [range] })),
  ]);
  assert.equal(group.supports("consumer", ["both"]), false);
  assert.equal(group.supports("consumer", ["both", "range"]), true);
  assert.equal(group.supports("connect", ["range"]), false);
  group.apply({ type: "classic_left", memberId: "b" });
  assert.equal(group.supports("consumer", ["both"]), true);
});

Deno.test("any bytes are a subscription or none", () => {
  assert.deepEqual(subscribedTopics(subscriptionTo("orders")), ["orders"]);
  assert.equal(subscribedTopics(subscriptionTo("orders").subarray(0, 10)), null);
  // No topic has a name that long, and very long ones are slow to look up.
  assert.deepEqual(subscribedTopics(subscriptionTo("x".repeat(249)))?.length, 1);
  assert.deepEqual(subscribedTopics(subscriptionTo("x".repeat(250))), []);
  assert.equal(subscribedTopics(new Uint8Array([0, 0, 127, 255, 255, 255])), null);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const topics = subscribedTopics(bytes);
    return topics === null || topics.length * 2 <= bytes.length;
  }));
});

Deno.test("members may have ids that every object has for its own", () => {
  const ids = ["constructor", "__proto__"];
  const assigned: GroupChange = {
    type: "classic_assigned",
    assignments: [["__proto__", "AQ=="]],
    timeMs: 300,
  };
  const { group } = grown(JSON.parse(JSON.stringify([
    { type: "classic_created", generation: 0, timeMs: 100 },
    ...ids.map((id) => joined(member(id))),
    generation(1, "constructor"),
    assigned,
  ])));
  assert.deepEqual(ids.map((id) => group.member(id)?.assignment.length), [0, 1]);
});
