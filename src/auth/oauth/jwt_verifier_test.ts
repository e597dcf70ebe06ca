import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { TokenIssuer, withClaims } from "../../../tests/support/json_web_tokens.ts";
import { AuthWorld } from "../../../tests/support/auth_world.ts";
import { utf8 } from "../../../tests/support/scram_client.ts";
import { type KeySet, type KeySource, parseKeySet } from "./key_sets.ts";
import { JwtVerifier, type TokenDemands } from "./jwt_verifier.ts";
import type { Verified } from "./token_verifier.ts";

/** Keys that the test changes. */
class Keys implements KeySource {
  newest: KeySet | null = null;
  asked = 0;
  constructor(public held: KeySet | null) {}
  current() {
    return Promise.resolve(this.held);
  }
  newer() {
    this.asked++;
    return Promise.resolve(this.held = this.newest ?? this.held);
  }
}

function keySet(...issuers: TokenIssuer[]): KeySet {
  const keys = issuers.flatMap(({ jwks }) => JSON.parse(jwks).keys);
  const parsed = parseKeySet(utf8(JSON.stringify({ keys })));
  ok(!("problem" in parsed));
  return parsed;
}

class Stage {
  readonly world = new AuthWorld();
  readonly keys: Keys;
  readonly verifier: JwtVerifier;

  constructor(readonly issuer: TokenIssuer, demands: Partial<TokenDemands> = {}) {
    this.keys = new Keys(keySet(issuer));
    const { issuer: name, audience } = issuer;
    const all = { issuer: name, audiences: [audience], principalClaim: "sub", ...demands };
    this.verifier = new JwtVerifier(this.keys, all, this.world.clock);
  }

  get nowS(): number {
    return Math.floor(this.world.clock.nowMs() / 1000);
  }

  async verify(
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
  ): Promise<Verified> {
    const times = { iat: this.nowS, exp: this.nowS + 3600 };
    return await this.verifier.verify(
      await this.issuer.token("alice", { claims: { ...times, ...claims }, header }),
    );
  }
}

function problem(verified: Verified): string {
  return "problem" in verified ? verified.problem : "none";
}

const issuer = await TokenIssuer.create();

Deno.test("a token of the provider's, for this broker, names its user and its end", async () => {
  const stage = new Stage(issuer);
  deepStrictEqual(await stage.verify(), { name: "alice", endsAtMs: (stage.nowS + 3600) * 1000 });
  deepStrictEqual(await stage.verify({ aud: ["other", "klite"], sub: " bob " }), {
    name: "bob",
    endsAtMs: (stage.nowS + 3600) * 1000,
  });
  const byClient = new Stage(issuer, { principalClaim: "azp" });
  const verified = await byClient.verify({ azp: "app-7" });
  strictEqual("name" in verified && verified.name, "app-7");
});

Deno.test("a token that lacks something, or says something else, is not believed", async () => {
  const stage = new Stage(issuer);
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ iss: "https://evil.test" }, /"iss" claim/],
    [{ iss: undefined }, /"iss"/],
    [{ aud: "other" }, /"aud" claim/],
    [{ aud: undefined }, /"aud"/],
    [{ exp: stage.nowS - 31 }, /"exp" claim timestamp check failed \(ERR_JWT_EXPIRED\)/],
    [{ exp: undefined }, /"exp"/],
    [{ exp: "tomorrow" }, /"exp"/],
    [{ iat: undefined }, /"iat"/],
    [{ iat: stage.nowS + 3601 }, /ends before it was issued/],
    [{ nbf: stage.nowS + 31 }, /"nbf"/],
    [{ sub: undefined }, /"sub"/],
    [{ sub: "  " }, /claim sub of the token is not a name/],
    [{ sub: 7 }, /sub/],
    [{ sub: ["alice"] }, /sub/],
  ];
  for (const [claims, expected] of cases) match(problem(await stage.verify(claims)), expected);
});

Deno.test("clocks may differ by half a minute", async () => {
  const stage = new Stage(issuer);
  strictEqual(
    problem(await stage.verify({ iat: stage.nowS - 60, exp: stage.nowS - 29, nbf: stage.nowS + 29 })),
    "none",
  );
});

Deno.test("a token for an audience is for nobody here unless the audience is configured, as in Kafka", async () => {
  const stage = new Stage(issuer, { audiences: [] });
  match(problem(await stage.verify()), /--oauth-audience/);
  strictEqual(problem(await stage.verify({ aud: undefined })), "none");
  const anyIssuer = new Stage(issuer, { issuer: null });
  strictEqual(problem(await anyIssuer.verify({ iss: "https://other.test" })), "none");
});

