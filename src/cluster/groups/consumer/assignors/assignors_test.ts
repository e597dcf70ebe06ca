import assert from "node:assert/strict";
import fc from "fast-check";
import type { Assignment } from "../assignment.ts";
import { type Assignor, type AssignorInput, isHomogeneous } from "./assignor.ts";
import { rangeAssignor } from "./range.ts";
import { uniformAssignor } from "./uniform.ts";

const TOPICS = ["A", "B", "C", "D"];

function input(
  counts: Record<string, number>,
  members: Record<string, { topics: string[]; previous?: Record<string, number[]>; instanceId?: string }>,
): AssignorInput {
  const subscribed = new Set(Object.values(members).flatMap(({ topics }) => topics));
  return {
    partitionCounts: new Map(Object.entries(counts).filter(([topic]) => subscribed.has(topic))),
    members: Object.entries(members).map(([memberId, { topics, previous, instanceId }]) => ({
      memberId,
      instanceId: instanceId ?? null,
      topicIds: new Set(topics.filter((topic) => topic in counts)),
      previous: new Map(Object.entries(previous ?? {})),
    })),
  };
}

function plain(result: ReadonlyMap<string, Assignment>): Record<string, Record<string, readonly number[]>> {
  return Object.fromEntries(
    Array.from(result, ([memberId, topics]) => [memberId, Object.fromEntries(topics)]),
  );
}

function sizes(of: AssignorInput, result: ReadonlyMap<string, Assignment>): Map<string, number> {
  return new Map(of.members.map(({ memberId }) => {
    let size = 0;
    for (const partitions of result.get(memberId)?.values() ?? []) size += partitions.length;
    return [memberId, size];
  }));
}

/** Every partition has exactly one owner, who subscribes to its topic. */
function checkCover(of: AssignorInput, result: ReadonlyMap<string, Assignment>): void {
  const owners = new Map<string, string>();
  const members = new Map(of.members.map((member) => [member.memberId, member]));
  for (const [memberId, topics] of result) {
    for (const [topicId, partitions] of topics) {
      assert.ok(members.get(memberId)?.topicIds.has(topicId), `${memberId} subscribes to ${topicId}`);
      assert.deepEqual(partitions, [...new Set(partitions)].sort((a, b) => a - b), "partitions ascend");
      for (const partition of partitions) {
        assert.ok(partition < (of.partitionCounts.get(topicId) ?? 0), "the partition exists");
        assert.ok(!owners.has(`${topicId}-${partition}`), "it has one owner");
        owners.set(`${topicId}-${partition}`, memberId);
      }
    }
  }
  let total = 0;
  for (const count of of.partitionCounts.values()) total += count;
  assert.equal(owners.size, total, "every partition has an owner");
}

const counts = fc.record(Object.fromEntries(TOPICS.map((topic) => [topic, fc.integer({ min: 0, max: 12 })])));

function groups(isSame: boolean): fc.Arbitrary<AssignorInput> {
  const topics = fc.subarray(TOPICS, { minLength: 1 });
  return fc.record({
    counts,
    same: topics,
    topics: fc.array(topics, { minLength: 1, maxLength: 9 }),
    previous: fc.array(
      fc.dictionary(fc.constantFrom(...TOPICS, "gone"), fc.uniqueArray(fc.nat(13), { minLength: 1 })),
    ),
  }).map(({ counts, same, topics, previous }) =>
    input(
      counts,
      Object.fromEntries(topics.map((own, index) => [`m${index}`, {
        topics: isSame ? same : own,
        previous: Object.fromEntries(
          Object.entries(previous[index] ?? {}).map(([topic, parts]) => [topic, parts.sort((a, b) => a - b)]),
        ),
      }])),
    )
  );
}

