/** Moments in a broker's life that a real one meets too seldom to be tested. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { KliteError } from "../../src/base/klite_error.ts";
import { readWholeFile } from "../../src/io/atomic_file.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import {
  createTopic,
  deleteTopic,
  EARLIEST,
  fetch,
  offsetOf,
  produce,
  readAll,
  textBatch,
} from "../support/requests.ts";
import { SEGMENT_BYTES, SimBroker } from "../support/sim_broker.ts";
import { buildBatch } from "../../src/records/compress.ts";

/** Where the value of a batch's one record lies, without a key. */
const VALUE_AT = 61 + 6;

/** One batch of so many bytes and a few. */
function largeBatch(bytes: number): Uint8Array {
  return buildBatch([{ value: new Uint8Array(bytes), timestampMs: 1_577_836_800_000 }]);
}

Deno.test("a topic may be deleted while produces to it wait for room in the log", async () => {
  const sim = new SimBroker(1);
  await sim.start();
  let broken: unknown = null;
  sim.running.failed.catch((error) => broken = error);
  const [writer, admin] = [sim.connect(), sim.connect()];
  const topic = await sim.run(createTopic(admin, "short-lived"));
  const { room } = sim.running.engine;
  const answers = [];
  while (!room.isBusy) {
    answers.push(produce(writer, topic, largeBatch(SEGMENT_BYTES / 2)));
    assert.ok(answers.length < 10, "room has to be waited for");
    await sim.clock.settle();
  }
  assert.equal(await sim.run(deleteTopic(admin, "short-lived")), ErrorCode.NONE);
  assert.equal(broken, null);
  const last = await sim.run(Promise.all(answers)).then((all) => all.at(-1));
  assert.equal(last?.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  await sim.stop();
});

Deno.test("a fetch waits for changes of topics to be durable, and not for those of groups", async () => {
  const sim = new SimBroker(2);
  await sim.start();
  const [reader, committer, admin] = [sim.connect(), sim.connect(), sim.connect()];
  const topic = await sim.run(createTopic(admin, "read"));
  await sim.run(createTopic(admin, "going"));
  const commit = () =>
    committer.send(offsetCommitRequest, offsetCommitResponse, 8, {
      groupId: "group",
      topics: [{
        name: "read",
        partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: "" }],
      }],
    });
  await sim.run(Promise.all([commit(), fetch(reader, topic, 0)]));
  for (
    const [change, fetchIsFirst] of [[commit, true], [() => deleteTopic(admin, "going"), false]] as const
  ) {
    const order: string[] = [];
    const changing = change().then(() => order.push("change"));
    await sim.clock.settle();
    const fetching = fetch(reader, topic, 0).then(() => order.push("fetch"));
    await sim.run(Promise.all([changing, fetching]));
    assert.equal(order[0] === "fetch", fetchIsFirst, order.join());
  }
  await sim.stop();
});

/** A broker that was killed, and a record in the middle of its log that does not read back. */
async function damaged(): Promise<SimBroker> {
  const sim = new SimBroker(2);
  await sim.start();
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "damaged"));
  for (const value of ["first", "second", "third", "fourth"]) {
    await sim.run(produce(client, topic, textBatch([value], 0)));
  }
  sim.kill();
  const path = `wal/${sim.disk.list("wal")[0]}`;
  const text = String.fromCharCode(...readWholeFile(sim.disk, path));
  sim.disk.flipBit(path, text.indexOf("second"), 0);
  return sim;
}

Deno.test("an accepted loss is told to clients even if the start that accepts it is cut short", async () => {
  let isOpen = false;
  let isGivenUp = false;
  for (let steps = 0; !isOpen; steps++) {
    const sim = await damaged();
    void sim.open({ acceptDataLoss: true }).then(() => isOpen = true);
    for (let step = 0; step < steps; step++) await sim.clock.step();
    await sim.clock.settle();
    sim.kill();
    const refusal = await sim.start().then(() => null, (error: unknown) => error);
    if (refusal === null) {
      isGivenUp = true;
      assert.ok(sim.running.engine.state.leaderEpoch >= 1, `after ${steps} steps`);
    } else {
      assert.ok(!isGivenUp && refusal instanceof KliteError, String(refusal));
      assert.equal(refusal.code, "DATA_DAMAGED");
    }
  }
  assert.ok(isGivenUp);
});

