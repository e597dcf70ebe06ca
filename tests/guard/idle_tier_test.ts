/** What the object tier costs a broker that nobody writes to, counted: the same however many partitions there are. */
import { equal, ok } from "node:assert/strict";
import { createTopic, produce, textBatch } from "../support/requests.ts";
import { CountedBroker } from "./counted_broker.ts";

const MINUTE_MS = 60_000;

/** Timers of a minute in which nothing happens, with so many partitions that all have records, in a bucket if there is one. */
async function idleTimers(partitions: number, s3Bucket: string | null): Promise<number> {
  const broker = await CountedBroker.start({
    walSegmentBytes: 1 << 20,
    tailMemoryBytes: 2 << 20,
    s3Bucket,
    s3FlushIntervalMs: 1000,
    // Joining objects, retention and the sweep have their own time.
    compactionCheckIntervalMs: 86_400_000,
    retentionCheckIntervalMs: 86_400_000,
  });
  const client = broker.connect();
  const topic = await broker.run(createTopic(client, "guarded", { partitions }));
  for (let partition = 0; partition < partitions; partition++) {
    const batch = textBatch(["x"], broker.clock.nowMs());
    equal((await broker.run(produce(client, topic, batch, { partition }))).errorCode, 0);
  }
  await broker.clock.advance(3 * MINUTE_MS);
  const { timers, commits } = await broker.cost(() => broker.clock.advance(MINUTE_MS));
  equal(commits, 0, "commits");
  await broker.run(client[Symbol.asyncDispose]());
  await broker.stop();
  return timers;
}

Deno.test("an idle tier has no timer for each partition, and one look in each check interval", async () => {
  const without = await idleTimers(10, null);
  const few = await idleTimers(10, "bucket");
  // A look and a renewal of the lease every 5 s.
  ok(few - without <= 26, `${few - without} timers a minute`);
  const many = await idleTimers(1000, "bucket");
  // A minute may begin just before or behind one of them.
  ok(Math.abs(many - few) <= 2, `${many} timers with 1,000 partitions, ${few} with 10`);
});
