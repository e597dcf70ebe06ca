import assert from "node:assert/strict";
import { ClusterState } from "../../cluster_state.ts";
import { ConsumerGroup } from "./consumer_group.ts";
import { blankInfo } from "./consumer_member.ts";
import { decideResolved } from "./decide_resolved.ts";

Deno.test("a pattern that there is no memory for stays as it was, others do not", () => {
  const group = new ConsumerGroup("g", { epoch: 1, topicsHash: "", timeMs: 0 });
  for (const pattern of ["many.*", "few.*"]) {
    group.apply({ type: "consumer_member", member: { ...blankInfo(pattern), pattern } });
  }
  const many = Array.from({ length: 1000 }, (_, count) => `many-${count}`);
  const resolved = new Map([["many.*", many], ["few.*", ["few-1"]]]);
  const context = { catalog: new ClusterState(), nowMs: 1, hasRoomFor: (bytes: number) => bytes < 1000 };
  for (const change of decideResolved(group, resolved, context)) group.apply(change);
  assert.deepEqual([...group.patterns().keys()], ["few.*"]);
});
