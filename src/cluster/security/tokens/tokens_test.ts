import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../../../base/error_codes.ts";
import { DelegationTokens } from "./delegation_tokens.ts";
import {
  decideCreateToken,
  decideExpireToken,
  decideRenewToken,
  decideTokenExpiry,
  partiesOf,
  type TokenDecision,
} from "./mod.ts";
import type { TokenRecord } from "./records.ts";

const LIMITS = { maxLifetimeMs: 1000, expiryTimeMs: 100 };
const USERS = ["User:a", "User:b", "User:c"];

/** A token as somebody would keep it who had nothing but the words of KIP-48. */
interface Noted {
  readonly id: string;
  readonly owner: string;
  readonly requester: string;
  readonly renewers: readonly string[];
  readonly issuedAtMs: number;
  expiresAtMs: number;
  readonly endsAtMs: number;
}

function carryOut(tokens: DelegationTokens, decided: TokenDecision | { readonly error: number }): number {
  if ("error" in decided) return decided.error;
  const { decision } = decided;
  if ("error" in decision) return decision.error;
  for (const record of decision.records) tokens.apply(record as TokenRecord);
  return ErrorCode.NONE;
}

function create(tokens: DelegationTokens, id: string, requester: string, renewers: readonly string[] = []) {
  const command = { id, owner: requester, requester, renewers, maxLifetimeMs: -1 };
  return carryOut(tokens, decideCreateToken(tokens, command, LIMITS, 0));
}

const principal = fc.constantFrom(...USERS);
const period = fc.integer({ min: -10, max: 2000 });
const step = fc.oneof(
  fc.record({
    type: fc.constant("create" as const),
    owner: principal,
    requester: principal,
    renewers: fc.array(principal, { maxLength: 2 }),
    maxLifetimeMs: period,
  }),
  fc.record({
    type: fc.constantFrom("renew" as const, "expire" as const),
    which: fc.nat(9),
    principal,
    period,
  }),
  fc.record({ type: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 300 }) }),
  fc.record({ type: fc.constant("sweep" as const) }),
);

Deno.test("tokens are what a plain list of them would be, whatever happens to them, and the same after a restart", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let tokens = new DelegationTokens();
    let noted: Noted[] = [];
    let nowMs = 1_000_000;
    for (const [index, each] of steps.entries()) {
      if (each.type === "wait") nowMs += each.ms;
      else if (each.type === "create") {
        const { type: _, maxLifetimeMs, ...names } = each;
        const id = `t${index}`;
        const command = { ...names, id, maxLifetimeMs };
        strictEqual(carryOut(tokens, decideCreateToken(tokens, command, LIMITS, nowMs)), 0);
        const endsAtMs = nowMs + (maxLifetimeMs > 0 ? Math.min(maxLifetimeMs, 1000) : 1000);
        noted.push({
          id,
          ...names,
          issuedAtMs: nowMs,
          endsAtMs,
          expiresAtMs: Math.min(endsAtMs, nowMs + 100),
        });
      } else if (each.type === "sweep") {
        carryOut(tokens, { token: noted[0]!, decision: decideTokenExpiry(tokens, nowMs) });
        noted = noted.filter(({ expiresAtMs }) => expiresAtMs >= nowMs);
      } else {
        const it = noted[each.which];
        const token = tokens.get(it?.id ?? "none");
        const decided = each.type === "renew"
          ? decideRenewToken(token, each.principal, each.period, LIMITS, nowMs)
          : decideExpireToken(token, each.principal, each.period, nowMs);
        const error = it === undefined
          ? ErrorCode.DELEGATION_TOKEN_NOT_FOUND
          : it.expiresAtMs < nowMs
          ? ErrorCode.DELEGATION_TOKEN_EXPIRED
          : [it.owner, ...it.renewers].includes(each.principal)
          ? ErrorCode.NONE
          : ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH;
        strictEqual(carryOut(tokens, decided), error);
        if (it === undefined || error !== ErrorCode.NONE) continue;
        if (each.type === "expire" && each.period < 0) noted = noted.filter((other) => other !== it);
        else {
          const asked = each.type === "expire"
            ? each.period
            : each.period > 0
            ? Math.min(each.period, 100)
            : 100;
          it.expiresAtMs = Math.min(it.endsAtMs, nowMs + asked);
        }
      }
      if (index % 7 === 0) tokens = DelegationTokens.restore(JSON.parse(JSON.stringify(tokens.snapshot())));
      const byId = (a: { id: string }, b: { id: string }) => a.id < b.id ? -1 : 1;
      deepStrictEqual(tokens.snapshot().toSorted(byId), noted.toSorted(byId));
      strictEqual(tokens.characters, noted.flatMap(partiesOf).join("").length);
      for (const user of USERS) {
        strictEqual(tokens.countOf(user), noted.filter(({ requester }) => requester === user).length);
      }
    }
  }));
});

Deno.test("one who asks for ever more tokens leaves room for others, and all together stay within bounds", () => {
  const tokens = new DelegationTokens();
  for (let index = 0; index < 1000; index++) strictEqual(create(tokens, `greedy ${index}`, "User:greedy"), 0);
  strictEqual(create(tokens, "one more", "User:greedy"), ErrorCode.POLICY_VIOLATION);
  for (let index = 0; index < 9000; index++) {
    strictEqual(create(tokens, `${index}`, `User:${Math.floor(index / 1000)}`), 0);
  }
  strictEqual(create(tokens, "one more", "User:other"), ErrorCode.POLICY_VIOLATION);
  carryOut(tokens, decideExpireToken(tokens.get("greedy 7"), "User:greedy", -1, 0));
  strictEqual(create(tokens, "one more", "User:other"), 0);
});

Deno.test("long names and many renewers count, too", () => {
  const tokens = new DelegationTokens();
  const renewers = Array.from({ length: 100 }, (_, index) => `User:${String(index).padEnd(30_000, "x")}`);
  let made = 0;
  while (create(tokens, `${made}`, "User:a", renewers) === 0) made++;
  ok(made > 0 && made < 5, `${made}`);
});
