import { deepStrictEqual, doesNotMatch, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Principal } from "../../base/principal.ts";
import { AuthWorld } from "../../../tests/support/auth_world.ts";
import { utf8 } from "../../../tests/support/scram_client.ts";
import { PasswordCheck } from "./password_check.ts";
import { PlainExchange } from "./plain_exchange.ts";
import { parsePlain } from "./plain_message.ts";

class Stage {
  readonly world = new AuthWorld();
  readonly check = new PasswordCheck(this.world);

  async outcome(message: string) {
    return await new PlainExchange(this.check).step(utf8(message));
  }
}

Deno.test("a password is right for users of either mechanism, the first time and again", async () => {
  const stage = new Stage();
  await stage.world.users.add("alice", "open:sesame \u00e9");
  await stage.world.users.add("bob", "tomorrow", "SCRAM-SHA-512");
  for (const message of ["\0alice\0open:sesame \u00e9", "bob\0bob\0tomorrow"]) {
    for (let time = 0; time < 2; time++) {
      const outcome = await stage.outcome(message);
      ok(outcome.kind === "done");
      deepStrictEqual(outcome.principal, new Principal("User", message.split("\0")[1] ?? ""));
      deepStrictEqual([outcome.bytes.length, outcome.endsAtMs, outcome.isToken], [0, null, false]);
    }
  }
});

Deno.test("a wrong password and a user that there is not are told alike, in Kafka's words", async () => {
  const stage = new Stage();
  await stage.world.users.add("alice", "open sesame");
  await stage.outcome("\0alice\0open sesame");
  for (
    const message of [
      "\0alice\0open barley",
      "\0mallory\0open sesame",
      "\0alice\0open sesam",
      "alice\0mallory\0x",
    ]
  ) {
    const outcome = await stage.outcome(message);
    ok(outcome.kind === "failed");
    strictEqual(outcome.message, "Authentication failed: Invalid username or password");
    doesNotMatch(outcome.reason, /open|sesam/);
  }
});

Deno.test("a password that was right is right no more once the user has another, or is gone", async () => {
  const stage = new Stage();
  await stage.world.users.add("alice", "first");
  strictEqual((await stage.outcome("\0alice\0first")).kind, "done");
  await stage.world.users.add("alice", "second");
  strictEqual((await stage.outcome("\0alice\0first")).kind, "failed");
  strictEqual((await stage.outcome("\0alice\0second")).kind, "done");
  stage.world.users.remove("alice");
  strictEqual((await stage.outcome("\0alice\0second")).kind, "failed");
});

Deno.test("nobody is let in as somebody else", async () => {
  const stage = new Stage();
  await stage.world.users.add("alice", "open sesame");
  const outcome = await stage.outcome("bob\0alice\0open sesame");
  strictEqual(
    outcome.kind === "failed" && outcome.message,
    "Authentication failed: Client requested an authorization id that is different from username",
  );
});

Deno.test("many at once are all answered, the right ones rightly", async () => {
  const stage = new Stage();
  await stage.world.users.add("alice", "open sesame");
  const passwords = Array.from(
    { length: 20 },
    (_, index) => index % 5 === 0 ? "open sesame" : `wrong ${index}`,
  );
  const outcomes = await Promise.all(passwords.map((password) => stage.outcome(`\0alice\0${password}`)));
  deepStrictEqual(
    outcomes.map(({ kind }) => kind),
    passwords.map((password) => password === "open sesame" ? "done" : "failed"),
  );
});

Deno.test("a message has three parts, of which the first may be empty", () => {
  deepStrictEqual(parsePlain(utf8("a\0b\0c")), { authorizationId: "a", user: "b", password: "c" });
  deepStrictEqual(parsePlain(utf8("\0b\0c")), { authorizationId: "", user: "b", password: "c" });
  for (
    const text of [
      "",
      "a",
      "a\0b",
      "a\0\0c",
      "\0b\0",
      "a\0b\0c\0",
      "a\0b\0c\0d",
      `\0b\0${"c".repeat(16_384)}`,
    ]
  ) {
    ok("problem" in parsePlain(utf8(text)), JSON.stringify(text.slice(0, 20)));
  }
  ok("problem" in parsePlain(Uint8Array.of(0, 0xff, 0, 0x61)));
});

Deno.test("whatever the bytes, they are read or refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    const parsed = parsePlain(bytes);
    if ("problem" in parsed) return;
    const { authorizationId, user, password } = parsed;
    deepStrictEqual(utf8(`${authorizationId}\0${user}\0${password}`), new Uint8Array(bytes));
  }));
});