Deno.test("forgeries are not believed: alg none, the public key as a secret, another's key, an altered payload", async () => {
  const stage = new Stage(issuer);
  const times = { iat: stage.nowS, exp: stage.nowS + 3600 };
  const honest = await issuer.token("alice", { claims: times });
  const other = await TokenIssuer.create();
  const forged = [
    issuer.unsigned("admin"),
    await issuer.signedWithPublicKey("admin"),
    await other.token("admin", { claims: times }),
    withClaims(honest, { sub: "admin" }),
    honest.replace(/\.[^.]*$/, "."),
    honest.replace(
      /\.[^.]*$/,
      `.${new Uint8Array(64).toBase64({ alphabet: "base64url", omitPadding: true })}`,
    ),
    await issuer.token("admin", { claims: times, header: { alg: "none" } }),
    await issuer.token("admin", { claims: times, header: { alg: "HS256" } }),
    await issuer.token("admin", { claims: times, header: { alg: "RS256" } }),
    await issuer.token("admin", { claims: times, header: { crit: ["x"], x: 1 } }),
    ...["", ".", "..", "...", "a.b.c", "e30.e30.e30", `${honest}.`, `${honest}.x.y`],
  ];
  for (const token of forged) ok("problem" in await stage.verifier.verify(token), token);
  strictEqual(problem(await stage.verifier.verify(honest)), "none");
});

Deno.test("a key that a token brings along, or points to, is never looked at", async () => {
  const stage = new Stage(issuer);
  const evil = await TokenIssuer.create("evil");
  const claims = { iat: stage.nowS, exp: stage.nowS + 3600 };
  for (
    const header of [{ jwk: evil.publicKey }, { jku: "https://evil.test/keys" }, {
      kid: "first",
      jwk: evil.publicKey,
    }]
  ) {
    ok("problem" in await stage.verifier.verify(await evil.token("admin", { claims, header })));
  }
});

Deno.test("a key that is not there is asked for, and one that has gone is not believed any more", async () => {
  const next = await TokenIssuer.create("second");
  const stage = new Stage(issuer);
  const claims = { iat: stage.nowS, exp: stage.nowS + 3600 };
  const token = await next.token("alice", { claims });
  match(problem(await stage.verifier.verify(token)), /no applicable key/);
  strictEqual(stage.keys.asked, 1);
  stage.keys.newest = keySet(next);
  strictEqual(problem(await stage.verifier.verify(token)), "none");
  match(problem(await stage.verify()), /no applicable key/);
});

Deno.test("a set with keys that nobody can use lets those in that are signed with the others", async () => {
  const stage = new Stage(issuer);
  const odd = [{ kty: "oct", k: "AAAA", kid: "odd" }, { kty: "RSA", kid: "bad", n: "AQ", e: "AQAB" }, {}, {
    kty: 7,
  }];
  stage.keys.held = { keys: [...odd, ...(keySet(issuer).keys)] };
  strictEqual(problem(await stage.verify()), "none");
  for (const kid of ["odd", "bad"]) {
    for (const alg of ["HS256", "RS256", "ES256"]) ok("problem" in await stage.verify({}, { kid, alg }));
  }
});

Deno.test("without keys nobody is believed", async () => {
  const stage = new Stage(issuer);
  stage.keys.held = null;
  match(problem(await stage.verify()), /cannot be had/);
});

Deno.test("a problem has no part of the token in it, and is short", async () => {
  const stage = new Stage(issuer);
  const tokens = [
    await issuer.token("zq-secret", { header: { crit: ["x".repeat(5000)] } }),
    await issuer.token("zq-secret", { claims: { iss: "zq-secret" } }),
  ];
  for (const token of tokens) {
    const text = problem(await stage.verifier.verify(token));
    ok(text !== "none" && text.length < 300);
    doesNotMatch(text, /zq-secret/);
    for (const part of token.split(".")) ok(!text.includes(part));
  }
});

Deno.test("whatever stands in a token, it is answered", async () => {
  const stage = new Stage(issuer);
  const part = fc.oneof(
    fc.json().map((json) => utf8(json).toBase64({ alphabet: "base64url", omitPadding: true })),
    fc.constantFrom("e30", "eyJhbGciOiJFUzI1NiJ9", ""),
    fc.stringMatching(/^[\w-]{0,20}$/),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 4 }), async (parts) => {
      ok("problem" in await stage.verifier.verify(parts.join(".")));
    }),
    { numRuns: 300 },
  );
});
