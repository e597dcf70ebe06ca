/** Clients say who they are over SASL: other people's clients by each mechanism, and what nobody may learn of secrets. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from "@platformatic/kafka";
import { Kafka, logLevel, type SASLOptions } from "kafkajs";
import { Secret } from "../../src/base/secret.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { BrokerProcess } from "../support/broker_process.ts";
import { freePort } from "../support/broker_ready.ts";
import { inspectCli } from "../support/inspect_cli.ts";
import { TokenIssuer } from "../support/json_web_tokens.ts";
import { authenticatePlain, authenticateScram, authenticateToken } from "../support/sasl_client.ts";
import { TestBroker } from "../support/test_broker.ts";

const REFUSED = 58;
const PASSWORD = "zq-secret of alice";

/** A broker where only those who say who they are get in: alice of the flags, and whoever a token names. */
async function withSasl(test: (broker: TestBroker, issuer: TokenIssuer) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "klite-test-" });
  try {
    const issuer = await TokenIssuer.create();
    const oauthJwks = join(folder, "keys.json");
    await Deno.writeTextFile(oauthJwks, issuer.jwks);
    const config: Partial<BrokerConfig> = {
      saslEnabled: true,
      saslMechanisms: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"],
      saslUser: "alice",
      saslPassword: new Secret(PASSWORD),
      oauthJwks,
      oauthIssuer: issuer.issuer,
      oauthAudiences: [issuer.audience],
    };
    await using broker = await TestBroker.start({ config });
    await test(broker, issuer);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function failures(broker: TestBroker): string[] {
  return broker.events.flatMap((event) =>
    event.type === "authentication_failed" ? [`${event.mechanism}: ${event.reason}`] : []
  );
}

function oauth(value: string): SASLOptions {
  return { mechanism: "oauthbearer", oauthBearerProvider: () => Promise.resolve({ value }) };
}

/** Writes one record with kafkajs. */
async function sendWithKafkajs(port: number, sasl: SASLOptions, value: string): Promise<void> {
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    sasl,
  });
  const producer = kafka.producer({ retry: { retries: 0 } });
  try {
    await producer.connect();
    await producer.send({ topic: "secrets", messages: [{ value }] });
  } finally {
    await producer.disconnect();
  }
}

Deno.test("kafkajs writes by each mechanism, and is told when its credentials are wrong", async () => {
  await withSasl(async (broker, issuer) => {
    const token = await issuer.token("bob");
    const forged = await (await TokenIssuer.create()).token("bob");
    for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
      await sendWithKafkajs(broker.port, { mechanism, username: "alice", password: PASSWORD }, mechanism);
      const wrong = { mechanism, username: "alice", password: `${PASSWORD}!` };
      await assert.rejects(sendWithKafkajs(broker.port, wrong, "never"), /SASL|Authentication failed/);
    }
    await sendWithKafkajs(broker.port, oauth(token), "oauthbearer");
    // It takes the answer that its token is not believed for one that it is, and goes on.
    await assert.rejects(sendWithKafkajs(broker.port, oauth(forged), "never"), /Closed connection/);
    assert.deepEqual(failures(broker), [
      'PLAIN: wrong password for user "alice"',
      'SCRAM-SHA-256: wrong credentials for user "alice"',
      'SCRAM-SHA-512: wrong credentials for user "alice"',
      "OAUTHBEARER: signature verification failed (ERR_JWS_SIGNATURE_VERIFICATION_FAILED)",
    ]);
  });
});

Deno.test("@platformatic/kafka writes and reads by each mechanism", async () => {
  await withSasl(async (broker, issuer) => {
    const token = await issuer.token("bob");
    const login = { username: "alice", password: PASSWORD };
    const logins = [
      ...(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const).map((mechanism) => ({ mechanism, ...login })),
      { mechanism: "OAUTHBEARER" as const, token },
    ];
    for (const [index, sasl] of logins.entries()) {
      const common = { clientId: "p", bootstrapBrokers: [`127.0.0.1:${broker.port}`], sasl, retries: 0 };
      const producer = new Producer({ ...common, serializers: stringSerializers, autocreateTopics: true });
      await producer.send({ messages: [{ topic: "letters", value: sasl.mechanism }] });
      await producer.close();
      const consumer = new Consumer({ ...common, groupId: `g${index}`, deserializers: stringDeserializers });
      const stream = await consumer.consume({
        topics: ["letters"],
        mode: MessagesStreamModes.EARLIEST,
        autocommit: false,
        maxWaitTime: 100,
      });
      const read: string[] = [];
      for await (const { value } of stream) if (read.push(value) === index + 1) break;
      assert.deepEqual(read, logins.slice(0, index + 1).map(({ mechanism }) => mechanism));
      await consumer.close(true);
    }
  });
});

Deno.test("expired, forged and unsigned tokens are refused over the wire, each for what it is", async () => {
  await withSasl(async (broker, issuer) => {
    const nowS = Math.floor(Date.now() / 1000);
    const cases: [string, RegExp][] = [
      [await issuer.token("bob", { claims: { exp: nowS - 60 } }), /ERR_JWT_EXPIRED/],
      [await issuer.token("bob", { claims: { aud: "other" } }), /"aud"/],
      [issuer.unsigned("admin"), /no bearer token|ERR_/],
      [await issuer.signedWithPublicKey("admin"), /ERR_JOSE_ALG_NOT_ALLOWED/],
    ];
    for (const [token, reason] of cases) {
      const client = await broker.connect();
      const { answer } = await authenticateToken(client, token);
      assert.equal(answer.errorCode, REFUSED);
      assert.match(failures(broker).at(-1) ?? "", reason);
      await client.closedByBroker();
    }
    const client = await broker.connect();
    const { answer } = await authenticateToken(
      client,
      await issuer.token("bob", { claims: { exp: nowS + 60 } }),
    );
    assert.equal(answer.errorCode, 0);
    assert.ok(answer.sessionLifetimeMs > 0 && answer.sessionLifetimeMs <= 60_000n);
  });
});

