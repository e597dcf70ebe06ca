/**
 * Drives @platformatic/kafka. Its message stream joins a group, so reading uses
 * the consumer's own `fetch`, which does not.
 */
import { Buffer } from "node:buffer";
import {
  type CompressionAlgorithmValue,
  Consumer,
  type MessageToProduce,
  Producer,
  type RecordsBatch,
} from "@platformatic/kafka";
import type { DataRecord } from "../records/data_record.ts";
import { checkBaseOffset, chunksOf, type ClientProgram, IDLE_LIMIT_MS, runProgram } from "./record_files.ts";

const CODECS: Readonly<Record<string, CompressionAlgorithmValue>> = {
  none: "none",
  gzip: "gzip",
  snappy: "snappy",
  lz4: "lz4",
  zstd: "zstd",
};

const program: ClientProgram = {
  async write(bootstrap, topic, codec, records) {
    const producer = new Producer<Nullable, Nullable, Buffer, Nullable>({
      clientId: "klite-compat",
      bootstrapBrokers: [bootstrap],
      idempotent: true,
      compression: CODECS[codec] ?? "none",
    });
    for (const chunk of chunksOf(records)) {
      const { offsets = [] } = await producer.send({
        messages: chunk.map((record) => toMessage(topic, record)),
      });
      for (const { partition, offset } of offsets) checkBaseOffset(chunk, partition, offset);
    }
    await producer.close();
  },

  async *read(bootstrap, topic, partition, count) {
    const consumer = new Consumer({
      clientId: "klite-compat",
      groupId: "klite-compat-unused",
      bootstrapBrokers: [bootstrap],
    });
    const metadata = await consumer.metadata({ topics: [topic] });
    const found = metadata.topics.get(topic);
    const node = found?.partitions[partition]?.leader;
    if (found === undefined || node === undefined) throw new Error(`${topic}-${partition} has no leader`);
    let next = 0;
    // Not the offset: a compacted topic lacks some.
    let seen = 0;
    let giveUpAt = performance.now() + IDLE_LIMIT_MS;
    while (seen < count) {
      for (const record of recordsOf(await fetchFrom(consumer, node, found.id, partition, next), partition)) {
        // A fetch answers with whole batches: the first may begin before the offset asked for.
        if (record.offset < next || seen === count) continue;
        next = record.offset + 1;
        seen++;
        giveUpAt = performance.now() + IDLE_LIMIT_MS;
        yield record;
      }
      if (performance.now() > giveUpAt) {
        throw new Error(`${topic}-${partition}: only ${seen} of ${count} records`);
      }
    }
    await consumer.close();
  },
};

async function fetchFrom(
  consumer: Consumer,
  node: number,
  topicId: string,
  partition: number,
  offset: number,
): Promise<RecordsBatch[]> {
  const place = { partition, fetchOffset: BigInt(offset), partitionMaxBytes: 4 * 1024 * 1024 };
  const { responses } = await consumer.fetch({
    node,
    maxWaitTime: 500,
    minBytes: 1,
    maxBytes: 8 * 1024 * 1024,
    topics: [{ topicId, partitions: [{ ...place, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }] }],
  });
  return responses.flatMap(({ partitions }) => partitions.flatMap(({ records }) => records ?? []));
}

function* recordsOf(batches: readonly RecordsBatch[], partition: number): Generator<DataRecord> {
  for (const batch of batches) {
    for (const record of batch.records) {
      yield {
        partition,
        offset: Number(batch.firstOffset) + record.offsetDelta,
        timestampMs: Number(batch.firstTimestamp + record.timestampDelta),
        key: record.key,
        value: record.value,
        headers: record.headers.map(([name, value]) => ({ name: name?.toString() ?? "", value })),
      };
    }
  }
}

/** Null stands for itself in keys, values and header values; the library's types allow for it when told. */
type Nullable = Buffer | null;

function toMessage(
  topic: string,
  record: DataRecord,
): MessageToProduce<Nullable, Nullable, Buffer, Nullable> {
  return {
    topic,
    partition: record.partition,
    timestamp: BigInt(record.timestampMs),
    key: toBuffer(record.key),
    value: toBuffer(record.value),
    // The names are separate objects, so the same name may come twice.
    headers: new Map(record.headers.map(({ name, value }) => [Buffer.from(name), toBuffer(value)])),
  };
}

function toBuffer(bytes: Uint8Array | null): Nullable {
  return bytes === null ? null : Buffer.from(bytes);
}

await runProgram(program);
