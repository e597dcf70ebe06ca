import {
  deepStrictEqual,
  doesNotMatch,
  match,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import fc from "fast-check";
import { Principal } from "../../base/principal.ts";
import type { ScramMechanism } from "../mechanisms.ts";
import { AuthWorld } from "../../../tests/support/auth_world.ts";
import { ScramClient, type ScramLogin, talkScram, utf8 } from "../../../tests/support/scram_client.ts";
import { ScramExchange } from "./scram_exchange.ts";

const ALICE: ScramLogin = { mechanism: "SCRAM-SHA-256", user: "alice", password: "open sesame" };
const WRONG =
  "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256";

async function worldWithAlice(): Promise<AuthWorld> {
  const world = new AuthWorld();
  await world.users.add("alice", "open sesame");
  await world.users.add("alice", "open sesame", "SCRAM-SHA-512");
  return world;
}

function exchange(world: AuthWorld, mechanism: ScramMechanism = "SCRAM-SHA-256"): ScramExchange {
  return new ScramExchange(mechanism, world);
}

Deno.test("whoever knows the password is in, by both mechanisms", async () => {
  const world = await worldWithAlice();
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
    const { outcome, serverFirst } = await talkScram(exchange(world, mechanism), { ...ALICE, mechanism });
    ok(outcome.kind === "done");
    deepStrictEqual(outcome.principal, new Principal("User", "alice"));
    deepStrictEqual([outcome.endsAtMs, outcome.isToken], [null, false]);
    match(serverFirst ?? "", /^r=rOprNGfwEbeRWgbNEkqO[A-Za-z0-9+/]{32},s=[A-Za-z0-9+/=]+,i=4096$/);
  }
});

Deno.test("a nonce of the broker's is never the same twice", async () => {
  const world = await worldWithAlice();
  const first = await talkScram(exchange(world), ALICE);
  const second = await talkScram(exchange(world), ALICE);
  notStrictEqual(first.serverFirst, second.serverFirst);
});

Deno.test("a wrong password and a user that there is not are told alike, by the same steps", async () => {
  const world = await worldWithAlice();
  const wrong = await talkScram(exchange(world), { ...ALICE, password: "open barley" });
  const nobody = await talkScram(exchange(world), { ...ALICE, user: "mallory" });
  for (const { outcome, serverFirst } of [wrong, nobody]) {
    ok(outcome.kind === "failed");
    strictEqual(outcome.message, WRONG);
    match(serverFirst ?? "", /^r=.{52},s=[A-Za-z0-9+/=]{32,36},i=4096$/);
  }
  strictEqual(wrong.outcome.kind === "failed" && wrong.outcome.reason, 'wrong credentials for user "alice"');
  strictEqual(nobody.outcome.kind === "failed" && nobody.outcome.reason, 'there is no user "mallory"');
});

Deno.test("a user that there is not has the same salt each time, its own for each mechanism, and after a restart", async () => {
  const saltOf = async (world: AuthWorld, user: string, mechanism: ScramMechanism = "SCRAM-SHA-256") => {
    const { serverFirst } = await talkScram(exchange(world, mechanism), { ...ALICE, user, mechanism });
    return /,s=(.+),i=/.exec(serverFirst ?? "")?.[1];
  };
  const world = new AuthWorld();
  const salt = await saltOf(world, "mallory");
  strictEqual(await saltOf(world, "mallory"), salt);
  strictEqual(await saltOf(new AuthWorld(), "mallory"), salt);
  notStrictEqual(await saltOf(world, "mallory2"), salt);
  notStrictEqual(await saltOf(world, "mallory", "SCRAM-SHA-512"), salt);
  // As Kafka's tools make them: 130 bits to the base of 36.
  match(atob(salt ?? ""), /^[0-9a-z]{20,26}$/);
});

Deno.test("no proof gets in a user that there is not, whatever the password", async () => {
  const world = new AuthWorld();
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 20 }), async (password) => {
      const { outcome } = await talkScram(exchange(world), { ...ALICE, password });
      strictEqual(outcome.kind, "failed");
    }),
    { numRuns: 20 },
  );
});

Deno.test("a last message that differs in any byte from the right one is refused", async () => {
  const world = await worldWithAlice();
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 127 }), async (place, code) => {
      let isSame = false;
      const { outcome } = await talkScram(exchange(world), ALICE, (message) => {
        const at = place % message.length;
        const altered = message.slice(0, at) + String.fromCharCode(code) + message.slice(at + 1);
        isSame = altered === message;
        return altered;
      });
      strictEqual(outcome.kind, isSame ? "done" : "failed");
    }),
    { numRuns: 100 },
  );
});