Deno.test("keys at a URL are fetched from there, and a provider that is away keeps nobody from starting", async () => {
  const issuer = await TokenIssuer.create();
  const provider = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(issuer.jwks),
  );
  const oauthJwks = `http://127.0.0.1:${provider.addr.port}/keys`;
  const config: Partial<BrokerConfig> = { saslEnabled: true, saslMechanisms: ["OAUTHBEARER"], oauthJwks };
  const logIn = async (broker: TestBroker) => {
    const token = await issuer.token("bob", { claims: { aud: undefined } });
    return (await authenticateToken(await broker.connect(), token)).answer.errorCode;
  };
  await using broker = await TestBroker.start({ config });
  assert.equal(await logIn(broker), 0);
  await provider.shutdown();
  assert.equal(await logIn(broker), 0);
  await broker.restart();
  assert.equal(await logIn(broker), REFUSED);
  const unavailable = broker.events.find(({ type }) => type === "oauth_keys_unavailable");
  assert.match(
    unavailable?.type === "oauth_keys_unavailable" ? String(unavailable.error) : "",
    /nothing answers there/,
  );
});

Deno.test("who is a user and who is not cannot be told from answers, also not by a restart", async () => {
  await withSasl(async (broker) => {
    const ask = async (user: string) => {
      const client = await broker.connect();
      const login = { mechanism: "SCRAM-SHA-256" as const, user, password: "guess" };
      const { answer, challenge } = await authenticateScram(client, login);
      assert.ok(challenge !== null);
      const { salt, iterations } = challenge;
      return { errorCode: answer.errorCode, errorMessage: answer.errorMessage, salt, iterations };
    };
    const known = await ask("alice");
    const unknown = await ask("mallory");
    const { salt: _, ...sameOfKnown } = known;
    const { salt: __, ...sameOfUnknown } = unknown;
    assert.deepEqual(sameOfKnown, sameOfUnknown);
    await broker.restart();
    assert.deepEqual([await ask("alice"), await ask("mallory")], [known, unknown]);
    const plain = async (user: string) => {
      const { errorCode, errorMessage } = await authenticatePlain(await broker.connect(), user, "guess");
      return { errorCode, errorMessage };
    };
    assert.deepEqual(await plain("alice"), await plain("mallory"));
  });
});

Deno.test("secrets of flags, variables, files and clients are nowhere to be read", async () => {
  const folder = await Deno.makeTempDir({ prefix: "klite-test-" });
  try {
    const usersFile = join(folder, "users");
    await Deno.writeTextFile(usersFile, "bob:zq-secret of bob\n");
    const issuer = await TokenIssuer.create();
    const keys = join(folder, "keys.json");
    await Deno.writeTextFile(keys, issuer.jwks);
    const token = await issuer.token("carol");
    const healthPort = freePort();
    const adminPort = freePort();
    const broker = await BrokerProcess.start({
      readyPort: adminPort,
      env: { KLITE_SASL_PASSWORD: PASSWORD },
      flags: [
        ...["--sasl-enabled", "--sasl-mechanism=PLAIN,SCRAM-SHA-256,OAUTHBEARER", "--sasl-user=alice"],
        ...[`--sasl-users-file=${usersFile}`, `--oauth-jwks=${keys}`, `--oauth-audience=${issuer.audience}`],
        ...[`--listener=ADMIN=PLAINTEXT://127.0.0.1:${adminPort}`, `--health-addr=127.0.0.1:${healthPort}`],
        "--log-level=debug",
      ],
    });
    try {
      const login = { mechanism: "scram-sha-256", username: "alice" } as const;
      await sendWithKafkajs(broker.port, { ...login, password: PASSWORD }, "a");
      await assert.rejects(sendWithKafkajs(broker.port, { ...login, password: "zq-secret guess" }, "never"));
      const plain = { mechanism: "plain", username: "bob" } as const;
      await sendWithKafkajs(broker.port, { ...plain, password: "zq-secret of bob" }, "b");
      await assert.rejects(sendWithKafkajs(broker.port, { ...plain, password: "zq-secret guess" }, "never"));
      await sendWithKafkajs(broker.port, oauth(token), "c");
      await assert.rejects(sendWithKafkajs(broker.port, oauth(`${token}x`), "never"));
      await Deno.writeTextFile(usersFile, "zq-secret and no more\n");
      await assert.rejects(sendWithKafkajs(broker.port, { ...plain, password: "zq-secret guess" }, "never"));

      const metrics = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
      const inspected = await inspectCli(["topics", `--address=127.0.0.1:${adminPort}`]);
      await broker.stop();
      const stored = await inspectCli([`--data-dir=${broker.dir}`]);
      const shown = { log: broker.log(), metrics, inspected: inspected.out, stored: stored.out + stored.err };
      assert.match(shown.log, /sasl-password.*\(secret\) \(variable\)/);
      assert.match(shown.log, /wrong password for user/);
      for (const [where, text] of Object.entries(shown)) {
        assert.doesNotMatch(text, /zq-secret/, where);
        for (const part of token.split(".").slice(1)) assert.ok(!text.includes(part), where);
      }
    } finally {
      await broker.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
