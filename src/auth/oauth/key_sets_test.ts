import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { AuthWorld } from "../../../tests/support/auth_world.ts";
import { utf8 } from "../../../tests/support/scram_client.ts";
import { openKeyFile, parseKeySet, RemoteKeys } from "./key_sets.ts";

const ONE = utf8('{"keys":[{"kid":"one"}]}');
const TWO = utf8('{"keys":[{"kid":"two"}]}');
const SET_ONE = { keys: [{ kid: "one" }] };
const SET_TWO = { keys: [{ kid: "two" }] };

Deno.test("a key set is a JSON object with a list of keys, and anything else is refused", () => {
  deepStrictEqual(parseKeySet(ONE), SET_ONE);
  deepStrictEqual(parseKeySet(utf8('{"keys":[]}')), { keys: [] });
  const many = JSON.stringify({ keys: Array.from({ length: 1001 }, () => ({})) });
  for (
    const text of [
      "",
      "{",
      "7",
      "null",
      "[]",
      '{"keys":7}',
      '{"keys":[7]}',
      '{"keys":[null]}',
      '{"keys":[[]]}',
      many,
    ]
  ) {
    ok("problem" in parseKeySet(utf8(text)), text.slice(0, 30));
  }
  ok("problem" in parseKeySet(Uint8Array.of(0xff)));
});

Deno.test("keys at a URL are fetched once, again when they are an hour old, and nobody waits for that", async () => {
  const world = new AuthWorld();
  world.document = ONE;
  const keys = new RemoteKeys("https://login.test/keys", world);
  deepStrictEqual(await keys.current(), SET_ONE);
  await world.clock.advance(3_599_000);
  strictEqual(await keys.current(), await keys.current());
  strictEqual(world.asked, 1);
  world.document = TWO;
  await world.clock.advance(1000);
  deepStrictEqual(await keys.current(), SET_ONE);
  await world.clock.settle();
  deepStrictEqual(await keys.current(), SET_TWO);
  strictEqual(world.asked, 2);
});

Deno.test("tokens with unknown keys make klite ask every half minute at most, and once for all who wait", async () => {
  const world = new AuthWorld();
  world.document = ONE;
  const keys = new RemoteKeys("https://login.test/keys", world);
  deepStrictEqual(await Promise.all([keys.current(), keys.newer(), keys.current()]), [
    SET_ONE,
    SET_ONE,
    SET_ONE,
  ]);
  strictEqual(world.asked, 1);
  world.document = TWO;
  for (let i = 0; i < 100; i++) deepStrictEqual(await keys.newer(), SET_ONE);
  strictEqual(world.asked, 1);
  await world.clock.advance(30_000);
  deepStrictEqual(await keys.newer(), SET_TWO);
  strictEqual(world.asked, 2);
});

Deno.test("a provider that is away, or answers nonsense, costs nobody the keys that there were", async () => {
  const world = new AuthWorld();
  const keys = new RemoteKeys("https://login.test/keys", world);
  strictEqual(await keys.current(), null);
  strictEqual(await keys.current(), null);
  strictEqual(world.asked, 1);
  await world.clock.advance(30_000);
  world.document = ONE;
  deepStrictEqual(await keys.current(), SET_ONE);
  for (const nonsense of [null, utf8("<html>")]) {
    await world.clock.advance(3_600_000);
    world.document = nonsense;
    deepStrictEqual(await keys.newer(), SET_ONE);
  }
  deepStrictEqual(
    world.seen.map((event) => event.type === "oauth_keys_unavailable" && event.hasOlder),
    [false, true, true],
  );
});

Deno.test("keys in a file are those that stand there now", async () => {
  const world = new AuthWorld();
  await rejects(openKeyFile("/keys.json", world), /no such file/);
  world.files.write("/keys.json", "{}");
  await rejects(openKeyFile("/keys.json", world), /keys\.json is not a JSON Web Key Set/);
  world.files.write("/keys.json", ONE);
  const keys = await openKeyFile("/keys.json", world);
  deepStrictEqual(await keys.current(), SET_ONE);
  await world.clock.advance(2000);
  world.files.write("/keys.json", TWO);
  deepStrictEqual(await keys.newer(), SET_TWO);
});
