/** Single moments of the object tier that random worlds have found. */
import assert from "node:assert/strict";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimObjectStore, type StoreMoment } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { deleteRecordsRequest } from "../../src/protocol/generated/delete_records_request.ts";
import { deleteRecordsResponse } from "../../src/protocol/generated/delete_records_response.ts";
import { createTopic, deleteTopic, produce, readAll, textBatch } from "../support/requests.ts";
import { SEGMENT_BYTES } from "../support/sim_broker.ts";
import { SimMachine } from "../support/sim_machine.ts";

const CONFIG = { s3Bucket: "bucket", clusterId: "sim", s3FlushIntervalMs: 1000, s3FlushCheckIntervalMs: 500 };
const BEFORE_FLUSH_MS = 400;

Deno.test("records that were deleted before they were stored are no hole after the loss of the disk", async () => {
  const clock = new SimClock();
  const random = new SimRandom(5);
  const bucket = new SimObjectStore({ clock, random: random.fork() });
  const site = { clock, random, bucket };
  const puts: string[] = [];
  const machine = new SimMachine(site, ({ verb, key, isDone }: StoreMoment) => {
    if (verb === "put" && key.endsWith(".obj") && isDone) puts.push(key);
  });
  await clock.run(machine.open(CONFIG));
  const client = machine.connect();
  const topic = await clock.run(createTopic(client, "orders"));
  const write = (values: readonly string[]) =>
    clock.run(produce(client, topic, textBatch(values, clock.nowMs())));
  await write(["0", "1"]);
  while (puts.length < 1) await clock.step();
  await clock.advance(BEFORE_FLUSH_MS);
  for (const value of ["2", "3", "4"]) await write([value]);
  // The log start passes what only the log has.
  await clock.run(client.send(deleteRecordsRequest, deleteRecordsResponse, 2, {
    topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: 4 }] }],
    timeoutMs: 30_000,
  }));
  while (puts.length < 2) await clock.step();
  assert.match(puts[1]!, /0{19}4\.obj$/);
  await machine.crash("kill");

  const next = new SimMachine(site, () => {});
  await clock.run(next.open(CONFIG));
  const records = await clock.run(readAll(next.connect(), topic));
  assert.deepEqual(records.map(({ offset, value }) => [offset, value]), [[4, "4"]]);
  await clock.run(next.running.stop("the test says so"));
});

Deno.test("a broker without a topic that starts on a full log makes room in it", async () => {
  const clock = new SimClock();
  const machine = new SimMachine({ clock, random: new SimRandom(7), bucket: null }, () => {});
  await clock.run(machine.open({ walMaxDiskBytes: 0 }));
  const client = machine.connect();
  const { wal } = machine.running.engine;
  for (let name = 0; wal.liveBytes < 4 * SEGMENT_BYTES; name++) {
    await clock.run(createTopic(client, `topic-${name}`));
    assert.equal(await clock.run(deleteTopic(client, `topic-${name}`)), 0);
  }
  await machine.crash("kill");
  await clock.run(machine.open({ walMaxDiskBytes: 3 * SEGMENT_BYTES }));
  await clock.advance(60_000);
  await clock.run(createTopic(machine.connect(), "after"));
});
