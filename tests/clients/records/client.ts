/** What the suite knows of a client: how it writes a topic, how it reads one, and what it cannot do. */
import type { DataRecord } from "./data_record.ts";

/** Kafka's compression codecs, by the names that every client's configuration uses. */
export const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type Codec = typeof CODECS[number];

/** A topic, who writes it and what it must hold afterwards. */
export interface TopicData {
  readonly name: string;
  readonly writer: string;
  readonly codec: Codec;
  readonly partitions: number;
  /** In the order of producing, with the offsets they must get. */
  readonly records: readonly DataRecord[];
  /** False when the writer cannot choose timestamps; they are not compared then. */
  readonly timestampsKnown: boolean;
}

/** The writing side of a client. */
export interface Writer {
  /** What of the data set it cannot say; empty when it can say all. */
  readonly limits: string;
  /** How many partitions its topics have. */
  readonly partitions: number;
  readonly setsTimestamps: boolean;
  /** The data set as far as this client can write it: as many records, each as near as can be. */
  express(records: readonly DataRecord[]): readonly DataRecord[];
  /** Writes the topic's records in their order, with every acknowledgement awaited. */
  write(bootstrap: string, topic: TopicData): Promise<void>;
}

/** A topic to read and where to put what was read. */
export interface ReadTarget {
  readonly topic: TopicData;
  readonly outputFile: string;
}

/** The reading side of a client. */
export interface Reader {
  /** What it cannot tell apart when reading; empty when it sees all. */
  readonly limits: string;
  /** The partitions of this topic that it reads; none when it does not read the topic. */
  partitionsOf(topic: TopicData): readonly number[];
  /** Reads the topics from their beginning, with assigned partitions, into the targets' files. */
  read(bootstrap: string, targets: readonly ReadTarget[]): Promise<void>;
  /** How one record of the topic must look in the output file. */
  render(record: DataRecord, topic: TopicData): Uint8Array;
}

/** A client that nobody here wrote. */
export interface Client {
  readonly name: string;
  readonly writer: Writer | null;
  readonly reader: Reader | null;
  /** Installs what it needs, once. Returns the version in use. */
  prepare(): Promise<string>;
}

/** Every partition of the topic. */
export function allPartitions(topic: TopicData): number[] {
  return Array.from({ length: topic.partitions }, (_, partition) => partition);
}

/** How many records each partition of the topic holds. */
export function recordCounts(topic: TopicData): number[] {
  const counts = new Array<number>(topic.partitions).fill(0);
  for (const { partition } of topic.records) counts[partition] = (counts[partition] ?? 0) + 1;
  return counts;
}
