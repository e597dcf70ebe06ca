/** Moments in a broker's life that a real one meets too seldom to be tested. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { createTopic, deleteTopic, produce } from "../support/requests.ts";
import { SEGMENT_BYTES, SimBroker } from "../support/sim_broker.ts";
import { buildBatch } from "../../src/records/mod.ts";

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
