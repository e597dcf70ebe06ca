/** Topics with `cleanup.policy=compact`, whose objects are written anew while they are read. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Compression } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { createTopic, fetch, produce, readBatches, type TopicRef } from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const KEYS = 40;
// The log keeps the last third at most: what it has is read as it was written.
const ROUNDS = 18;
const BATCHES = 40;
const RECORDS = 20;
const VALUE_BYTES = 1000;

/** Records are flushed and compacted all the time, and the log keeps next to none of them. */
const EAGER = {
  walSegmentBytes: 256 * 1024,
  walMaxDiskBytes: 2 * 1024 * 1024,
  s3Bucket: "b",
  s3FlushIntervalMs: 50,
  s3FlushCheckIntervalMs: 20,
  s3TargetObjectBytes: 512 * 1024,
  compactionCheckIntervalMs: 50,
  compactionMinDirtyObjects: 1,
  compactionReadRateBytes: 0,
};

interface Written {
  readonly key: string;
  readonly value: string | null;
}

/** Reads the topic from its start; each record must be the one that was written there, in order. */
async function readAll(client: WireClient, topic: TopicRef, written: readonly Written[]) {
  const last = new Map<string, string>();
  let records = 0;
  for (let offset = 0, end = Infinity; offset < end;) {
    const answer = await fetch(client, topic, offset, { partitionMaxBytes: 200_000 });
    assert.equal(answer.errorCode, 0);
    end = answer.highWatermark;
    const from = offset;
    for (const batch of readBatches(answer.records)) {
      for (const record of batch.records) {
        if (record.offset < from) continue;
        assert.ok(record.offset >= offset, "offsets ascend");
        offset = record.offset + 1;
        records++;
        assert.deepEqual({ key: record.key, value: record.value }, written[record.offset]);
        if (record.value === null) last.delete(record.key!);
        else last.set(record.key!, record.value);
      }
      offset = Math.max(offset, batch.header.lastOffset + 1);
    }
    assert.ok(offset > from || from >= end, `nothing at ${from} of ${end}`);
  }
  return { records, last };
}

/** What a reader of all that was written ends up with. */
function lastOf(written: readonly Written[]): Map<string, string> {
  const last = new Map<string, string>();
  for (const { key, value } of written) {
    if (value === null) last.delete(key);
    else last.set(key, value);
  }
  return last;
}

function batchOf(records: readonly Written[], compression: Compression): Uint8Array {
  const bytesOf = (text: string | null) => text === null ? null : new TextEncoder().encode(text);
  const timestampMs = Date.now();
  return buildBatch(
    records.map(({ key, value }) => ({ key: bytesOf(key), value: bytesOf(value), timestampMs })),
    { compression },
  );
}

Deno.test("a compacted topic keeps the last value of each key, and is read in order while it is compacted", async () => {
  await using broker = await TestBroker.start({ config: EAGER });
  const client = await broker.connect();
  const topic = await createTopic(client, "compacted", {
    configs: { "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01", "delete.retention.ms": "0" },
  });
  const written: Written[] = [];
  const reader = await broker.connect();
  let isWriting = true;
  const reading = (async () => {
    while (isWriting) await readAll(reader, topic, written);
  })();
  for (let round = 0; round < ROUNDS; round++) {
    for (let batch = 0; batch < BATCHES; batch++) {
      const records = Array.from({ length: RECORDS }, (_, index) => {
        const offset = written.length + index;
        const value = `${offset} `.padEnd(VALUE_BYTES, String.fromCharCode(97 + offset % 26));
        return { key: `key ${offset * 7 % KEYS}`, value: offset % 11 === 0 ? null : value };
      });
      // Known before it can be read.
      written.push(...records);
      const { errorCode } = await produce(client, topic, batchOf(records, batch % 5 as Compression));
      assert.equal(errorCode, 0);
    }
  }
  isWriting = false;
  await reading;
  const expected = lastOf(written);
  for (let records = Infinity; records > written.length / 2; await delay(50)) {
    const found = await readAll(client, topic, written);
    assert.deepEqual(new Map([...found.last].sort()), new Map([...expected].sort()));
    records = found.records;
  }
  await broker.restart();
  const again = await readAll(await broker.connect(), topic, written);
  assert.deepEqual(new Map([...again.last].sort()), new Map([...expected].sort()));
  assert.ok(broker.events.some((event) => event.type === "compaction_done" && event.mode === "clean"));
  assert.ok(!broker.events.some(({ type }) => type === "compaction_failed" || type === "read_failed"));
});
