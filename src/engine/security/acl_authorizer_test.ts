/** The authorizer against a plain reading of Kafka's rules: every ACL is looked at for each question. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Principal } from "../../base/principal.ts";
import { Acls } from "../../cluster/security/acls/acls.ts";
import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
} from "../../cluster/security/acls/acl_codes.ts";
import type { Acl } from "../../cluster/security/acls/records.ts";
import type { KliteEvent } from "../../io/events.ts";
import { SimClock } from "../../io/sim/clock.ts";
import { AclAuthorizer, type AclSettings } from "./acl_authorizer.ts";
import { Audit } from "./audit.ts";
import type { Requester } from "./authorizer.ts";

const { READ, WRITE, DESCRIBE, ALL, ALTER_CONFIGS, DESCRIBE_CONFIGS } = AclOperation;
const { ALLOW, DENY } = AclPermission;
const { LITERAL, PREFIXED } = AclPattern;
const { TOPIC, GROUP } = AclResource;

const ALICE = requester("User:alice");
const BOB = requester("User:bob");

function requester(text: string, host = "10.0.0.1"): Requester {
  const principal = Principal.parse(text);
  assert.ok(principal !== null);
  return { principal, remote: { host } };
}

function acl(change: Partial<Acl> = {}): Acl {
  return {
    resourceType: TOPIC,
    resourceName: "orders",
    patternType: LITERAL,
    principal: "User:alice",
    host: "*",
    operation: READ,
    permission: ALLOW,
    ...change,
  };
}

function authorizerWith(given: readonly Acl[], settings: Partial<AclSettings> = {}) {
  const acls = Acls.restore(given);
  const events: KliteEvent[] = [];
  const audit = new Audit({ clock: new SimClock(), events: (event) => events.push(event) });
  const authorizer = new AclAuthorizer(acls, { superUsers: [], allowIfNoAcl: false, ...settings }, audit);
  return { acls, authorizer, events };
}

// The plain model.

const IMPLIED: ReadonlyMap<number, readonly number[]> = new Map([
  [DESCRIBE, [READ, WRITE, AclOperation.DELETE, AclOperation.ALTER]],
  [DESCRIBE_CONFIGS, [ALTER_CONFIGS]],
]);

function isFor({ principal, remote }: Requester, acl: Acl): boolean {
  return (acl.principal === principal.text || acl.principal === "User:*") &&
    (acl.host === "*" || acl.host === remote.host);
}

function fits(acl: Acl, type: number, name: string): boolean {
  if (acl.resourceType !== type) return false;
  if (acl.patternType === PREFIXED) return name.startsWith(acl.resourceName);
  return acl.resourceName === name || acl.resourceName === "*";
}

function plainly(
  acls: readonly Acl[],
  who: Requester,
  operation: number,
  type: number,
  name: string,
  byDefault: boolean,
) {
  const about = acls.filter((acl) => fits(acl, type, name));
  const mine = about.filter((acl) => isFor(who, acl));
  const names = (acl: Acl) => acl.operation === operation || acl.operation === ALL;
  if (mine.some((acl) => acl.permission === DENY && names(acl))) return false;
  const allows = (acl: Acl) => names(acl) || (IMPLIED.get(operation) ?? []).includes(acl.operation);
  if (mine.some((acl) => acl.permission === ALLOW && allows(acl))) return true;
  return about.length === 0 && byDefault;
}

function plainlySome(
  acls: readonly Acl[],
  who: Requester,
  operation: number,
  type: number,
  byDefault: boolean,
) {
  if (plainly(acls, who, operation, type, "hardcode", byDefault)) return true;
  const mine = acls.filter((acl) =>
    acl.resourceType === type && isFor(who, acl) && [operation, ALL].includes(acl.operation)
  );
  const denials = mine.filter(({ permission }) => permission === DENY);
  if (denials.some(({ patternType, resourceName }) => patternType === LITERAL && resourceName === "*")) {
    return false;
  }
  return mine.filter(({ permission }) => permission === ALLOW).some((allowed) => {
    if (allowed.patternType === LITERAL && allowed.resourceName === "*") return true;
    return !denials.some((denied) =>
      denied.patternType === PREFIXED
        ? allowed.resourceName.startsWith(denied.resourceName)
        : allowed.patternType === LITERAL && denied.resourceName === allowed.resourceName
    );
  });
}

const NAMES = ["a", "ab", "abc", "b", "*", "hard"];
const PRINCIPALS = ["User:alice", "User:bob", "User:*", "Group:alice", "Group:*"];
const HOSTS = ["10.0.0.1", "0:0:0:0:0:0:0:1"];
const TYPES = [TOPIC, GROUP, AclResource.TRANSACTIONAL_ID];
const OPERATIONS = Object.values(AclOperation).filter((operation) => operation !== AclOperation.ANY);

const anAcl: fc.Arbitrary<Acl> = fc.record({
  resourceType: fc.constantFrom(...TYPES),
  resourceName: fc.constantFrom(...NAMES),
  patternType: fc.constantFrom(LITERAL, PREFIXED),
  principal: fc.constantFrom(...PRINCIPALS),
  host: fc.constantFrom("*", ...HOSTS),
  operation: fc.constantFrom(...OPERATIONS),
  permission: fc.constantFrom(ALLOW, DENY),
});
const aStep = fc.record({
  created: fc.array(anAcl, { maxLength: 6 }),
  deleted: fc.array(fc.nat(20), { maxLength: 3 }),
});

Deno.test("rights are what a plain reading of all ACLs gives, while ACLs come and go", () => {
  fc.assert(fc.property(fc.array(aStep, { maxLength: 4 }), fc.boolean(), (steps, allowIfNoAcl) => {
    const { acls, authorizer } = authorizerWith([], { allowIfNoAcl });
    for (const { created, deleted } of steps) {
      acls.apply({ type: "acls_created", acls: created });
      const before = [...acls.all()];
      // As a log has them: equal, not the same.
      const gone = deleted.flatMap((index) => before.slice(index, index + 1)).map((acl) => ({ ...acl }));
      acls.apply({ type: "acls_deleted", acls: gone });
      const all = [...acls.all()];
      for (const text of PRINCIPALS) {
        for (const host of HOSTS) checkRights(authorizer, all, requester(text, host), allowIfNoAcl);
      }
    }
  }));
});

function checkRights(
  authorizer: AclAuthorizer,
  all: readonly Acl[],
  who: Requester,
  byDefault: boolean,
): void {
  for (const type of TYPES) {
    for (const operation of OPERATIONS) {
      assert.equal(
        authorizer.allowsSome(who, operation, type),
        plainlySome(all, who, operation, type, byDefault),
      );
      for (const name of [...NAMES, "abcd", "hardcode"]) {
        const due = plainly(all, who, operation, type, name, byDefault);
        assert.equal(authorizer.allowsQuietly(who, operation, type, name), due);
      }
    }
  }
}

Deno.test("who may read or write may look, but who may not read may still be allowed to look", () => {
  const { authorizer } = authorizerWith([
    acl(),
    acl({ permission: DENY, principal: "User:bob" }),
    acl({ operation: DESCRIBE, principal: "User:bob" }),
  ]);
  assert.equal(authorizer.operationsOn(ALICE, TOPIC, "orders"), 1 << READ | 1 << DESCRIBE);
  assert.equal(authorizer.operationsOn(BOB, TOPIC, "orders"), 1 << DESCRIBE);
});

Deno.test("operations on a resource are those that its type has", () => {
  const { authorizer } = authorizerWith([
    acl({ operation: ALL }),
    acl({ operation: ALL, resourceType: GROUP }),
  ]);
  assert.equal(
    authorizer.operationsOn(ALICE, TOPIC, "orders"),
    0b1101_1111_1000 & ~(1 << AclOperation.CLUSTER_ACTION),
  );
  assert.equal(
    authorizer.operationsOn(ALICE, GROUP, "orders"),
    1 << READ | 1 << AclOperation.DELETE | 1 << DESCRIBE | 1 << DESCRIBE_CONFIGS | 1 << ALTER_CONFIGS,
  );
});

Deno.test("a super user may do what ACLs deny", () => {
  const denied = acl({ permission: DENY, operation: ALL, principal: "User:*" });
  const { authorizer, events } = authorizerWith([denied], { superUsers: [ALICE.principal] });
  assert.ok(authorizer.allows(ALICE, WRITE, TOPIC, "orders"));
  assert.ok(authorizer.allowsSome(ALICE, WRITE, TOPIC));
  assert.ok(!authorizer.allows(BOB, WRITE, TOPIC, "orders"));
  assert.deepEqual(events, [{
    type: "access_denied",
    principal: "User:bob",
    remote: "10.0.0.1",
    operation: "WRITE",
    resourceType: "TOPIC",
    name: "orders",
    suppressed: 0,
  }]);
});

Deno.test("a client is known by its address, however that is written", () => {
  const { authorizer } = authorizerWith([acl({ host: "10.0.0.1" }), acl({ host: "::1" })]);
  const from = (host: string) =>
    authorizer.allowsQuietly(requester("User:alice", host), READ, TOPIC, "orders");
  assert.deepEqual(["10.0.0.1", "::ffff:10.0.0.1", "::1", "0:0:0:0:0:0:0:1"].map(from), [
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(["10.0.0.2", "::2", "::ffff:10.0.0.2"].map(from), [false, false, false]);
});

Deno.test("a right is worked out once, until ACLs change", () => {
  const { acls, authorizer } = authorizerWith([acl()]);
  const { index } = acls;
  const eachOf = index.eachOf.bind(index);
  let worked = 0;
  index.eachOf = (...asked) => {
    worked++;
    eachOf(...asked);
  };
  const ask = () => {
    for (const who of [ALICE, BOB, ALICE]) {
      for (const operation of [READ, WRITE, DESCRIBE]) authorizer.allows(who, operation, TOPIC, "orders");
    }
    return worked;
  };
  assert.deepEqual([ask(), ask(), ask()], [2, 2, 2]);
  acls.apply({ type: "acls_created", acls: [acl({ operation: WRITE })] });
  assert.deepEqual([ask(), ask()], [4, 4]);
});

Deno.test("names that a client makes up do not fill the memory, and change nobody's rights", () => {
  const { authorizer } = authorizerWith([acl()]);
  for (let made = 0; made < 100_000; made++) {
    assert.ok(!authorizer.allowsQuietly(BOB, READ, TOPIC, `made up ${made}`));
  }
  assert.ok(!authorizer.allowsQuietly(ALICE, READ, TOPIC, "x".repeat(30_000)));
  assert.ok(authorizer.allowsQuietly(ALICE, READ, TOPIC, "orders"));
});

Deno.test("of many denials a few are said", () => {
  const { authorizer, events } = authorizerWith([]);
  for (let attempt = 0; attempt < 1000; attempt++) authorizer.allows(BOB, READ, TOPIC, "y".repeat(30_000));
  assert.ok(events.length <= 10);
  assert.ok(events.every((event) => JSON.stringify(event).length < 500));
});
