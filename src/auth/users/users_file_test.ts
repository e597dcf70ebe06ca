import { deepStrictEqual, doesNotMatch, ok, rejects, strictEqual } from "node:assert/strict";
import { AuthWorld } from "../../../tests/support/auth_world.ts";
import { talkScram, utf8 } from "../../../tests/support/scram_client.ts";
import { ScramExchange } from "../scram/scram_exchange.ts";
import type { UserSource } from "../mod.ts";
import { openUsersFile, parseUsersFile } from "./users_file.ts";

const OPTIONS = { mechanisms: ["SCRAM-SHA-256"] as const };

async function mayLogIn(
  world: AuthWorld,
  users: UserSource,
  user: string,
  password: string,
): Promise<boolean> {
  const exchange = new ScramExchange("SCRAM-SHA-256", { ...world, users });
  const { outcome } = await talkScram(exchange, { mechanism: "SCRAM-SHA-256", user, password });
  return outcome.kind === "done";
}

Deno.test("a line is a name and a password, which may have colons, spaces and hashes", () => {
  const text = "# people\n\nalice:open:sesame\r\nbob: #1 \n   \ncarol:x";
  deepStrictEqual(
    parseUsersFile(utf8(text)),
    new Map([["alice", "open:sesame"], ["bob", " #1 "], ["carol", "x"]]),
  );
});

Deno.test("what is wrong with a file is said by its line, without what stands there", () => {
  const many = Array.from({ length: 1001 }, (_, index) => `u${index}:p`).join("\n");
  for (const text of ["zq", "zq:", ":zq", "alice:x\nalice:zq", "alice:z\0q", many]) {
    const parsed = parseUsersFile(utf8(text));
    ok("problem" in parsed);
    doesNotMatch(parsed.problem, /zq|alice/);
  }
  ok("problem" in parseUsersFile(Uint8Array.of(0xff)));
});

Deno.test("users are those that stand in the file now: a second after it has changed at the latest", async () => {
  const world = new AuthWorld();
  world.files.write("/users", "alice:first");
  const users = await openUsersFile("/users", world, { ...OPTIONS, decoys: world.decoys });
  ok(await mayLogIn(world, users, "alice", "first"));
  await world.clock.advance(1000);
  world.files.write("/users", "alice:second\nbob:third");
  ok(await mayLogIn(world, users, "alice", "second"));
  ok(await mayLogIn(world, users, "bob", "third"));
  ok(!await mayLogIn(world, users, "alice", "first"));
  await world.clock.advance(1000);
  world.files.write("/users", "bob:third");
  ok(!await mayLogIn(world, users, "alice", "second"));
  deepStrictEqual(world.seen, [
    { type: "file_reloaded", path: "/users" },
    { type: "file_reloaded", path: "/users" },
  ]);
});

Deno.test("a file that has become nonsense, or is gone, shuts nobody out, and is complained about once", async () => {
  const world = new AuthWorld();
  world.files.write("/users", "alice:first");
  const users = await openUsersFile("/users", world, { ...OPTIONS, decoys: world.decoys });
  await world.clock.advance(1000);
  world.files.write("/users", "zq-secret");
  for (let i = 0; i < 3; i++) {
    ok(await mayLogIn(world, users, "alice", "first"));
    await world.clock.advance(1000);
  }
  strictEqual(world.seen.length, 1);
  doesNotMatch(Deno.inspect(world.seen, { depth: 9 }), /zq-secret/);
  world.files.remove("/users");
  ok(await mayLogIn(world, users, "alice", "first"));
  deepStrictEqual(world.seen.map(({ type }) => type), ["file_not_reloaded", "file_not_reloaded"]);
  await world.clock.advance(1000);
  world.files.write("/users", "alice:second");
  ok(await mayLogIn(world, users, "alice", "second"));
});

Deno.test("a salt of a user in the file is the one that the name had before it was a user's", async () => {
  const world = new AuthWorld();
  world.files.write("/users", "alice:first");
  const users = await openUsersFile("/users", world, { ...OPTIONS, decoys: world.decoys });
  const known = await users.find("alice", "SCRAM-SHA-256");
  const decoy = await world.decoys.credential("alice", "SCRAM-SHA-256");
  deepStrictEqual(known?.salt, decoy.salt);
  strictEqual(known?.iterations, decoy.iterations);
});

Deno.test("a file that is not there, or makes no sense, is refused at the start", async () => {
  const world = new AuthWorld();
  const options = { ...OPTIONS, decoys: world.decoys };
  await rejects(openUsersFile("/users", world, options), /no such file/);
  world.files.write("/users", "zq-secret");
  await rejects(openUsersFile("/users", world, options), /^KliteError: \/users line 1 is not name:password$/);
});
