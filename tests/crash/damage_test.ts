/** Bytes of the log that are not what was written: damage is told from a torn tail. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import {
  createTopic,
  fetch,
  LATEST,
  offsetOf,
  produce,
  readAll,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import type { WireClient } from "../support/wire_client.ts";
import { DataDir } from "./data_dir.ts";

const RECORDS = 6;
/** From a record's value back to the header of its batch. */
const VALUE_TO_BATCH_HEADER = 61;

const value = (number: number) => `the record of number ${number}`;

/** One commit for each record, so that each proves those before it. */
async function write(client: WireClient): Promise<TopicRef> {
  const topic = await createTopic(client, "damaged");
  for (let number = 0; number < RECORDS; number++) {
    assert.equal((await produce(client, topic, textBatch([value(number)]))).baseOffset, number);
  }
  return topic;
}

async function valuesOf(client: WireClient, topic: TopicRef): Promise<(string | null)[]> {
  return (await readAll(client, topic)).map((record) => record.value);
}

for (const [what, back] of [["a record", 0], ["a batch's header", VALUE_TO_BATCH_HEADER]] as const) {
  Deno.test(`a flipped bit in ${what} is refused with file, position and remedy`, async () => {
    await using dir = await DataDir.make();
    await dir.live("kill", write);
    const place = await dir.find(value(2));
    await dir.flipBit(place.path, place.position - back, 3);

    const said = await dir.refusal();
    assert.match(said, /Acknowledged data is damaged/);
    assert.ok(said.includes(place.path), `it names the file ${place.path}`);
    const position = Number(/byte (\d+)/.exec(said)?.[1]);
    assert.ok(
      position <= place.position && place.position < position + 300,
      `byte ${position} is its entry's`,
    );
    assert.match(said, /--accept-data-loss/);
  });
}

Deno.test("an accepted loss gives up what cannot be read, tells clients, and is over after that", async () => {
  await using dir = await DataDir.make();
  const topic = await dir.live("kill", write);
  const place = await dir.find(value(3));
  await dir.flipBit(place.path, place.position, 0);
  await dir.live("kill", async (client, broker) => {
    assert.deepEqual(await valuesOf(client, topic), [0, 1, 2].map(value));
    assert.match(broker.log(), /lost|given up/i);
    const fenced = await fetch(client, topic, 0, { currentLeaderEpoch: 0 });
    assert.equal(fenced.errorCode, ErrorCode.FENCED_LEADER_EPOCH, "positions have to be checked");
    const { divergingEpoch } = await fetch(client, topic, 6, { currentLeaderEpoch: 1, lastFetchedEpoch: 0 });
    assert.deepEqual(divergingEpoch, { epoch: 0, endOffset: 3 });
    assert.equal((await produce(client, topic, textBatch(["in its place"]))).baseOffset, 3);
  }, { flags: ["--accept-data-loss"] });
  await dir.live("stop", async (client) => {
    assert.deepEqual(await valuesOf(client, topic), [...[0, 1, 2].map(value), "in its place"]);
  });
});

Deno.test("what a crash left behind the end of the log is passed over, whatever it is", async () => {
  await using dir = await DataDir.make();
  const topic = await dir.live("kill", write);
  for (const fill of [0xff, 0x5a, 0x01]) {
    const last = await dir.find(value(RECORDS - 1));
    const bytes = await Deno.readFile(last.path);
    // Entries are padded to 8 bytes; behind them a torn write may have left anything.
    const end = (last.position + value(RECORDS - 1).length + 1 + 7) & ~7;
    bytes.fill(fill, end, end + 5000);
    await Deno.writeFile(last.path, bytes);
    await dir.live("kill", async (client) => {
      assert.deepEqual(
        await valuesOf(client, topic),
        Array.from({ length: RECORDS }, (_, number) => value(number)),
      );
      assert.equal((await offsetOf(client, topic, LATEST)).offset, RECORDS);
    });
  }
});

Deno.test("a snapshot that a crash left half written is cleared away", async () => {
  await using dir = await DataDir.make();
  await dir.live("stop", write);
  const half = `${dir.path}/snapshots/snapshot-0000000000000064.json.new`;
  await Deno.writeTextFile(half, "0000");
  await dir.live("stop", async (client) => {
    await createTopic(client, "another");
  });
  await assert.rejects(Deno.stat(half), Deno.errors.NotFound);
});

Deno.test("the newest snapshot may rot: the one before it and the log give the same", async () => {
  await using dir = await DataDir.make();
  const topic = await dir.live("stop", write);
  for (const word of ["one", "two"]) {
    await dir.live("stop", async (client) => {
      await produce(client, topic, textBatch([word]));
      await createTopic(client, `made-${word}`);
    });
  }
  const names = (await Array.fromAsync(Deno.readDir(`${dir.path}/snapshots`))).map(({ name }) => name)
    .toSorted();
  assert.equal(names.length, 2);
  await dir.flipBit(`${dir.path}/snapshots/${names[1]}`, 40, 2);
  await dir.live("stop", async (client) => {
    assert.equal((await valuesOf(client, topic)).length, RECORDS + 2);
    await assert.rejects(createTopic(client, "made-two"), /error 36/, "it is there");
  });
  for await (const { name } of Deno.readDir(`${dir.path}/snapshots`)) {
    await dir.flipBit(`${dir.path}/snapshots/${name}`, 50, 1);
  }
  assert.match(await dir.refusal(), /None of the 2 snapshots .* can be read/);
});
