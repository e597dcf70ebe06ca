import assert from "node:assert/strict";
import { DenoClock } from "../../src/io/deno/clock.ts";
import { DenoDisk } from "../../src/io/deno/disk.ts";
import { DirectoryStore } from "../../src/io/directory_store.ts";
import type { ObjectInfo, ObjectStore } from "../../src/io/object_store.ts";
import { readCommitted } from "../support/read_committed.ts";
import { createTopic, produce, textBatch, type TopicRef } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import { TransactionalProducer } from "../support/transactional_producer.ts";

const CONFIG = { s3Bucket: "bucket", clusterId: "c", s3FlushIntervalMs: 100, s3FlushCheckIntervalMs: 20 };
const SNAPSHOTS = "klite-c/meta/snapshot-";

/** Waits until there is an object whose key ends so. */
async function untilThere(store: ObjectStore, isMeant: (key: string) => boolean): Promise<ObjectInfo> {
  for (;;) {
    for await (const page of store.list("klite-c/")) {
      const found = page.find(({ key }) => isMeant(key));
      if (found !== undefined) return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("a transaction that is in an object and in no snapshot that is left holds nobody up after a restore", async () => {
  const folder = await Deno.makeTempDir({ prefix: "klite-forgotten-" });
  try {
    const store = new DirectoryStore({ disk: new DenoDisk(folder), clock: new DenoClock(), directory: "b" });
    let topic: TopicRef;
    let older: { readonly key: string; readonly bytes: Uint8Array };
    {
      await using broker = await TestBroker.start({ config: CONFIG, store });
      const client = await broker.connect();
      topic = await createTopic(client, "t");
      await produce(client, topic, textBatch(["before"]));
      const endsSo = (base: number) => (key: string) => key.endsWith(`${base}.obj`);
      await untilThere(store, endsSo(0));
      // No object is of a topic that no stored snapshot knows.
      const key = (await Array.fromAsync(store.list(SNAPSHOTS))).flat().at(-1)?.key ?? "";
      older = { key, bytes: (await store.get(key)).bytes };
      const transaction = new TransactionalProducer(client, "forgotten");
      assert.equal(await transaction.init(), 0);
      await transaction.write(topic, ["open"]);
      await untilThere(store, endsSo(1));
    }
    for await (const page of store.list(SNAPSHOTS)) {
      await store.delete(page.map(({ key }) => key));
    }
    await store.put(older.key, older.bytes);

    await using broker = await TestBroker.start({ config: CONFIG, store });
    const client = await broker.connect();
    await produce(client, topic, textBatch(["after"]));
    assert.deepEqual(await readCommitted(client, topic), ["before", "after"]);
    const told = broker.events.find((event) => event.type === "cluster_restored");
    assert.ok(told !== undefined && told.recordsBehindSnapshot > 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
