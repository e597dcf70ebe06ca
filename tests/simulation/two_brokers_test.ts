/** Two brokers on one bucket: what the one that has lost the lease does not know of must be safe from it. */
import assert from "node:assert/strict";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { leaseBytes, readLease } from "../../src/broker/lease_content.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { leaseKey, metaFolder } from "../../src/objects/object_keys.ts";
import { createTopic, produce, textBatch } from "../support/requests.ts";
import { SimBroker } from "../support/sim_broker.ts";

const MINUTE_MS = 60_000;
const BUCKET: Partial<BrokerConfig> = { s3Bucket: "bucket", clusterId: "shared" };

/** A broker with a topic whose first record is stored. */
async function firstBroker() {
  const first = new SimBroker(1);
  const { clock, random } = first;
  const store = new SimObjectStore({ clock, random: random.fork() });
  first.store = store;
  await first.start(BUCKET);
  const client = first.connect();
  const topic = await first.run(createTopic(client, "numbers"));
  await first.run(produce(client, topic, textBatch(["a"], clock.nowMs())));
  await clock.advance(2 * MINUTE_MS);
  return { first, clock, store, client, topic };
}

/** Another machine in the same world, with an empty disk and its own way to the same bucket. */
function machineBeside(first: SimBroker): { second: SimBroker; store: SimObjectStore } {
  const { clock, random } = first;
  const second = new SimBroker(2);
  second.clock = clock;
  second.disk = new SimDisk({ clock, random: random.fork() });
  const store = new SimObjectStore({ clock, random: random.fork() }, first.store);
  second.store = store;
  return { second, store };
}

Deno.test("a broker that stops stores no metadata when another one has taken the cluster over", async () => {
  const { first, clock, store, client } = await firstBroker();

  store.faults.awayUntilMs = Infinity;
  await first.run(createTopic(client, "unseen", { partitions: 100 }));
  const { second } = machineBeside(first);
  await second.start(BUCKET);
  await second.run(createTopic(second.connect(), "after"));
  await clock.advance(2 * MINUTE_MS);
  const before = store.keys();

  store.faults.awayUntilMs = 0;
  await first.run(Promise.race([first.running.failed.catch(() => {}), first.stop()]));
  await clock.advance(1000);
  assert.deepEqual(store.keys(), before);
  await second.stop();
});

Deno.test("a put that arrives when another broker has taken the cluster over replaces none of its objects", async () => {
  const { first, clock, store, client, topic } = await firstBroker();

  // A request for the second object is long under way, and no other gets through.
  const put = store.put.bind(store);
  const arrival = Promise.withResolvers<void>();
  store.put = async (...given) => {
    if (given[0].endsWith(".obj")) await arrival.promise;
    return await put(...given);
  };
  await first.run(produce(client, topic, textBatch(["only here"], clock.nowMs())));
  await clock.advance(MINUTE_MS + 5000);
  store.faults.awayUntilMs = Infinity;
  const { second } = machineBeside(first);
  await second.start(BUCKET);
  const other = second.connect();
  await second.run(produce(other, topic, textBatch(["b"], clock.nowMs())));
  await clock.advance(2 * MINUTE_MS);
  const key = store.keys().filter((key) => key.endsWith(".obj")).at(-1)!;
  const bytes = store.peek(key);

  store.faults.awayUntilMs = 0;
  arrival.resolve();
  await clock.advance(MINUTE_MS);
  assert.deepEqual(store.peek(key), bytes);
  await second.stop();
});

Deno.test("metadata is stored only by a broker that has just been told that it still has the lease", async () => {
  const { first, clock, store, client } = await firstBroker();
  await first.run(createTopic(client, "unseen"));

  // As if the machine had been suspended: less time than the lease lasts has passed for it, and another broker has it.
  const key = leaseKey("shared");
  const found = await first.run(readLease(store, key));
  const others = leaseBytes({ ...found!.content, holder: "another", run: "another" });
  await first.run(store.put(key, others));
  const snapshots = () => store.keys().filter((name) => name.startsWith(`${metaFolder("shared")}snapshot-`));
  const before = snapshots();
  await first.run(Promise.race([first.running.failed.catch(() => {}), first.stop()]));
  await clock.advance(MINUTE_MS);
  assert.deepEqual(snapshots(), before);
});

for (const isSlow of [false, true]) {
  const when = isSlow
    ? "is not released while metadata may still arrive"
    : "is released once the last metadata is stored";
  Deno.test(`the lease of a broker that stops ${when}`, async () => {
    const { first, clock, store, client } = await firstBroker();
    await first.run(createTopic(client, "last"));
    const put = store.put.bind(store);
    const arrival = Promise.withResolvers<void>();
    store.put = async (...given) => {
      if (given[0].includes("/snapshot-")) await arrival.promise;
      return await put(...given);
    };
    const stopping = first.stop();
    await clock.advance(2 * MINUTE_MS + 10_000);
    if (!isSlow) arrival.resolve();
    await first.run(stopping);
    const ends = first.events.map(({ type }) => type).filter((type) => /^lease_(not_)?released$/.test(type));
    assert.deepEqual(ends, [isSlow ? "lease_not_released" : "lease_released"]);
    const found = await first.run(readLease(store, leaseKey("shared")));
    assert.equal(found?.content.isReleased, !isSlow);
    arrival.resolve();
    await clock.advance(1000);
  });
}
