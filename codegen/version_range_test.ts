import assert from "node:assert/strict";
import fc from "fast-check";
import {
  condition,
  covers,
  describe,
  hull,
  includes,
  intersect,
  negatedCondition,
  noVersions,
  parseVersionRange,
  versionsOf,
} from "./version_range.ts";

const range = fc.tuple(fc.nat(20), fc.nat(20)).map(([min, length]) => ({ min, max: min + length }));

/** Evaluates a condition as generated code would. */
function holds(test: string, version: number): boolean {
  return new Function("version", `return ${test};`)(version) === true;
}

Deno.test("the four forms of a version range are parsed", () => {
  assert.deepEqual(parseVersionRange("none"), noVersions);
  assert.deepEqual(parseVersionRange("3"), { min: 3, max: 3 });
  assert.deepEqual(parseVersionRange("0-12"), { min: 0, max: 12 });
  assert.deepEqual(parseVersionRange("3+"), { min: 3, max: Infinity });
});

Deno.test("anything else is no version range", () => {
  for (const text of ["", "+", "-1", "3-", "5-4", "1-2+", "1,2", " 1", "all"]) {
    assert.throws(() => parseVersionRange(text), Error, text);
  }
});

Deno.test("a condition holds in just the versions of its range, and its negation in just the others", () => {
  fc.assert(fc.property(range, range, (wanted, context) => {
    const test = condition(wanted, context);
    const negated = negatedCondition(wanted, context);
    for (const version of versionsOf(context)) {
      assert.equal(holds(test, version), includes(wanted, version));
      assert.equal(holds(negated, version), !includes(wanted, version));
    }
  }));
});

Deno.test("the hull holds both ranges and the intersection what they share", () => {
  fc.assert(fc.property(range, range, (a, b) => {
    assert.ok(covers(hull(a, b), a) && covers(hull(a, b), b));
    for (const version of versionsOf(hull(a, b))) {
      assert.equal(includes(intersect(a, b), version), includes(a, version) && includes(b, version));
    }
  }));
});

Deno.test("a range is described as a reader of the code needs it", () => {
  const context = { min: 2, max: 9 };
  assert.equal(describe({ min: 4, max: Infinity }, context), "Versions 4+");
  assert.equal(describe({ min: 0, max: 5 }, context), "Versions 2-5");
  assert.equal(describe({ min: 3, max: 3 }, context), "Version 3");
});