for (const assignor of [uniformAssignor, rangeAssignor] satisfies Assignor[]) {
  Deno.test(`the ${assignor.name} assignor gives each partition to exactly one subscriber`, () => {
    for (const isSame of [true, false]) {
      fc.assert(fc.property(groups(isSame), (of) => checkCover(of, assignor.assign(of))));
    }
  });

  Deno.test(`the ${assignor.name} assignor moves nothing when nothing has changed`, () => {
    for (const isSame of [true, false]) {
      fc.assert(fc.property(groups(isSame), (of) => {
        const first = assignor.assign(of);
        const again = assignor.assign({
          ...of,
          members: of.members.map((member) => ({
            ...member,
            previous: first.get(member.memberId) ?? new Map(),
          })),
        });
        assert.deepEqual(new Map([...again].sort()), new Map([...first].sort()));
      }));
    }
  });

  Deno.test(`the ${assignor.name} assignor of no members assigns nothing`, () => {
    assert.equal(assignor.assign({ members: [], partitionCounts: new Map() }).size, 0);
  });
}

Deno.test("uniform: members with the same topics differ by one partition at most", () => {
  fc.assert(fc.property(groups(true), (of) => {
    assert.ok(isHomogeneous(of.members));
    const all = [...sizes(of, uniformAssignor.assign(of)).values()];
    assert.ok(Math.max(...all) - Math.min(...all) <= 1);
  }));
});

Deno.test("uniform: with different topics, no single move makes two members more alike", () => {
  fc.assert(fc.property(groups(false), (of) => {
    const result = uniformAssignor.assign(of);
    const size = sizes(of, result);
    for (const { memberId, topicIds } of of.members) {
      for (const [holder, topics] of result) {
        for (const topicId of topics.keys()) {
          if (!topicIds.has(topicId)) continue;
          assert.ok((size.get(holder) ?? 0) - (size.get(memberId) ?? 0) <= 1, `${holder} to ${memberId}`);
        }
      }
    }
  }));
});

Deno.test("uniform: no one loses more than the balance takes", () => {
  fc.assert(fc.property(groups(true), fc.integer({ min: 1, max: 3 }), (of, joining) => {
    const before = uniformAssignor.assign(of);
    const topicIds = of.members[0]?.topicIds ?? new Set<string>();
    const after = uniformAssignor.assign({
      ...of,
      members: [
        ...of.members.map((member) => ({ ...member, previous: before.get(member.memberId) ?? new Map() })),
        ...Array.from({ length: joining }, (_, index) => ({
          memberId: `new${index}`,
          instanceId: null,
          topicIds,
          previous: new Map(),
        })),
      ],
    });
    // What is not theirs any more has gone to those who joined: nothing moves between the others.
    for (const { memberId } of of.members) {
      for (const [topicId, partitions] of after.get(memberId) ?? []) {
        const had = before.get(memberId)?.get(topicId) ?? [];
        assert.deepEqual(partitions.filter((partition) => !had.includes(partition)), []);
      }
    }
  }));
});

Deno.test("uniform: a member who leaves lets the others keep all they have", () => {
  const result = uniformAssignor.assign(input({ A: 6 }, {
    a: { topics: ["A"], previous: { A: [0, 1] } },
    b: { topics: ["A"], previous: { A: [2, 3] } },
  }));
  assert.deepEqual(plain(result), { a: { A: [0, 1, 4] }, b: { A: [2, 3, 5] } });
});

Deno.test("range: runs by member id, the first ones longer", () => {
  const of = input({ A: 7, B: 3 }, { b: { topics: ["A", "B"] }, a: { topics: ["A", "B"] } });
  assert.deepEqual(plain(rangeAssignor.assign(of)), {
    a: { A: [0, 1, 2, 3], B: [0, 1] },
    b: { A: [4, 5, 6], B: [2] },
  });
});

Deno.test("range: static members come first, by instance id", () => {
  const of = input({ A: 3 }, {
    a: { topics: ["A"] },
    z: { topics: ["A"], instanceId: "1" },
    y: { topics: ["A"], instanceId: "2" },
  });
  assert.deepEqual(plain(rangeAssignor.assign(of)), { z: { A: [0] }, y: { A: [1] }, a: { A: [2] } });
});

Deno.test("range: members beyond the number of partitions get nothing", () => {
  const of = input({ A: 1 }, { a: { topics: ["A"] }, b: { topics: ["A"] } });
  assert.deepEqual(plain(rangeAssignor.assign(of)), { a: { A: [0] } });
});
