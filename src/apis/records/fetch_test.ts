import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import {
  createTopic,
  fetchInput,
  fetchResults,
  produce,
  textBatch,
} from "../../../tests/support/requests.ts";
import { SimBroker } from "../../../tests/support/sim_broker.ts";
import { fetchRequest, type FetchRequestInput } from "../../protocol/generated/fetch_request.ts";
import { fetchResponse } from "../../protocol/generated/fetch_response.ts";

const WAIT_MS = 30_000;
const BATCH = textBatch(["some text"], 0);

/** A topic of two partitions, three batches in the first; what a fetch answers, and whether it waited. */
async function broker() {
  const sim = new SimBroker(1);
  await sim.start();
  const client = sim.connect();
  const topic = await sim.run(createTopic(client, "topic", { partitions: 2 }));
  for (let i = 0; i < 3; i++) await sim.run(produce(client, topic, BATCH));
  const ask = async (input: FetchRequestInput) => {
    const sinceMs = sim.clock.monotonicMs();
    const answer = await sim.run(client.send(fetchRequest, fetchResponse, 12, input));
    return { results: fetchResults(answer), hasWaited: sim.clock.monotonicMs() - sinceMs > WAIT_MS - 1 };
  };
  return { topic, ask };
}

Deno.test("a fetch does not wait for more than it may have", async () => {
  const { topic, ask } = await broker();
  const most = 2 * BATCH.length + 10;
  for (
    const [what, limits, hasWaited] of [
      ["all of a partition's limit", { minBytes: most, partitionMaxBytes: most }, false],
      ["all of the request's limit", { minBytes: most, maxBytes: most }, false],
      ["more than the request's limit", { minBytes: 2 ** 30, maxBytes: most }, false],
      ["more than the broker's limit", { minBytes: 2 ** 30, partitionMaxBytes: most }, true],
      ["more than there is", { minBytes: 4 * BATCH.length }, true],
    ] as const
  ) {
    const { results, hasWaited: has } = await ask(fetchInput(topic, 0, { maxWaitMs: WAIT_MS, ...limits }));
    assert.equal(has, hasWaited, what);
    assert.ok((results[0]?.records?.length ?? 0) >= 2 * BATCH.length, what);
  }
});

Deno.test("partitions that do not exist are told at once only where there is nothing else to wait for", async () => {
  const { topic, ask } = await broker();
  const unknown = fetchInput(topic, 0, { maxWaitMs: WAIT_MS, partition: 9 });
  const known = fetchInput(topic, 0, { maxWaitMs: WAIT_MS, partition: 1 });
  assert.equal((await ask(unknown)).hasWaited, false);
  const { results, hasWaited } = await ask({ ...known, topics: [...unknown.topics, ...known.topics] });
  assert.equal(hasWaited, true);
  assert.deepEqual(
    results.map(({ errorCode }) => errorCode),
    [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.NONE],
  );
});
