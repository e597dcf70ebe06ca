import assert from "node:assert/strict";
import { type Assignment, heldSince, partitionsOf } from "./assignment.ts";
import { blankInfo, type ConsumerMember, newMember, type Progress } from "./consumer_member.ts";
import { type Aim, reconcile } from "./reconcile.ts";

function t(...partitions: readonly number[]): Assignment {
  return partitions.length === 0 ? new Map() : new Map([["T", partitions]]);
}

function member(progress: Partial<Progress>): ConsumerMember {
  return { ...newMember(blankInfo("m")), ...progress };
}

/** Epoch 2 is to bring `target`; all is free but `taken`. */
function aim(target: Assignment, changes: Partial<Aim> & { readonly taken?: readonly number[] } = {}): Aim {
  const { taken = [], ...others } = changes;
  return {
    epoch: 2,
    target,
    topicIds: new Set(["T"]),
    isFree: (_, partition) => !taken.includes(partition),
    owned: null,
    hasNewSubscription: false,
    ...others,
  };
}

function told({ epoch, state, assigned, revoking }: Progress) {
  const plain = (holdings: Progress["assigned"]) => partitionsOf(holdings).get("T") ?? [];
  return { epoch, state, assigned: plain(assigned), revoking: plain(revoking) };
}

Deno.test("a member with nothing to give up gets what is free, in the epoch of the target", () => {
  const next = reconcile(member({ epoch: 1 }), aim(t(0, 1)));
  assert.deepEqual(told(next), { epoch: 2, state: "stable", assigned: [0, 1], revoking: [] });
  assert.equal(next.previousEpoch, 1);
  assert.deepEqual([...next.assigned.get("T")?.values() ?? []], [2, 2], "held since then");
});

Deno.test("what others hold comes later, and the rest at once", () => {
  const first = reconcile(member({ epoch: 1 }), aim(t(0, 1), { taken: [1] }));
  assert.deepEqual(told(first), { epoch: 2, state: "unreleased_partitions", assigned: [0], revoking: [] });
  const holding = member(first);
  assert.deepEqual(told(reconcile(holding, aim(t(0, 1), { taken: [0, 1] }))), told(first));
  const last = reconcile(holding, aim(t(0, 1), { taken: [0] }));
  assert.deepEqual(told(last), { epoch: 2, state: "stable", assigned: [0, 1], revoking: [] });
});

Deno.test("a member stays in its epoch until it has given up what is not its own any more", () => {
  const holding = member({ epoch: 1, assigned: heldSince(t(0, 1, 2), 1) });
  const asked = reconcile(holding, aim(t(0, 3)));
  assert.deepEqual(told(asked), {
    epoch: 1,
    state: "unrevoked_partitions",
    assigned: [0],
    revoking: [1, 2],
  });
  const giving = member(asked);
  assert.equal(reconcile(giving, aim(t(0, 3))), giving, "it has not said what it owns");
  assert.equal(reconcile(giving, aim(t(0, 3), { owned: t(0, 2) })), giving, "it owns one of them");
  const done = reconcile(giving, aim(t(0, 3), { owned: t(0) }));
  assert.deepEqual(told(done), { epoch: 2, state: "stable", assigned: [0, 3], revoking: [] });
});

Deno.test("what a member has just given up may become its own again", () => {
  const giving = member({
    epoch: 1,
    state: "unrevoked_partitions",
    assigned: heldSince(t(0), 1),
    revoking: heldSince(t(1), 1),
  });
  const next = reconcile(giving, aim(t(0, 1), { epoch: 3, taken: [0, 1], owned: t(0) }));
  assert.deepEqual(told(next), { epoch: 3, state: "stable", assigned: [0, 1], revoking: [] });
  assert.deepEqual([...next.assigned.get("T") ?? []], [[0, 1], [1, 3]], "held anew since then");
});

Deno.test("what a subscription does not cover any more has to go before there is a new target", () => {
  const holding = member({ epoch: 2, assigned: heldSince(t(0), 2) });
  const changed = { topicIds: new Set<string>(), hasNewSubscription: true };
  const asked = reconcile(holding, aim(t(0), changed));
  assert.deepEqual(told(asked), { epoch: 2, state: "unrevoked_partitions", assigned: [], revoking: [0] });
  const done = reconcile(holding, aim(t(0), { ...changed, owned: t() }));
  assert.deepEqual(told(done), { epoch: 2, state: "stable", assigned: [], revoking: [] });
});

Deno.test("a member that is where it is to be stays there", () => {
  const done = member({ epoch: 2, assigned: heldSince(t(0), 1) });
  assert.equal(reconcile(done, aim(t(0))), done);
});
