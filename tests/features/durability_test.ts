/** What is acknowledged is durable, and only what is durable is seen. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { PacedDisk } from "../support/paced_disk.ts";
import { createTopic, fetch, LATEST, offsetOf, produce, readAll, textBatch } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";

/** Whether `promise` has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol("open");
  return await Promise.race([promise, Promise.resolve(open)]) !== open;
}

Deno.test("acks of all and of the leader wait for the disk, and nobody sees the records before", async () => {
  await using paced = new PacedDisk(1);
  await using broker = await TestBroker.start({ disk: paced.disk });
  const [producer, consumer] = [await broker.connect(), await broker.connect()];
  const topic = await createTopic(producer, "durable");
  paced.pause();
  const sent = [-1, 1].map((acks) => produce(producer, topic, textBatch([`acks=${acks}`]), { acks }));
  for (let look = 0; look < 20; look++) {
    const { records, highWatermark } = await fetch(consumer, topic, 0, { maxWaitMs: 5 });
    assert.deepEqual([records?.length, highWatermark], [0, 0]);
    assert.equal((await offsetOf(consumer, topic, LATEST)).offset, 0);
    assert.deepEqual(await Promise.all(sent.map(isSettled)), [false, false]);
  }
  const waiting = fetch(consumer, topic, 0, { maxWaitMs: 600_000 });
  paced.resume();
  assert.deepEqual((await Promise.all(sent)).map(({ baseOffset }) => baseOffset), [0, 1]);
  assert.ok((await waiting).highWatermark > 0, "the fetch that waited sees them");
  const values = (await readAll(consumer, topic)).map(({ value }) => value);
  assert.deepEqual(values, ["acks=-1", "acks=1"]);
});

Deno.test("with ackBeforeSync acks of the leader do not wait for the disk, those of all do", async () => {
  await using paced = new PacedDisk(2);
  await using broker = await TestBroker.start({ disk: paced.disk, config: { ackBeforeSync: true } });
  const [hasty, careful] = [await broker.connect(), await broker.connect()];
  const topic = await createTopic(hasty, "hasty");
  paced.pause();
  const all = produce(careful, topic, textBatch(["all"]));
  const leader = await produce(hasty, topic, textBatch(["leader"]), { acks: 1 });
  assert.equal(leader.errorCode, ErrorCode.NONE);
  assert.equal(await isSettled(all), false);
  paced.resume();
  assert.equal((await all).errorCode, ErrorCode.NONE);
  assert.equal((await readAll(hasty, topic)).length, 2);
});

Deno.test("a topic is told of once it will survive", async () => {
  await using paced = new PacedDisk(3);
  await using broker = await TestBroker.start({ disk: paced.disk });
  const [admin, other] = [await broker.connect(), await broker.connect()];
  let isPaused = true;
  paced.pause();
  const making = createTopic(admin, "new");
  const asking: Promise<unknown>[] = [];
  for (let look = 0; look < 20; look++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    // Whoever asks before it is made is told that there is none, whoever asks later nothing as yet.
    const asked = offsetOf(other, { name: "new", topicId: "" }, LATEST);
    asking.push(asked.then(({ errorCode }) => assert.notEqual(errorCode, isPaused ? ErrorCode.NONE : -1)));
    assert.equal(await isSettled(making), false);
  }
  isPaused = false;
  paced.resume();
  assert.equal((await making).name, "new");
  await Promise.all(asking);
});
