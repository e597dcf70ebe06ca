/** Quotas, from a client's request to its pause: in a world whose time is simulated, where that can be told exactly. */
import assert from "node:assert/strict";
import { alterClientQuotasRequest } from "../../src/protocol/generated/alter_client_quotas_request.ts";
import { alterClientQuotasResponse } from "../../src/protocol/generated/alter_client_quotas_response.ts";
import { apiVersionsRequest } from "../../src/protocol/generated/api_versions_request.ts";
import { apiVersionsResponse } from "../../src/protocol/generated/api_versions_response.ts";
import { describeClientQuotasRequest } from "../../src/protocol/generated/describe_client_quotas_request.ts";
import { describeClientQuotasResponse } from "../../src/protocol/generated/describe_client_quotas_response.ts";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { fetchResponse } from "../../src/protocol/generated/fetch_response.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import { produceResponse } from "../../src/protocol/generated/produce_response.ts";
import {
  createTopic,
  fetchInput,
  produce,
  produceInput,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { Scraped } from "../support/scraped.ts";
import { SimBroker } from "../support/sim_broker.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const PRODUCE_VERSION = 9;
const FETCH_VERSION = 12;
const BATCH_BYTES = 10_000;

async function withBroker(test: (world: SimBroker) => Promise<void>): Promise<void> {
  const world = new SimBroker(1);
  await world.start({ walSegmentBytes: 2 ** 20, tailMemoryBytes: 2 ** 22 });
  await test(world);
  await world.stop();
}

/** Sets quotas for the clients that call themselves `clientId`. */
function limit(client: WireClient, clientId: string, values: Readonly<Record<string, number>>) {
  return set(client, "client-id", clientId, values);
}

async function set(
  client: WireClient,
  entityType: string,
  entityName: string,
  values: Readonly<Record<string, number>>,
): Promise<void> {
  const answer = await client.send(alterClientQuotasRequest, alterClientQuotasResponse, 1, {
    entries: [{
      entity: [{ entityType, entityName }],
      ops: Object.entries(values).map(([key, value]) => ({ key, value, remove: false })),
    }],
    validateOnly: false,
  });
  assert.deepEqual(answer.entries.map(({ errorCode }) => errorCode), [0]);
}

function called(world: SimBroker, clientId: string): WireClient {
  const client = world.connect();
  client.clientId = clientId;
  return client;
}

/** Of the time when simulated worlds begin. */
const RECORDS = textBatch(["x".repeat(BATCH_BYTES - 200)], Date.UTC(2020, 0, 1));

async function write(client: WireClient, topic: TopicRef): Promise<void> {
  assert.equal((await produce(client, topic, RECORDS)).errorCode, 0);
}

Deno.test("a producer is held to its rate, and one beside it is not", async () => {
  await withBroker(async (world) => {
    const admin = world.connect();
    const topic = await world.run(createTopic(admin, "t"));
    await world.run(limit(admin, "slow", { producer_byte_rate: 100_000 }));
    const [slow, free] = [called(world, "slow"), called(world, "free")];
    const bytes: [atMs: number, bytes: number][] = [];
    const beginMs = world.clock.monotonicMs();
    const endMs = beginMs + 60_000;
    const until = async (client: WireClient, took: (atMs: number) => void) => {
      while (world.clock.monotonicMs() < endMs) {
        await write(client, topic);
        took(world.clock.monotonicMs() - beginMs);
        await new Promise<void>((resolve) => world.clock.setTimer(50, resolve));
      }
    };
    let freeRequests = 0;
    await world.run(Promise.all([
      until(slow, (atMs) => bytes.push([atMs, BATCH_BYTES])),
      until(free, () => freeRequests++),
    ]));
    const between = (fromMs: number, toMs: number) =>
      bytes.reduce((sum, [atMs, count]) => sum + (atMs >= fromMs && atMs < toMs ? count : 0), 0);
    const perSecond = between(30_000, 60_000) / 30;
    assert(perSecond > 90_000 && perSecond < 110_000, `${perSecond} bytes a second`);
    // A client may have what it has not used: ten seconds' worth at first.
    assert(between(0, 10_000) < 2_200_000, `${between(0, 10_000)} bytes at first`);
    assert(freeRequests > 1000, `${freeRequests} requests of the other one`);
  });
});

Deno.test("a client that has to pause is answered at once, and nothing that it sends is read until the pause is over", async () => {
  await withBroker(async (world) => {
    const admin = world.connect();
    const topic = await world.run(createTopic(admin, "t"));
    await world.run(limit(admin, "slow", { producer_byte_rate: 1000 }));
    const slow = called(world, "slow");
    const answer = world.run(
      slow.send(produceRequest, produceResponse, PRODUCE_VERSION, produceInput(topic, RECORDS)),
    );
    assert.equal((await answer).throttleTimeMs, 0);
    const second = await world.run(
      slow.send(produceRequest, produceResponse, PRODUCE_VERSION, produceInput(topic, RECORDS)),
    );
    const pauseMs = second.throttleTimeMs;
    assert(pauseMs > 9000 && pauseMs < 11_000, `${pauseMs} ms`);
    const beginMs = world.clock.monotonicMs();
    await world.run(write(slow, topic));
    const waitedMs = world.clock.monotonicMs() - beginMs;
    assert(waitedMs >= pauseMs && waitedMs < pauseMs + 100, `${waitedMs} ms instead of ${pauseMs}`);
    // A connection of its own pauses for itself: the next answer says again for how long.
    const other = await world.run(
      called(world, "slow").send(
        produceRequest,
        produceResponse,
        PRODUCE_VERSION,
        produceInput(topic, RECORDS),
      ),
    );
    assert(other.throttleTimeMs > 0);
  });
});

Deno.test("who wants no answers has to pause all the same", async () => {
  await withBroker(async (world) => {
    const admin = world.connect();
    const topic = await world.run(createTopic(admin, "t"));
    await world.run(limit(admin, "slow", { producer_byte_rate: 1000 }));
    const slow = called(world, "slow");
    for (let time = 0; time < 2; time++) {
      await world.run(slow.post(produceRequest, PRODUCE_VERSION, produceInput(topic, RECORDS, { acks: 0 })));
    }
    const beginMs = world.clock.monotonicMs();
    await world.run(write(slow, topic));
    assert(world.clock.monotonicMs() - beginMs > 8000);
  });
});

Deno.test("who has fetched too much gets nothing until the pause is over, keeps its session and then goes on", async () => {
  await withBroker(async (world) => {
    const admin = world.connect();
    const topic = await world.run(createTopic(admin, "t"));
    for (let batch = 0; batch < 3; batch++) await world.run(write(admin, topic));
    await world.run(limit(admin, "slow", { consumer_byte_rate: 1100 }));
    const slow = called(world, "slow");
    let session = { sessionId: 0, sessionEpoch: 0 };
    const fetch = async (fetchOffset: number) => {
      const input = { ...fetchInput(topic, fetchOffset, { partitionMaxBytes: 1 }), ...session };
      const answer = await world.run(slow.send(fetchRequest, fetchResponse, FETCH_VERSION, input));
      session = { sessionId: answer.sessionId, sessionEpoch: session.sessionEpoch + 1 };
      return { throttleTimeMs: answer.throttleTimeMs, topics: answer.responses.length };
    };
    assert.deepEqual(await fetch(0), { throttleTimeMs: 0, topics: 1 });
    const { sessionId } = session;
    assert.notEqual(sessionId, 0);
    const throttled = await fetch(1);
    assert(throttled.throttleTimeMs > 7000, `${throttled.throttleTimeMs} ms`);
    assert.equal(throttled.topics, 0);
    assert.equal(session.sessionId, sessionId);
    // After a pause the first fetch may still count, as in Kafka; after two it does not.
    let next = await fetch(1);
    if (next.topics === 0) next = await fetch(1);
    assert.deepEqual(next, { throttleTimeMs: 0, topics: 1 });
    const sessions = world.running.engine.fetchSessions.size;
    session = { sessionId: 0, sessionEpoch: 0 };
    assert((await fetch(2)).throttleTimeMs > 0);
    assert.equal(session.sessionId, 0);
    assert.equal(world.running.engine.fetchSessions.size, sessions);
  });
});

Deno.test("quotas survive a power cut, a snapshot and a restart, and are held to at once", async () => {
  const world = new SimBroker(2);
  await world.start();
  const topic = await world.run(createTopic(world.connect(), "t"));
  await world.run(limit(world.connect(), "slow", { producer_byte_rate: 100 }));
  world.powerCut();
  await world.start();
  await world.stop();
  await world.start();
  const slow = called(world, "slow");
  const { entries } = await world.run(
    slow.send(describeClientQuotasRequest, describeClientQuotasResponse, 1, {
      components: [],
      strict: false,
    }),
  );
  assert.deepEqual(entries, [{
    entity: [{ entityType: "client-id", entityName: "slow" }],
    values: [{ key: "producer_byte_rate", value: 100 }],
  }]);
  const answer = await world.run(
    slow.send(produceRequest, produceResponse, PRODUCE_VERSION, produceInput(topic, RECORDS)),
  );
  assert(answer.throttleTimeMs > 0);
  await world.stop();
});

Deno.test("who changes quotas is told of in an event, and what changes nothing is not", async () => {
  await withBroker(async (world) => {
    const admin = world.connect();
    await world.run(limit(admin, "c", { producer_byte_rate: 5, consumer_byte_rate: 6 }));
    await world.run(limit(admin, "c", { producer_byte_rate: 5 }));
    const changes = world.events.flatMap((event) => event.type === "security_changed" ? [event.changes] : []);
    assert.deepEqual(changes, [[
      "producer_byte_rate of client-id c: 5",
      "consumer_byte_rate of client-id c: 6",
    ]]);
  });
});

Deno.test("a quota of an address bounds how fast it makes connections", async () => {
  await withBroker(async (world) => {
    const admin = world.connect();
    await world.run(set(admin, "ip", "10.0.0.1", { connection_creation_rate: 2 }));
    const ask = (client: WireClient) =>
      client.send(apiVersionsRequest, apiVersionsResponse, 3, {
        clientSoftwareName: "test",
        clientSoftwareVersion: "1",
      }).then(() => true, () => false);
    let served = 0;
    for (let connection = 0; connection < 40; connection++) {
      if (await world.run(ask(world.connect()))) served++;
    }
    // At once as many as in ten seconds, and two in each second since.
    assert(served >= 19 && served < 40, `${served} were served`);
    assert(world.events.some((event) => event.type === "connection_refused"));
    await world.run(set(admin, "ip", "10.0.0.1", { connection_creation_rate: 1000 }));
    assert(await world.run(ask(world.connect())));
  });
});

Deno.test("metrics tell how often clients had to pause, and for how long", async () => {
  await using broker = await TestBroker.start({ config: { healthAddress: { host: "127.0.0.1", port: 0 } } });
  const listening = broker.events.find((event) => event.type === "health_listening");
  const scrape = () => Scraped.from(Number(listening?.address.split(":").at(-1)));
  const admin = await broker.connect();
  const topic = await createTopic(admin, "t");
  assert.equal((await scrape()).value("klite_quota_entities"), 0);
  await limit(admin, "slow", { producer_byte_rate: 1000 });
  const slow = await broker.connect();
  slow.clientId = "slow";
  const batch = textBatch(["x".repeat(20_000)]);
  const { throttleTimeMs } = await slow.send(
    produceRequest,
    produceResponse,
    PRODUCE_VERSION,
    produceInput(topic, batch),
  );
  assert(throttleTimeMs > 9000);
  const scraped = await scrape();
  assert.equal(scraped.value("klite_quota_entities"), 1);
  assert.equal(scraped.value("klite_throttled_requests_total", { quota: "produce" }), 1);
  assert.equal(scraped.value("klite_throttle_seconds_total", { quota: "produce" }), throttleTimeMs / 1000);
});