for (const harm of ["is gone", "has a damaged header"] as const) {
  Deno.test(`a log whose oldest file ${harm} is refused, for it lacks what the snapshot tells of`, async () => {
    const sim = new SimBroker(3);
    await sim.start();
    const client = sim.connect();
    const topic = await sim.run(createTopic(client, "kept"));
    for (let i = 0; i < 20; i++) await sim.run(produce(client, topic, largeBatch(SEGMENT_BYTES / 2)));
    await sim.stop();
    sim.kill();
    const before = sim.disk.list("wal");
    const oldest = `wal/${before[0]}`;
    if (harm === "is gone") sim.disk.remove(oldest);
    else sim.disk.flipBit(oldest, 9, 0);
    const left = sim.disk.list("wal");
    await assert.rejects(sim.start(), {
      code: "DATA_DAMAGED",
      message: /kept-0, for one, has the offsets 0 to 19, of which 19 are left/,
    });
    assert.deepEqual(sim.disk.list("wal"), left, "nothing is touched");

    sim.kill();
    await sim.start({ acceptDataLoss: true });
    sim.kill();
    await sim.start();
    const { offset } = await sim.run(offsetOf(sim.connect(), topic, EARLIEST));
    assert.equal(offset, 1);
    await sim.stop();
  });
}

Deno.test("a log that fails while the broker stops ends the stop", async () => {
  const sim = new SimBroker(4);
  await sim.start();
  let failure: unknown = null;
  sim.running.failed.catch((error) => failure = error);
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "unlucky"));
  sim.disk.faults.syncFailures = 1;
  const answer = produce(client, topic, largeBatch(100)).then(() => "acknowledged", () => "cut");
  for (let i = 0; i < 3; i++) await sim.clock.step();
  await sim.run(sim.running.stop("the test says so").catch(() => {}));
  assert.ok(failure instanceof KliteError && failure.code === "DISK_FAILED");
  assert.equal(await answer, "cut");
  assert.deepEqual(
    sim.events.filter((event) => "error" in event),
    [],
    "whoever waits for the failure says it",
  );
});

Deno.test("when the end of a partition is given up it ends earlier: nobody waits for records that never come", async () => {
  const sim = new SimBroker(5);
  await sim.start();
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "cut"));
  for (const value of ["first", "second", "third"]) {
    await sim.run(produce(client, topic, textBatch([value], 0)));
  }
  await sim.stop();
  sim.kill();
  const path = `wal/${sim.disk.list("wal")[0]}`;
  const text = String.fromCharCode(...readWholeFile(sim.disk, path));
  for (const value of ["second", "third"]) {
    const batch = text.indexOf(value) - VALUE_AT;
    sim.disk.flipBit(path, batch, 0);
  }
  await assert.rejects(sim.start(), { code: "DATA_DAMAGED" });
  sim.kill();
  await sim.start({ acceptDataLoss: true });
  const reader = sim.connect();
  assert.deepEqual((await sim.run(readAll(reader, topic))).map(({ value }) => value), ["first"]);
  const { divergingEpoch } = await sim.run(
    fetch(reader, topic, 3, { currentLeaderEpoch: 1, lastFetchedEpoch: 0 }),
  );
  assert.deepEqual(divergingEpoch, { epoch: 0, endOffset: 1 });
  assert.equal((await sim.run(produce(reader, topic, textBatch(["next"], 0)))).baseOffset, 1);
  await sim.stop();
  sim.kill();
  await sim.start();
  assert.equal((await sim.run(readAll(sim.connect(), topic))).length, 2);
});

Deno.test("with ackBeforeSync acks of the leader survive the process, across segments too", async () => {
  const sim = new SimBroker(6);
  await sim.start({ ackBeforeSync: true });
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "hasty"));
  let acknowledged = 0;
  const sent = Array.from({ length: 12 }, async () => {
    await produce(client, topic, largeBatch(SEGMENT_BYTES / 5), { acks: 1 }).then(
      () => acknowledged++,
      () => {},
    );
  });
  while (acknowledged < 10) {
    const before = acknowledged;
    const hasNext = await sim.clock.step();
    assert.ok(hasNext || acknowledged > before, "answers come");
  }
  const promised = acknowledged;
  sim.kill();
  await sim.start();
  const { length } = await sim.run(readAll(sim.connect(), topic));
  assert.ok(length >= promised, `${promised} were acknowledged, ${length} are there`);
  await sim.stop();
  assert.equal(sent.length, 12);
});
