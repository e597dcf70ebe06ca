import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Principal } from "../../base/principal.ts";
import { utf8 } from "../../../tests/support/scram_client.ts";
import { BearerExchange } from "./bearer_exchange.ts";
import { parseBearer } from "./bearer_message.ts";

function exchange(): BearerExchange {
  return new BearerExchange({
    verify: (token) =>
      Promise.resolve(token === "good.t0ken" ? { name: "alice", endsAtMs: 5000 } : { problem: "forged" }),
  });
}

Deno.test("whoever shows a good token is who it names, until it ends", async () => {
  for (
    const message of [
      "n,,\x01auth=Bearer good.t0ken\x01\x01",
      "n,a=alice,\x01traceId=7\x01auth=bearer  good.t0ken\x01\x01",
    ]
  ) {
    const outcome = await exchange().step(utf8(message));
    ok(outcome.kind === "done");
    deepStrictEqual(outcome.principal, new Principal("User", "alice"));
    deepStrictEqual([outcome.bytes.length, outcome.endsAtMs, outcome.isToken], [0, 5000, false]);
  }
});

Deno.test("a token that is not believed is answered by a challenge, and has failed with the next message", async () => {
  for (const next of ["\x01", "", "n,,\x01auth=Bearer good.t0ken\x01\x01"]) {
    const running = exchange();
    const challenge = await running.step(utf8("n,,\x01auth=Bearer forged.t0ken\x01\x01"));
    ok(challenge.kind === "challenge");
    strictEqual(new TextDecoder().decode(challenge.bytes), '{"status":"invalid_token"}');
    deepStrictEqual(await running.step(utf8(next)), {
      kind: "failed",
      reason: "forged",
      message: '{"status":"invalid_token"}',
    });
    await rejects(running.step(utf8(next)), /two steps/);
  }
});

Deno.test("nobody is let in as somebody else", async () => {
  const outcome = await exchange().step(utf8("n,a=bob,\x01auth=Bearer good.t0ken\x01\x01"));
  strictEqual(
    outcome.kind === "failed" && outcome.message,
    "Authentication failed: Client requested an authorization id (bob) that is different from the token's " +
      "principal name (alice)",
  );
});

Deno.test("a message has a header and pairs, one of which is the token", () => {
  deepStrictEqual(parseBearer(utf8("n,a=b=2Cc=3D,\x01auth=Bearer a-b_c.d\x01\x01")), {
    authorizationId: "b,c=",
    token: "a-b_c.d",
  });
  const refused = [
    ...["", "\x01", "n,,", "n,,\x01", "n,,\x01\x01", "n,,\x01auth=Bearer t\x01", "n,,auth=Bearer t\x01\x01"],
    ...[
      "y,,\x01auth=Bearer t\x01\x01",
      "n,a=,\x01auth=Bearer t\x01\x01",
      "n,a=b=c,\x01auth=Bearer t\x01\x01",
    ],
    ...["n,,\x01auth=Basic t\x01\x01", "n,,\x01auth=Bearer\x01\x01", "n,,\x01auth=Bearer a b\x01\x01"],
    ...[
      "n,,\x01auth=Bearer t\x01\x01\x01",
      "n,,\x01auth=Bearer t\x01\x01x",
      "n,,\x01auth=Bearer t\x01x\x01\x01",
    ],
    ...[
      "n,,\x01auth=Bearer t\x01x1=y\x01\x01",
      "n,,\x01auth=Bearer t\x01x=\u00e9\x01\x01",
      "n,,\x01x=y\x01\x01",
    ],
    ...["n,,\x01auth=Bearer t$\x01\x01", `n,,\x01auth=Bearer ${"t".repeat(65_536)}\x01\x01`],
  ];
  for (const text of refused) ok("problem" in parseBearer(utf8(text)), JSON.stringify(text.slice(0, 60)));
});

Deno.test("whatever the bytes, they are read or refused", async () => {
  const parts = fc.constantFrom(
    "n,,",
    "n,a=",
    "b,",
    "\x01",
    "auth=",
    "Bearer ",
    "good.t0ken",
    "=",
    ",",
    "x=y",
    "\0",
  );
  const near = fc.array(parts, { maxLength: 12 }).map((each) => utf8(each.join("")));
  await fc.assert(
    fc.asyncProperty(fc.oneof(near, fc.uint8Array({ maxLength: 100 })), async (bytes) => {
      const parsed = parseBearer(bytes);
      const step = await exchange().step(bytes);
      if ("problem" in parsed) strictEqual(step.kind, "failed");
    }),
    { numRuns: 1000 },
  );
});
