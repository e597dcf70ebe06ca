/** Clients that have to show who they are, over real TCP: what they notice of it, and what others can do to them. */
import assert from "node:assert/strict";
import { Kafka, logLevel } from "kafkajs";
import { Secret } from "../../src/base/secret.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { alterClientQuotasRequest } from "../../src/protocol/generated/alter_client_quotas_request.ts";
import { alterClientQuotasResponse } from "../../src/protocol/generated/alter_client_quotas_response.ts";
import { createTopic, produce, textBatch } from "../support/requests.ts";
import { authenticatePlain, authenticateScram } from "../support/sasl_client.ts";
import { Scraped } from "../support/scraped.ts";
import { TestBroker } from "../support/test_broker.ts";
import { ConnectionEnded, WireClient } from "../support/wire_client.ts";

const PASSWORD = "alice-secret";
const WITH_ALICE: Partial<BrokerConfig> = {
  saslEnabled: true,
  saslMechanisms: ["PLAIN", "SCRAM-SHA-256"],
  saslUser: "alice",
  saslPassword: new Secret(PASSWORD),
};

function scrape(broker: TestBroker): Promise<Scraped> {
  const listening = broker.events.find((event) => event.type === "health_listening");
  return Scraped.from(Number(listening?.address.split(":").at(-1)));
}

/** Connections that say nothing. */
async function strangers(port: number, count: number): Promise<Deno.TcpConn[]> {
  return await Promise.all(
    Array.from({ length: count }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
}

/** A client that tries until it is let in, as clients do. */
async function loggedIn(broker: TestBroker): Promise<WireClient> {
  for (;;) {
    const client = await broker.connect();
    try {
      assert.equal((await authenticatePlain(client, "alice", PASSWORD)).errorCode, 0);
      return client;
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

Deno.test("kafkajs authenticates again and again while it writes, and notices nothing", async () => {
  const config = {
    ...WITH_ALICE,
    connectionsMaxReauthMs: 1500,
    healthAddress: { host: "127.0.0.1", port: 0 },
  };
  await using broker = await TestBroker.start({ config });
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${broker.port}`],
    logLevel: logLevel.NOTHING,
    sasl: { mechanism: "scram-sha-256", username: "alice", password: PASSWORD },
    reauthenticationThreshold: 500,
    retry: { retries: 0 },
  });
  const producer = kafka.producer({ retry: { retries: 0 } });
  await producer.connect();
  const byResult = async () => (await scrape(broker)).by("klite_authentications_total", "result");
  let sent = 0;
  while ((await byResult()).get("succeeded_again") !== 3) {
    await producer.send({ topic: "letters", messages: [{ value: String(sent++) }] });
  }
  await producer.disconnect();
  const counts = await byResult();
  assert.deepEqual([counts.get("failed"), counts.get("failed_again")], [0, 0]);
  assert.deepEqual(broker.events.filter(({ type }) => type === "connection_closed"), []);
});

Deno.test("a crowd of strangers keeps nobody out, and is let go of", async () => {
  const config = {
    ...WITH_ALICE,
    maxConnectionsUnauthenticated: 20,
    healthAddress: { host: "127.0.0.1", port: 0 },
  };
  await using broker = await TestBroker.start({ config });
  const first = await broker.connect();
  const login = { mechanism: "SCRAM-SHA-256", user: "alice", password: PASSWORD } as const;
  assert.equal((await authenticateScram(first, login)).answer.errorCode, 0);
  const topic = await createTopic(first, "letters");
  const crowd = await strangers(broker.port, 100);
  try {
    const late = await loggedIn(broker);
    for (const client of [first, late]) await produce(client, topic, textBatch(["a"]));
    const figures = await scrape(broker);
    assert.equal(figures.value("klite_connections_unauthenticated"), 19);
    const closed = figures.by("klite_connections_closed_total", "reason").get("unauthenticated") ?? 0;
    assert.ok(closed >= 81, `${closed} were closed`);
  } finally {
    for (const connection of crowd) connection.close();
  }
});

Deno.test("guesses of passwords are reported without them, and not each one", async () => {
  await using broker = await TestBroker.start({ config: WITH_ALICE });
  await Promise.all(Array.from({ length: 40 }, async (_, index) => {
    await using client = await WireClient.connect(broker.port);
    const { errorCode } = await authenticatePlain(client, "alice", `guess ${index}`);
    assert.equal(errorCode, 58);
    await client.closedByBroker();
  }));
  const reported = broker.events.filter((event) => event.type === "authentication_failed");
  assert.equal(reported.length, 10, "so many are said, the others are counted");
  assert.ok(!JSON.stringify(broker.events).includes("guess"));
});

Deno.test("an address that makes connections too fast is held back by quotas that clients set", async () => {
  await using broker = await TestBroker.start();
  const admin = await broker.connect();
  const set = (value: number, remove: boolean) =>
    admin.send(alterClientQuotasRequest, alterClientQuotasResponse, 1, {
      entries: [{
        entity: [{ entityType: "ip", entityName: "127.0.0.1" }],
        ops: [{ key: "connection_creation_rate", value, remove }],
      }],
      validateOnly: false,
    });
  await set(1, false);
  const outcomes = await Promise.all(Array.from({ length: 30 }, async () => {
    const client = await broker.connect();
    return await createTopic(client, `t${crypto.randomUUID()}`).then(
      () => "served",
      (error) => error instanceof ConnectionEnded ? "closed" : String(error),
    );
  }));
  const { served = [], closed = [], ...others } = Object.groupBy(outcomes, (outcome) => outcome);
  assert.deepEqual(others, {});
  assert.ok(served.length >= 10 && served.length <= 20, `${served.length} were served`);
  assert.equal(served.length + closed.length, 30);
  await set(1, true);
  await createTopic(await broker.connect(), "afterwards");
});

Deno.test("there may be so many connections, and so many of an address", async () => {
  for (const limits of [{ maxConnections: 5 }, { maxConnectionsPerAddress: 5 }]) {
    await using broker = await TestBroker.start({ config: limits });
    const clients = await Promise.all(Array.from({ length: 5 }, () => broker.connect()));
    const topic = await createTopic(clients[0]!, "letters");
    for (const client of clients) await produce(client, topic, textBatch(["a"]));
    const more = await broker.connect();
    await more.closedByBroker();
    const reason = "maxConnections" in limits ? "too_many_connections" : "too_many_from_address";
    assert.ok(broker.events.some((event) => event.type === "connection_refused" && event.reason === reason));
  }
});
