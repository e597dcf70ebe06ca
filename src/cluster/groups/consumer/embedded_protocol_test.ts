import assert from "node:assert/strict";
import fc from "fast-check";
import { ClusterState } from "../../cluster_state.ts";
import { decodeAssignment, decodeSubscription, encodeAssignment, toTopicIds } from "./embedded_protocol.ts";
import { encodeSubscription } from "./testing/embedded_subscription.ts";
import { TopicMaker } from "./testing/topic_maker.ts";

function catalog(): ClusterState {
  const state = new ClusterState();
  const maker = new TopicMaker();
  for (const name of ["a", "b"]) for (const record of maker.grow(state, name, 3)) state.apply(record);
  return state;
}

Deno.test("a subscription tells its topics and what the member owns", () => {
  const subscription = decodeSubscription(encodeSubscription(["a", "b"], new Map([["a", [0, 2]]])));
  assert.deepEqual(subscription, {
    version: 1,
    topics: ["a", "b"],
    owned: new Map([["a", [0, 2]]]),
    rackId: null,
  });
});

Deno.test("names that no topic can have are left out: very long ones are slow to look up", () => {
  const [longest, longer] = ["x".repeat(249), "x".repeat(250)];
  const owned = new Map([[longest, [0]], [longer, [1]]]);
  const subscription = decodeSubscription(encodeSubscription([longer, longest], owned));
  assert.deepEqual(subscription?.topics, [longest]);
  assert.deepEqual(subscription?.owned, new Map([[longest, [0]]]));
});

Deno.test("version 0 owns nothing, version 3 has a rack", () => {
  const bare = [0, 0, 0, 0, 0, 1, 0, 1, 0x61, 255, 255, 255, 255];
  assert.deepEqual(decodeSubscription(Uint8Array.from(bare))?.topics, ["a"]);
  const newest = [0, 3, ...bare.slice(2), 0, 0, 0, 0, 0, 0, 0, 7, 0, 1, 0x72];
  assert.equal(decodeSubscription(Uint8Array.from(newest))?.rackId, "r");
});

Deno.test("an assignment is written by name and read back", () => {
  const state = catalog();
  const id = (name: string) => state.topic(name)?.id ?? "";
  const assignment = new Map([[id("a"), [0, 1]], [id("b"), [2]], ["gone", [0]]]);
  const bytes = encodeAssignment(assignment, state, 9);
  assert.equal(bytes[1], 3, "no newer version than is known");
  const decoded = decodeAssignment(bytes);
  assert.deepEqual(decoded, { partitions: new Map([["a", [0, 1]], ["b", [2]]]), hasUserData: false });
  assert.deepEqual(
    toTopicIds(decoded?.partitions ?? new Map(), state),
    new Map([[id("a"), [0, 1]], [id("b"), [2]]]),
  );
  assert.deepEqual(decodeAssignment(new Uint8Array(0)), { partitions: new Map(), hasUserData: false });
});

Deno.test("bytes that are no such thing are none, and cost no more than they are long", () => {
  const announcing = Uint8Array.from([0, 1, 127, 255, 255, 255]);
  assert.equal(decodeSubscription(announcing), null);
  assert.equal(decodeAssignment(announcing), null);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    for (const decode of [decodeSubscription, decodeAssignment]) {
      const decoded = decode(bytes);
      assert.ok(decoded === null || typeof decoded === "object");
    }
  }));
});
