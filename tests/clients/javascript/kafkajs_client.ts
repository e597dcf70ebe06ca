/**
 * Drives kafkajs. Its consumer always joins a group, so reading goes through the
 * connection pool and fetch request underneath it, which need none.
 */
import { Buffer } from "node:buffer";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { lz4Compress, lz4Decompress, snappyCompress, snappyDecompress } from "@platformatic/wasm-utils";
import { CompressionCodecs, CompressionTypes, Kafka, logLevel, type Message } from "kafkajs";
import Cluster from "kafkajs/src/cluster/index.js";
import createSocketFactory from "kafkajs/src/network/socketFactory.js";
import { createLogger } from "kafkajs/src/loggers/index.js";
import createConsoleLogger from "kafkajs/src/loggers/console.js";
import type { DataHeader, DataRecord } from "../records/data_record.ts";
import { checkBaseOffset, chunksOf, type ClientProgram, IDLE_LIMIT_MS, runProgram } from "./record_files.ts";

/** The part of kafkajs' inner cluster object that reading needs. */
interface InnerCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(which: { nodeId: string }): Promise<InnerBroker>;
}

interface InnerBroker {
  fetch(request: Readonly<Record<string, unknown>>): Promise<{ responses: readonly FetchedTopic[] }>;
}

interface FetchedTopic {
  readonly partitions: readonly { readonly messages: readonly FetchedMessage[] }[];
}

interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | null | readonly (Buffer | null)[]>>;
}

/** kafkajs knows gzip and takes the others from its user. */
function addCodecs(): void {
  Object.assign(CompressionCodecs, {
    [CompressionTypes.Snappy]: () => codecOf(snappyCompress, decompressSnappy),
    [CompressionTypes.LZ4]: () => codecOf(lz4Compress, lz4Decompress),
    [CompressionTypes.ZSTD]: () => codecOf(zstdCompressSync, zstdDecompressSync),
  });
}

function codecOf(compress: Transform, decompress: Transform) {
  return {
    compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(compress(buffer)),
    decompress: (buffer: Buffer) => Promise.resolve(decompress(buffer)),
  };
}

type Transform = (data: Buffer) => Buffer;

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** Java clients cut snappy data into blocks, each behind its length; others write one bare block. */
function decompressSnappy(data: Buffer): Buffer {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return snappyDecompress(data);
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < data.length;) {
    const end = at + 4 + data.readInt32BE(at);
    blocks.push(snappyDecompress(data.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(blocks);
}

const CODEC_TYPES: Readonly<Record<string, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

const program: ClientProgram = {
  async write(bootstrap, topic, codec, records) {
    const kafka = new Kafka({ brokers: [bootstrap], clientId: "klite-compat", logLevel: logLevel.ERROR });
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (const chunk of chunksOf(records)) {
      const compression = CODEC_TYPES[codec] ?? CompressionTypes.None;
      const results = await producer.send({ topic, acks: -1, compression, messages: chunk.map(toMessage) });
      for (const { partition, baseOffset } of results) {
        checkBaseOffset(chunk, partition, BigInt(baseOffset ?? -1));
      }
    }
    await producer.disconnect();
  },

  async *read(bootstrap, topic, partition, count) {
    const cluster = innerCluster(bootstrap);
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw new Error(`${topic}-${partition} has no leader`);
    const broker = await cluster.findBroker({ nodeId });
    let next = 0;
    // Not the offset: a compacted topic lacks some.
    let seen = 0;
    let giveUpAt = performance.now() + IDLE_LIMIT_MS;
    while (seen < count) {
      for (const message of await fetchFrom(broker, topic, partition, next)) {
        const record = toRecord(message, partition);
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
    await cluster.disconnect();
  },
};

function innerCluster(bootstrap: string): InnerCluster {
  return new Cluster({
    logger: createLogger({ level: logLevel.ERROR, logCreator: createConsoleLogger }),
    socketFactory: createSocketFactory(),
    brokers: () => [bootstrap],
    clientId: "klite-compat",
    connectionTimeout: 10_000,
    authenticationTimeout: 10_000,
    metadataMaxAge: 300_000,
    retry: { retries: 5 },
    allowAutoTopicCreation: false,
  });
}

async function fetchFrom(
  broker: InnerBroker,
  topic: string,
  partition: number,
  offset: number,
): Promise<readonly FetchedMessage[]> {
  const { responses } = await broker.fetch({
    isolationLevel: 0,
    maxWaitTime: 500,
    minBytes: 1,
    maxBytes: 8 * 1024 * 1024,
    rackId: "",
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 4 * 1024 * 1024 }] }],
  });
  return responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages));
}

function toMessage(record: DataRecord): Message {
  // Without a prototype, a header may have any name.
  const headers: Record<string, Buffer[]> = Object.create(null);
  for (const { name, value } of record.headers) (headers[name] ??= []).push(Buffer.from(value ?? []));
  return {
    partition: record.partition,
    timestamp: String(record.timestampMs),
    key: record.key === null ? null : Buffer.from(record.key),
    value: record.value === null ? null : Buffer.from(record.value),
    headers,
  };
}

function toRecord(message: FetchedMessage, partition: number): DataRecord {
  const headers = Object.entries(message.headers).flatMap(([name, values]): DataHeader[] =>
    Array.isArray(values) ? values.map((value) => ({ name, value })) : [{ name, value: asOne(values) }]
  );
  return {
    partition,
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers,
  };
}

function asOne(value: Buffer | null | readonly (Buffer | null)[]): Buffer | null {
  return Buffer.isBuffer(value) ? value : null;
}

addCodecs();
await runProgram(program);
