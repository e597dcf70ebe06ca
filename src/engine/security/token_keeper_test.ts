import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { ErrorCode } from "../../base/error_codes.ts";
import { ClusterState } from "../../cluster/mod.ts";
import { EngineStage, openEngine } from "../engine_by_hand_test.ts";
import { type NewToken, TokenKeeper } from "./token_keeper.ts";

const SETTINGS = { secret: "the key", maxLifetimeMs: 10_000, expiryTimeMs: 1000 };
const ALICE = "User:alice";
const HOUR_MS = 3_600_000;

/** An engine with a keeper of tokens. */
async function open() {
  const stage = new EngineStage(await openEngine());
  return { stage, keeper: await TokenKeeper.open(stage.engine, SETTINGS) };
}

async function make(keeper: TokenKeeper, maxLifetimeMs = -1): Promise<NewToken> {
  const made = await keeper.create({ owner: ALICE, requester: ALICE, renewers: ["User:bob"], maxLifetimeMs });
  ok(!("error" in made));
  return made;
}

Deno.test("a token's secret is the HMAC of its id, as Kafka makes it, and is in no record", async () => {
  const { stage, keeper } = await open();
  const { token, hmac } = await make(keeper);
  const due = createHmac("sha512", SETTINGS.secret).update(token.id).digest();
  strictEqual(hmac.toHex(), due.toString("hex"));
  strictEqual(keeper.secretOf(token).toHex(), hmac.toHex());
  const credential = keeper.credential(token.id);
  deepStrictEqual([credential?.owner.text, credential?.password, credential?.expiresAtMs], [
    ALICE,
    due.toString("base64"),
    token.expiresAtMs,
  ]);
  const written = JSON.stringify(stage.records);
  for (const text of [due.toString("base64"), due.toString("hex"), SETTINGS.secret]) {
    ok(!written.includes(text));
  }
});

Deno.test("ids are those of Kafka: 22 characters, and never an option of a command line", async () => {
  const { keeper } = await open();
  const ids = await Promise.all(Array.from({ length: 300 }, async () => (await make(keeper)).token.id));
  for (const id of ids) ok(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/.test(id), id);
  strictEqual(new Set(ids).size, ids.length);
});

Deno.test("whoever knows a token's secret may renew it if they may, and no other secret will do", async () => {
  const { stage: { clock }, keeper } = await open();
  const [one, two] = [await make(keeper), await make(keeper)];
  await clock.advance(500);
  const renewed = await keeper.renew(two.hmac, "User:bob", 700);
  ok(!("error" in renewed));
  strictEqual(renewed.id, two.token.id);
  strictEqual(renewed.expiresAtMs, clock.nowMs() + 700);
  const wrong = one.hmac.slice();
  wrong[63]! ^= 1;
  for (const hmac of [wrong, new Uint8Array(), one.hmac.subarray(0, 63)]) {
    const refused = await keeper.renew(hmac, ALICE, 700);
    strictEqual("error" in refused && refused.error, ErrorCode.DELEGATION_TOKEN_NOT_FOUND);
  }
  const refused = await keeper.expire(one.hmac, "User:carol", -1);
  strictEqual("error" in refused && refused.error, ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH);
});

Deno.test("what has expired is no use at once, and goes by itself", async () => {
  const { stage: { clock, engine }, keeper } = await open();
  const { tokens } = engine.state.security;
  const [short, long] = [await make(keeper, 100), await make(keeper)];
  const gone = await make(keeper);
  await keeper.expire(gone.hmac, ALICE, -1);
  strictEqual(keeper.credential(gone.token.id), undefined);
  strictEqual(tokens.size, 2);
  await clock.advance(100);
  ok(keeper.credential(short.token.id) !== undefined);
  await clock.advance(1);
  strictEqual(keeper.credential(short.token.id), undefined);
  const refused = await keeper.renew(short.hmac, ALICE, 900);
  strictEqual("error" in refused && refused.error, ErrorCode.DELEGATION_TOKEN_EXPIRED);
  ok(keeper.credential(long.token.id) !== undefined);
  strictEqual(tokens.size, 2);
  await clock.advance(HOUR_MS);
  strictEqual(tokens.size, 0);
});

Deno.test("tokens that recovery found go on with the same secrets, and expire when they should", async () => {
  const { stage: { clock, engine }, keeper } = await open();
  const { token, hmac } = await make(keeper);
  const again = await TokenKeeper.open(engine, SETTINGS);
  const renewed = await again.renew(hmac, ALICE, 900);
  ok(!("error" in renewed));
  strictEqual(renewed.id, token.id);
  const other = await TokenKeeper.open(engine, { ...SETTINGS, secret: "another key" });
  const refused = await other.renew(hmac, ALICE, 900);
  strictEqual("error" in refused && refused.error, ErrorCode.DELEGATION_TOKEN_NOT_FOUND);
  await clock.advance(HOUR_MS);
  strictEqual(engine.state.security.tokens.size, 0);
});

Deno.test("what is written makes the same tokens again", async () => {
  const { stage: { engine, records, clock }, keeper } = await open();
  const [one, two] = [await make(keeper), await make(keeper)];
  await keeper.renew(one.hmac, ALICE, 700);
  await keeper.expire(two.hmac, ALICE, -1);
  await make(keeper, 100);
  await clock.advance(HOUR_MS);
  await make(keeper);
  const replayed = new ClusterState();
  for (const record of records) replayed.apply(record);
  deepStrictEqual(replayed.snapshot().security, engine.state.snapshot().security);
  strictEqual(replayed.security.tokens.size, 1);
});

Deno.test("a full log refuses new tokens, and what has expired goes when there is room again", async () => {
  const { stage: { clock, engine, wal }, keeper } = await open();
  await make(keeper);
  wal.refuses = "log_full";
  const refused = await keeper.create({ owner: ALICE, requester: ALICE, renewers: [], maxLifetimeMs: -1 });
  strictEqual("error" in refused && refused.error, ErrorCode.KAFKA_STORAGE_ERROR);
  await clock.advance(HOUR_MS);
  strictEqual(engine.state.security.tokens.size, 1);
  wal.refuses = null;
  await clock.advance(HOUR_MS);
  strictEqual(engine.state.security.tokens.size, 0);
});
