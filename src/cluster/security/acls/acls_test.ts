import assert from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../../../base/error_codes.ts";
import { AclOperation, AclPattern, AclPermission, AclResource, OPERATIONS_OF } from "./acl_codes.ts";
import { type AclFilter, filterMatches } from "./acl_filter.ts";
import { aclText } from "./acl_text.ts";
import { aclKey, Acls } from "./acls.ts";
import { type AclDecision, aclProblem, decideCreateAcls } from "./create_acls.ts";
import { AclsFound } from "./delete_acls.ts";
import type { Acl } from "./records.ts";

const ORDERS: Acl = {
  resourceType: AclResource.TOPIC,
  resourceName: "orders",
  patternType: AclPattern.LITERAL,
  principal: "User:alice",
  host: "*",
  operation: AclOperation.READ,
  permission: AclPermission.ALLOW,
};
const EVERYTHING: AclFilter = {
  resourceType: AclResource.ANY,
  resourceName: null,
  patternType: AclPattern.ANY,
  principal: null,
  host: null,
  operation: AclOperation.ANY,
  permission: AclPermission.ANY,
};

/** `count` ACLs that differ in name. */
function acls(count: number, prefix = "t"): Acl[] {
  return Array.from({ length: count }, (_, index) => ({ ...ORDERS, resourceName: `${prefix}${index}` }));
}

function create(to: Acls, wanted: readonly Acl[]): number {
  return carryOut(to, decideCreateAcls(to, new Map(wanted.map((acl) => [aclKey(acl), acl]))));
}

function carryOut(to: Acls, decision: AclDecision): number {
  if ("error" in decision) return decision.error;
  for (const record of decision.records) to.apply(record);
  return ErrorCode.NONE;
}

const anAcl: fc.Arbitrary<Acl> = fc.record({
  resourceType: fc.constantFrom(AclResource.TOPIC, AclResource.GROUP),
  resourceName: fc.constantFrom("a", "ab", "b", "*"),
  patternType: fc.constantFrom(AclPattern.LITERAL, AclPattern.PREFIXED),
  principal: fc.constantFrom("User:a", "User:*"),
  host: fc.constantFrom("*", "10.0.0.1"),
  operation: fc.constantFrom(AclOperation.READ, AclOperation.ALL),
  permission: fc.constantFrom(AclPermission.ALLOW, AclPermission.DENY),
}, { noNullPrototype: true });
const aFilter: fc.Arbitrary<AclFilter> = fc.record({
  resourceType: fc.constantFrom(AclResource.ANY, AclResource.TOPIC),
  resourceName: fc.constantFrom(null, "a", "abc", "*"),
  patternType: fc.constantFrom(AclPattern.ANY, AclPattern.MATCH, AclPattern.LITERAL, AclPattern.PREFIXED),
  principal: fc.constantFrom(null, "User:a"),
  host: fc.constantFrom(null, "*"),
  operation: fc.constantFrom(AclOperation.ANY, AclOperation.READ),
  permission: fc.constantFrom(AclPermission.ANY, AclPermission.DENY),
});

