import assert from "node:assert/strict";
import fc from "fast-check";
import { NO_CLAIM, SafeGrowth } from "./safe_growth.ts";

const SIZES = [1, 2, 4, 8, 16, 25];

Deno.test("whatever is asked for in whatever order, everyone is completed within the limits", () => {
  const claims = fc.array(fc.integer({ min: 0, max: SIZES.length - 1 }), { minLength: 1, maxLength: 30 });
  const limits = fc.record({
    limitBytes: fc.integer({ min: 25, max: 60 }),
    reserved: fc.integer({ min: 0, max: 9 }),
  });
  const choices = fc.infiniteStream(fc.nat());
  fc.assert(fc.property(claims, limits, choices, (goals, { limitBytes, reserved }, choices) => {
    const largeLimitBytes = Math.max(25, limitBytes - reserved);
    const growth = new SafeGrowth(SIZES, { limitBytes, largeFromBytes: 8, largeLimitBytes });
    const kinds = goals.map(() => NO_CLAIM);
    const held = goals.map(() => -1);
    let active = goals.map((_, claim) => claim);
    let refused: number[] = [];
    // Each asks for one size more until it has what it needs, and is done then.
    while (active.length > 0) {
      const candidates = active.filter((claim) => !refused.includes(claim));
      assert.ok(candidates.length > 0, "somebody can go on");
      const claim = candidates[choices.next().value % candidates.length]!;
      if (held[claim] === goals[claim]) {
        growth.end(kinds[claim]!);
        active = active.filter((other) => other !== claim);
        refused = [];
        continue;
      }
      const next = growth.kind(goals[claim]!, held[claim]! + 1);
      if (!growth.change(kinds[claim]!, next)) {
        refused.push(claim);
        continue;
      }
      kinds[claim] = next;
      held[claim]!++;
      const sum = (some: readonly number[]): number =>
        some.reduce((bytes, each) => bytes + (held[each]! < 0 ? 0 : SIZES[held[each]!]!), 0);
      assert.equal(growth.heldBytes, sum(active));
      assert.ok(growth.heldBytes <= limitBytes);
      assert.ok(sum(active.filter((each) => goals[each]! >= 3)) <= largeLimitBytes);
    }
    assert.equal(growth.heldBytes, 0);
  }));
});

Deno.test("a claim ends once", () => {
  const growth = new SafeGrowth(SIZES, { limitBytes: 25, largeFromBytes: 100, largeLimitBytes: 0 });
  const kind = growth.kind(2, 0);
  assert.ok(growth.change(NO_CLAIM, kind));
  growth.end(kind);
  assert.throws(() => growth.end(kind), { name: "AssertionError" });
  assert.throws(() => new SafeGrowth(SIZES, { limitBytes: 24, largeFromBytes: 100, largeLimitBytes: 0 }));
});