Deno.test("another nonce, another's proof and the proof of an earlier exchange are refused", async () => {
  const world = await worldWithAlice();
  await world.users.add("bob", "something else");
  const client = new ScramClient(ALICE);
  const first = exchange(world);
  const challenge = await first.step(utf8(client.first()));
  ok(challenge.kind === "challenge");
  const { message } = client.final(new TextDecoder().decode(challenge.bytes));
  strictEqual((await first.step(utf8(message))).kind, "done");
  for (
    const alter of [
      () => message,
      (right: string) => right.replace(/r=[^,]+/, "r=rOprNGfwEbeRWgbNEkqO"),
      (right: string) => right.replace(/(r=[^,]+)/, "$1x"),
      (right: string) => right.replace(/p=.*/, `p=${new Uint8Array(32).toBase64()}`),
    ]
  ) strictEqual((await talkScram(exchange(world), ALICE, alter)).outcome.kind, "failed");
  const bobs = await talkScram(exchange(world), { ...ALICE, user: "bob" });
  strictEqual(bobs.outcome.kind, "failed");
});

Deno.test("one may say who one wants to be, if that is who one is", async () => {
  const world = await worldWithAlice();
  const same = await talkScram(exchange(world), { ...ALICE, gs2Header: "n,a=alice," });
  strictEqual(same.outcome.kind, "done");
  const noBinding = await talkScram(exchange(world), { ...ALICE, gs2Header: "y,," });
  strictEqual(noBinding.outcome.kind, "done");
  const { outcome } = await talkScram(exchange(world), { ...ALICE, gs2Header: "n,a=bob," });
  strictEqual(
    outcome.kind === "failed" && outcome.message,
    "Authentication failed: Client requested an authorization id that is different from username",
  );
});

Deno.test("a delegation token is used by its id and secret, and makes one its owner until it ends", async () => {
  const world = new AuthWorld();
  const owner = new Principal("User", "alice");
  world.tokens.byId.set("t0ken", { owner, password: "c2VjcmV0", expiresAtMs: 12345 });
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
    const login = { mechanism, user: "t0ken", password: "c2VjcmV0", extensions: ",tokenauth=true" };
    const { outcome } = await talkScram(exchange(world, mechanism), login);
    ok(outcome.kind === "done");
    deepStrictEqual([outcome.principal, outcome.endsAtMs, outcome.isToken], [owner, 12345, true]);
    const refused = [
      { ...login, password: "c2VjcmV1" },
      { ...login, user: "other" },
      { ...login, user: "other", password: "" },
      // A token is no user, and a user is no token.
      { ...login, extensions: "" },
    ];
    for (const each of refused) {
      strictEqual((await talkScram(exchange(world, mechanism), each)).outcome.kind, "failed");
    }
  }
  await world.users.add("alice", "open sesame");
  const asToken = await talkScram(exchange(world), { ...ALICE, extensions: ",tokenauth=true" });
  strictEqual(asToken.outcome.kind, "failed");
});

Deno.test("no reason and no message has the password, the proof or a key in it", async () => {
  const world = await worldWithAlice();
  const password = "zq-secret";
  for (const user of ["alice", "nobody", "n".repeat(5000)]) {
    let proof = "";
    const { outcome } = await talkScram(exchange(world), { ...ALICE, user, password }, (message) => {
      proof = message.slice(message.indexOf("p=") + 2);
      return message;
    });
    ok(outcome.kind === "failed");
    const said = outcome.reason + outcome.message;
    ok(said.length < 400 && !said.includes(proof));
    doesNotMatch(said, /zq-secret/);
  }
});

Deno.test("whatever a client sends, an exchange answers and never throws", async () => {
  const world = await worldWithAlice();
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ maxLength: 100 }),
      fc.boolean(),
      async (first, second, startsWell) => {
        const running = exchange(world);
        const step = await running.step(startsWell ? utf8("n,,n=alice,r=abc") : first);
        if (step.kind === "challenge") strictEqual((await running.step(second)).kind, "failed");
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("an exchange that is over takes no more steps", async () => {
  const world = await worldWithAlice();
  const running = exchange(world);
  strictEqual((await running.step(utf8("x"))).kind, "failed");
  await rejects(running.step(utf8("n,,n=alice,r=abc")), /two steps/);
});
