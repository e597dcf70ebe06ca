import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { Secret } from "../base/secret.ts";
import { TokenIssuer } from "../../tests/support/json_web_tokens.ts";
import {
  type Authenticator,
  type AuthenticatorSettings,
  openAuthenticator,
  type SaslMechanism,
} from "./mod.ts";
import { AuthWorld } from "../../tests/support/auth_world.ts";
import { talkScram, utf8 } from "../../tests/support/scram_client.ts";

const ALL: readonly SaslMechanism[] = ["PLAIN", "SCRAM-SHA-512", "SCRAM-SHA-256", "OAUTHBEARER"];
const NOBODY: AuthenticatorSettings = {
  mechanisms: ["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"],
  user: null,
  usersFile: null,
  oauth: null,
};

function open(world: AuthWorld, settings: Partial<AuthenticatorSettings> = {}): Promise<Authenticator> {
  const { users, tokens } = world;
  return openAuthenticator(
    { ...NOBODY, ...settings },
    { users, tokens, decoyKey: new Uint8Array(16) },
    world,
  );
}

async function mayLogIn(authenticator: Authenticator, user: string, password: string): Promise<string[]> {
  const open: string[] = [];
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
    const exchange = authenticator.begin(mechanism);
    ok(exchange !== null);
    if ((await talkScram(exchange, { mechanism, user, password })).outcome.kind === "done") {
      open.push(mechanism);
    }
  }
  const plain = await authenticator.begin("PLAIN")?.step(utf8(`\0${user}\0${password}`));
  if (plain?.kind === "done") open.push("PLAIN");
  return open;
}

Deno.test("only mechanisms that are enabled begin, and they are named in the order that was asked for", async () => {
  const world = new AuthWorld();
  world.files.write("/keys", (await TokenIssuer.create()).jwks);
  const oauth = { keys: "/keys", issuer: null, audiences: [], principalClaim: "sub" };
  const all = await open(world, { mechanisms: ALL, oauth });
  deepStrictEqual(all.mechanisms, ALL);
  for (const mechanism of ALL) ok(all.begin(mechanism) !== null);
  const few = await open(world, { mechanisms: ["SCRAM-SHA-512"] });
  for (const mechanism of [...ALL, "GSSAPI", "plain", "", "__proto__"]) {
    strictEqual(few.begin(mechanism) !== null, mechanism === "SCRAM-SHA-512");
  }
});

Deno.test("users of flags, of the file and of clients can all come by each mechanism", async () => {
  const world = new AuthWorld();
  world.files.write("/users", "bob:second");
  world.files.write("/password", "first\n");
  await world.users.add("carol", "third");
  await world.users.add("carol", "third", "SCRAM-SHA-512");
  for (const password of [new Secret("first"), { file: "/password" }]) {
    const authenticator = await open(world, { user: { name: "alice", password }, usersFile: "/users" });
    for (const [user, password] of [["alice", "first"], ["bob", "second"], ["carol", "third"]] as const) {
      deepStrictEqual(await mayLogIn(authenticator, user, password), [
        "SCRAM-SHA-256",
        "SCRAM-SHA-512",
        "PLAIN",
      ]);
    }
    deepStrictEqual(await mayLogIn(authenticator, "dave", "first"), []);
  }
});

Deno.test("of users of the same name, the flags' comes before the file's, and that before those that clients made", async () => {
  const world = new AuthWorld();
  world.files.write("/users", "alice:of the file");
  await world.users.add("alice", "of clients");
  await world.users.add("alice", "of clients", "SCRAM-SHA-512");
  const user = { name: "alice", password: new Secret("of flags") };
  const passwords = ["of clients", "of the file", "of flags"];
  const settings = [{}, { usersFile: "/users" }, { user, usersFile: "/users" }];
  for (const [index, setting] of settings.entries()) {
    const authenticator = await open(world, setting);
    for (const [at, password] of passwords.entries()) {
      strictEqual((await mayLogIn(authenticator, "alice", password)).length, at === index ? 3 : 0);
    }
  }
});

Deno.test("a client cannot get around a user's password by making credentials for another mechanism", async () => {
  const world = new AuthWorld();
  await world.users.add("alice", "of clients", "SCRAM-SHA-256");
  const user = { name: "alice", password: new Secret("of flags") };
  const authenticator = await open(world, { mechanisms: ["PLAIN", "SCRAM-SHA-512"], user });
  const plain = await authenticator.begin("PLAIN")?.step(utf8("\0alice\0of clients"));
  strictEqual(plain?.kind, "failed");
});

Deno.test("a password that is not there, or empty, is refused at the start", async () => {
  const world = new AuthWorld();
  const user = { name: "alice", password: { file: "/password" } };
  await rejects(open(world, { user }), /no such file/);
  world.files.write("/password", "\r\n");
  await rejects(open(world, { user }), /the password of --sasl-user is empty/);
});

Deno.test("a token is believed by the keys of the file, or of the URL, which may be away at the start", async () => {
  const world = new AuthWorld();
  const issuer = await TokenIssuer.create();
  const nowS = world.clock.nowMs() / 1000;
  const token = await issuer.token("alice", { claims: { iat: nowS, exp: nowS + 3600 } });
  const message = utf8(`n,,\x01auth=Bearer ${token}\x01\x01`);
  world.files.write("/keys", issuer.jwks);
  const demands = { issuer: issuer.issuer, audiences: [issuer.audience], principalClaim: "sub" };
  const byFile = await open(world, { mechanisms: ["OAUTHBEARER"], oauth: { keys: "/keys", ...demands } });
  strictEqual((await byFile.begin("OAUTHBEARER")?.step(message))?.kind, "done");

  const oauth = { keys: "https://login.test/keys", ...demands };
  const byUrl = await open(world, { mechanisms: ["OAUTHBEARER"], oauth });
  strictEqual((await byUrl.begin("OAUTHBEARER")?.step(message))?.kind, "challenge");
  world.document = utf8(issuer.jwks);
  await world.clock.advance(30_000);
  strictEqual((await byUrl.begin("OAUTHBEARER")?.step(message))?.kind, "done");
});
