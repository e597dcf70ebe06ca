/** What `klite inspect` answers of users, ACLs, quotas and tokens: a running broker's word, and what it leaves behind. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DenoClock } from "../../src/io/deno/clock.ts";
import { DenoDisk } from "../../src/io/deno/disk.ts";
import { DirectoryStore } from "../../src/io/directory_store.ts";
import type { ObjectStore } from "../../src/io/object_store.ts";
import { ANONYMOUS } from "../../src/base/principal.ts";
import { inspectCli } from "../support/inspect_cli.ts";
import { authenticateScram } from "../support/sasl_client.ts";
import { askForToken, createAcls, setPassword, setQuotas } from "../support/security_requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import { WireClient } from "../support/wire_client.ts";

const KINDS = ["users", "acls", "quotas", "tokens"];
const SECRET = "the secret of tokens";

/** A broker with some of everything; answers where administrators ask it, and what must not be shown. */
async function start(path: string, store?: ObjectStore) {
  const tokenSecretFile = `${path}/token-secret`;
  await Deno.writeTextFile(tokenSecretFile, SECRET);
  const admin = { name: "ADMIN", protocol: "PLAINTEXT", address: { host: "127.0.0.1", port: 0 } } as const;
  const broker = await TestBroker.start({
    disk: new DenoDisk(`${path}/data`),
    ...(store !== undefined && { store }),
    config: {
      ...(store !== undefined && { s3Bucket: "b" }),
      saslEnabled: true,
      saslMechanisms: ["SCRAM-SHA-256", "SCRAM-SHA-512"],
      moreListeners: [admin],
      authorizer: "acl",
      superUsers: [ANONYMOUS],
      tokenSecretFile,
    },
  });
  const port = broker.running.addresses.get("ADMIN")?.port ?? 0;
  await using client = await WireClient.connect(port);
  await setPassword(client, "bob", "SCRAM-SHA-512", "bobs password");
  await setPassword(client, "ann", "SCRAM-SHA-512", "anns password");
  await setPassword(client, "ann", "SCRAM-SHA-256", "anns password");
  const acl = {
    resourceType: 2,
    resourceName: "orders",
    principal: "User:ann",
    host: "*",
    permissionType: 3,
  };
  await createAcls(client, [
    { ...acl, operation: 4 },
    { ...acl, operation: 3, resourcePatternType: 4, resourceName: "or" },
    { ...acl, operation: 3, principal: "User:bob", permissionType: 2 },
  ]);
  await setQuotas(client, { user: "ann", "client-id": null }, {
    producer_byte_rate: 1_000_000,
    request_percentage: 12.5,
  });
  await setQuotas(client, { ip: "10.0.0.1" }, { connection_creation_rate: 5 });
  await setQuotas(client, { "client-id": "app" }, { consumer_byte_rate: 2000 });
  const ann = await broker.connect();
  await authenticateScram(ann, { mechanism: "SCRAM-SHA-256", user: "ann", password: "anns password" });
  const { errorCode, tokenId, hmac } = await askForToken(ann, ["bob", "carl"]);
  strictEqual(errorCode, 0);
  const keys = broker.running.engine.state.security.scram.of("ann").flatMap(
    ({ salt, storedKey, serverKey }) => [salt, storedKey, serverKey],
  );
  return { broker, port, tokenId, secrets: [...keys, hmac.toBase64(), hmac.toHex(), SECRET] };
}

/** All answers of a source; none of them has a secret. */
async function answers(source: string, kinds: readonly string[], secrets: readonly string[]) {
  const all: Record<string, unknown> = {};
  for (const kind of kinds) {
    for (const output of ["text", "json"]) {
      const { code, out, err } = await inspectCli([kind, source, "-o", output]);
      deepStrictEqual([code, err], [0, ""]);
      for (const secret of secrets) ok(!out.includes(secret));
      if (output === "json") all[kind] = { ...JSON.parse(out), source: "" };
    }
  }
  return all;
}

