import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { BrokerProcess } from "../support/broker_process.ts";
import {
  createTopic,
  newProducerId,
  produce,
  readAll,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";

/** Starts klite on `dir`, lets `use` talk to it, and ends it in the way that is asked for. */
async function live<T>(
  dir: string,
  end: "stop" | "kill",
  use: (client: WireClient) => Promise<T>,
): Promise<T> {
  const broker = await BrokerProcess.start({ dir, flags: ["--wal-segment-max-bytes=2MiB"] });
  try {
    await using client = await WireClient.connect(broker.port);
    return await use(client);
  } finally {
    if (end === "kill") await broker.kill();
    else assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  }
}

for (const ways of [["stop", "stop", "stop"], ["kill", "kill", "kill"], ["stop", "kill", "stop"]] as const) {
  Deno.test(`all that was acknowledged is there after ${ways.join(", ")}`, async () => {
    const dir = await Deno.makeTempDir({ prefix: "klite-restart-" });
    try {
      const producers: number[] = [];
      let topic: TopicRef = { name: "", topicId: "" };
      const values: string[] = [];
      for (const [life, way] of ways.entries()) {
        await live(dir, way, async (client) => {
          if (life === 0) topic = await createTopic(client, "kept", { partitions: 2 });
          const producerId = await newProducerId(client);
          assert.ok(!producers.includes(producerId), "an id is given out once");
          producers.push(producerId);
          for (const [index, id] of producers.entries()) {
            const batch = buildBatch([{ value: new TextEncoder().encode(`${life}-${index}`) }], {
              producerId: id,
              producerEpoch: 0,
              baseSequence: life - index,
            });
            const { errorCode, baseOffset } = await produce(client, topic, batch);
            assert.deepEqual([errorCode, baseOffset], [ErrorCode.NONE, values.length]);
            values.push(`${life}-${index}`);
          }
          await createTopic(client, `of-life-${life}`);
          const records = await readAll(client, topic);
          assert.deepEqual(records.map(({ value }) => value), values);
          assert.deepEqual(await readAll(client, topic, 1), []);
        });
      }
      await live(dir, "stop", async (client) => {
        assert.deepEqual((await readAll(client, topic)).map(({ value }) => value), values);
        for (const life of ways.keys()) {
          await assert.rejects(createTopic(client, `of-life-${life}`), /error 36/, "the topic is there");
        }
        const next = await produce(client, topic, textBatch(["next"]));
        assert.equal(next.baseOffset, values.length);
      });
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}