Deno.test("ACLs are what a plain list of them would be, whatever comes and goes, and the same after a restart", () => {
  const step = fc.oneof(
    fc.record({ created: fc.array(anAcl, { maxLength: 8 }) }),
    fc.record({ deleted: fc.array(aFilter, { minLength: 1, maxLength: 3 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    let acls = new Acls();
    let noted: Acl[] = [];
    for (const each of steps) {
      const { version } = acls;
      const before = noted;
      if ("created" in each) {
        assert.equal(create(acls, each.created), ErrorCode.NONE);
        noted = [...noted, ...each.created.filter((acl) => !has(noted, acl))];
        noted = noted.filter((acl, index) => noted.findIndex((other) => isSame(other, acl)) === index);
      } else {
        const found = new AclsFound(acls);
        for (const filter of each.deleted) {
          const due = noted.filter((acl) => filterMatches(filter, acl));
          assert.deepEqual(found.search(filter), due);
        }
        assert.equal(carryOut(acls, found.decideDelete()), ErrorCode.NONE);
        noted = noted.filter((acl) => !each.deleted.some((filter) => filterMatches(filter, acl)));
      }
      assert.equal(acls.version === version, before.length === noted.length);
      assert.deepEqual(acls.snapshot(), noted);
      const texts = noted.map(({ resourceName, principal, host }) => resourceName + principal + host);
      assert.equal(acls.chars, texts.join("").length);
      acls = Acls.restore(JSON.parse(JSON.stringify(acls.snapshot())));
    }
  }));
});

function isSame(a: Acl, b: Acl): boolean {
  return Object.entries(a).every(([name, value]) => b[name as keyof Acl] === value);
}

function has(all: readonly Acl[], acl: Acl): boolean {
  return all.some((other) => isSame(other, acl));
}

Deno.test("there are so many ACLs at most, and so much text in them", () => {
  const many = new Acls();
  for (let thousands = 0; thousands < 50; thousands++) {
    assert.equal(create(many, acls(1000, `t${thousands}-`)), ErrorCode.NONE);
  }
  assert.equal(create(many, acls(1, "one more")), ErrorCode.POLICY_VIOLATION);
  assert.equal(create(many, acls(1000, "t0-")), ErrorCode.NONE);
  const long = new Acls();
  const name = (index: number) => String(index).padEnd(30_000, "x");
  let made = 0;
  while (made < 1000 && create(long, [{ ...ORDERS, resourceName: name(made) }]) === ErrorCode.NONE) made++;
  assert.equal(made, Math.floor(8 * 2 ** 20 / (30_000 + "User:alice*".length)));
});

Deno.test("one request has so many filters, finds so many ACLs, and deletes so many", () => {
  const many = new Acls();
  for (const prefix of ["t", "u"]) assert.equal(create(many, acls(10_000, prefix)), ErrorCode.NONE);
  const all = new AclsFound(many);
  all.search(EVERYTHING);
  assert.equal(all.refusal?.error, ErrorCode.INVALID_REQUEST);
  const few = new Acls();
  assert.equal(create(few, acls(1)), ErrorCode.NONE);
  const one = new AclsFound(few);
  const errors = Array.from({ length: 10_001 }, () => {
    one.search(EVERYTHING);
    return one.refusal?.error ?? ErrorCode.NONE;
  });
  assert.deepEqual([...new Set(errors.slice(0, -1))], [ErrorCode.NONE]);
  assert.equal(errors.at(-1), ErrorCode.INVALID_REQUEST);
});

Deno.test("an ACL that there cannot be has a reason", () => {
  assert.equal(aclProblem(ORDERS), null);
  const changes: Partial<Acl>[] = [
    { resourceName: "" },
    { resourceType: 8 },
    { resourceType: AclResource.CLUSTER },
    { patternType: 5 },
    { operation: 16 },
    { permission: 4 },
    { principal: "alice" },
  ];
  for (const change of changes) {
    assert.equal(
      aclProblem({ ...ORDERS, ...change })?.error,
      ErrorCode.INVALID_REQUEST,
      JSON.stringify(change),
    );
  }
});

Deno.test("an ACL can be read by people", () => {
  assert.equal(aclText(ORDERS), "ALLOW User:alice from * to READ TOPIC LITERAL orders");
  assert.equal(aclText({ ...ORDERS, operation: 77 }), "ALLOW User:alice from * to 77 TOPIC LITERAL orders");
});

Deno.test("each type of resource has its operations", () => {
  const count = (bits: number) => bits.toString(2).replaceAll("0", "").length;
  assert.deepEqual(OPERATIONS_OF.map(count), [0, 0, 8, 5, 7, 3, 1, 2]);
});
