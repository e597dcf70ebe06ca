import assert from "node:assert/strict";
import { ErrorCode } from "../../../base/error_codes.ts";
import { plainAddress } from "./address.ts";
import { ClientQuotas } from "./client_quotas.ts";
import { decideAlterQuotas, type QuotaAlteration } from "./decide_alter.ts";
import { findQuotas } from "./find_quotas.ts";

/** `user:alice client-id:` is the user alice with the default client id. */
function alteration(name: string, values: Readonly<Record<string, number | null>>): QuotaAlteration {
  const parts = name.split(" ").map((part) => part.split(":") as [string, string]);
  return {
    entity: new Map(parts.map(([type, of]) => [type, of === "" ? null : of])),
    changes: Object.entries(values).map(([key, value]) => ({ key, value })),
  };
}

/** Sets them as a broker does, and answers the errors. */
function set(quotas: ClientQuotas, ...alterations: readonly QuotaAlteration[]): number[] {
  const { outcomes, records } = decideAlterQuotas(quotas, alterations);
  for (const record of records) quotas.apply(record);
  return outcomes.map(({ refusal }) => refusal?.error ?? ErrorCode.NONE);
}

function namesFound(quotas: ClientQuotas): string[] {
  const found = findQuotas(quotas, [], false);
  assert("length" in found);
  return found.map(({ entity, values }) => {
    const name = Array.from(entity, ([type, of]) => `${type}:${of ?? ""}`).join(" ");
    return `${name} ${[...values].map(([key, value]) => `${key}=${value}`).join(",")}`;
  });
}

Deno.test("quotas live through a snapshot and records as JSON", () => {
  const quotas = new ClientQuotas();
  const replayed = new ClientQuotas();
  const { records } = decideAlterQuotas(quotas, [
    alteration("user:alice", { producer_byte_rate: 1000, request_percentage: 0.5 }),
    alteration("user: client-id:", { consumer_byte_rate: 2 ** 53 }),
    alteration("user:a client-id:b", { controller_mutation_rate: 1e-3 }),
    alteration("ip:10.0.0.1", { connection_creation_rate: 3 }),
  ]);
  for (const record of records) {
    quotas.apply(record);
    replayed.apply(JSON.parse(JSON.stringify(record)));
  }
  const restored = ClientQuotas.restore(JSON.parse(JSON.stringify(quotas.snapshot())));
  assert.equal(quotas.size, 4);
  assert.deepEqual(namesFound(replayed), namesFound(quotas));
  assert.deepEqual(namesFound(restored), namesFound(quotas));
});

Deno.test("an entity whose last quota is taken back is none any more", () => {
  const quotas = new ClientQuotas();
  set(quotas, alteration("user:a", { producer_byte_rate: 1, consumer_byte_rate: 2 }));
  set(quotas, alteration("user:a", { producer_byte_rate: null }));
  assert.deepEqual(namesFound(quotas), ["user:a consumer_byte_rate=2"]);
  set(quotas, alteration("user:a", { consumer_byte_rate: null }));
  assert.equal(quotas.size, 0);
});

Deno.test("what changes nothing makes no record", () => {
  const quotas = new ClientQuotas();
  set(quotas, alteration("client-id:c", { producer_byte_rate: 5 }));
  const same = decideAlterQuotas(quotas, [
    alteration("client-id:c", { producer_byte_rate: 5, consumer_byte_rate: null }),
    alteration("client-id:d", { producer_byte_rate: null }),
  ]);
  assert.deepEqual(same.records, []);
  assert(same.outcomes.every(({ refusal }) => refusal === null));
});

Deno.test("there is a bound on entities and on their names; those that there are may change", () => {
  const quotas = new ClientQuotas();
  const many = Array.from(
    { length: 10_000 },
    (_, index) => alteration(`user:u${index}`, { producer_byte_rate: 1 }),
  );
  assert(set(quotas, ...many).every((error) => error === ErrorCode.NONE));
  const [tooMany, changed] = [
    alteration("user:one-more", { producer_byte_rate: 1 }),
    alteration("user:u1", { producer_byte_rate: 2 }),
  ];
  assert.deepEqual(set(quotas, tooMany, changed), [ErrorCode.POLICY_VIOLATION, ErrorCode.NONE]);
  assert.equal(quotas.size, 10_000);
  const long = alteration(`user:${"x".repeat(1001)}`, { producer_byte_rate: 1 });
  assert.deepEqual(set(new ClientQuotas(), long), [ErrorCode.INVALID_REQUEST]);
});

Deno.test("a limit is a finite number, and no name of a machine is an address", () => {
  for (const value of [NaN, Infinity, -Infinity, 0, -1]) {
    const wrong = alteration("user:a", { request_percentage: value });
    assert.deepEqual(set(new ClientQuotas(), wrong), [ErrorCode.INVALID_REQUEST], String(value));
  }
  const named = alteration("ip:localhost", { connection_creation_rate: 1 });
  assert.deepEqual(set(new ClientQuotas(), named), [ErrorCode.INVALID_REQUEST]);
  assert.equal(plainAddress("0:0:0:0:0:0:0:1"), "::1");
  assert.equal(plainAddress("10.0.0.255"), "10.0.0.255");
  // Connections from there come from the plain one.
  for (const other of ["::ffff:10.0.1.255", "::FFFF:0a00:1ff", "010.000.1.255"]) {
    assert.equal(plainAddress(other), "10.0.1.255");
  }
  for (const none of ["10.0.0.256", "1.2.3", "", "::1]/", "[::1]", "a.b"]) {
    assert.equal(plainAddress(none), null);
  }
});