Deno.test("users, ACLs, quotas and tokens are the same from a running broker and from its data directory, without secrets", async () => {
  const path = await Deno.makeTempDir({ prefix: "klite-inspect-" });
  const { broker, port, tokenId, secrets } = await start(path);
  try {
    // A broker tells of tokens to those who have authenticated.
    const told = KINDS.slice(0, 3);
    const live = await answers(`--addr=127.0.0.1:${port}`, told, secrets);
    const { code, err } = await inspectCli(["tokens", `--addr=127.0.0.1:${port}`]);
    strictEqual(code, 1);
    match(err, /the broker answers DELEGATION_TOKEN_REQUEST_NOT_ALLOWED/);
    const stored = `--data-dir=${path}/data`;
    deepStrictEqual(await answers(stored, told, secrets), live);
    await broker.stop();
    const { tokens, ...others } = await answers(stored, KINDS, secrets);
    deepStrictEqual(others, live);
    match(
      JSON.stringify(tokens),
      new RegExp(
        `"tokens":\\[{"id":"${tokenId}","owner":"User:ann","requester":"User:ann","renewers":\\["User:bob","User:carl"\\]`,
      ),
    );
    strictEqual((JSON.stringify(live).match(/"resourceType"/g) ?? []).length, 3);
  } finally {
    await broker[Symbol.asyncDispose]();
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("a bucket has all of them, for the day when the disk is lost", async () => {
  const path = await Deno.makeTempDir({ prefix: "klite-inspect-" });
  const world = { disk: new DenoDisk(`${path}/bucket`), clock: new DenoClock(), directory: "objects" };
  const { broker, secrets } = await start(path, new DirectoryStore(world));
  try {
    await broker.stop();
    const stored = await answers(`--data-dir=${path}/data`, KINDS, secrets);
    const started = broker.events.find((event) => event.type === "broker_started");
    await Deno.remove(`${path}/data`, { recursive: true });
    const config = { s3Bucket: "b", clusterId: started?.clusterId ?? null };
    await using again = await TestBroker.start({
      disk: new DenoDisk(`${path}/data`),
      store: new DirectoryStore(world),
      config,
    });
    await again.stop();
    deepStrictEqual(await answers(`--data-dir=${path}/data`, KINDS, secrets), stored);
  } finally {
    await broker[Symbol.asyncDispose]();
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("each is shown as a table", async () => {
  const path = await Deno.makeTempDir({ prefix: "klite-inspect-" });
  const { broker, port, tokenId } = await start(path);
  try {
    const shown = async (kind: string, source: string) =>
      (await inspectCli([kind, source])).out.split("\n").slice(1);
    const source = `--addr=127.0.0.1:${port}`;
    deepStrictEqual(await shown("users", source), [
      "  USER  MECHANISM      ITERATIONS",
      "  ann   SCRAM-SHA-256  4096",
      "  ann   SCRAM-SHA-512  4096",
      "  bob   SCRAM-SHA-512  4096",
      "",
    ]);
    deepStrictEqual(await shown("acls", source), [
      "  RESOURCE  NAME    PATTERN   PRINCIPAL  HOST  OPERATION  PERMISSION",
      "  TOPIC     or      PREFIXED  User:ann   *     READ       ALLOW",
      "  TOPIC     orders  LITERAL   User:ann   *     WRITE      ALLOW",
      "  TOPIC     orders  LITERAL   User:bob   *     READ       DENY",
      "",
    ]);
    deepStrictEqual(await shown("quotas", source), [
      "  USER  CLIENT ID  ADDRESS   QUOTA                     VALUE",
      "  -     app        -         consumer_byte_rate        2000",
      "  -     -          10.0.0.1  connection_creation_rate  5",
      "  ann   (default)  -         producer_byte_rate        1000000",
      "  ann   (default)  -         request_percentage        12.5",
      "",
    ]);
    const [headings, token] = await shown("tokens", `--data-dir=${path}/data`);
    match(headings ?? "", /^ {2}TOKEN +OWNER +REQUESTER +RENEWERS +ISSUED +EXPIRES +ENDS$/);
    match(
      token ?? "",
      new RegExp(`^  ${tokenId}  User:ann  User:ann   User:bob,User:carl  20\\S+Z  20\\S+Z  20\\S+Z$`),
    );
  } finally {
    await broker[Symbol.asyncDispose]();
    await Deno.remove(path, { recursive: true });
  }
});
