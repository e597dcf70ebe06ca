/**
 * What the bench asks of its load process and what it is told. The load runs in a
 * process of its own, so that reports, timers and brokers' logs never wait on it.
 */
import type { LatencySummary } from "../measure/histogram.ts";
import type { ProfileOrder } from "../profile/model.ts";
import type { Endpoint } from "./connection.ts";

/** The broker under load. */
export interface Target extends Endpoint {
  /** Its processes, whose CPU and memory are sampled. */
  readonly pids: readonly number[];
  /** Where it keeps its data. */
  readonly dataDir: string;
  /** A profile to be taken while the load is measured. */
  readonly profile?: ProfileOrder;
}

/** How long to load: the warm-up is not counted. */
export interface LoadTimes {
  readonly warmupMs: number;
  readonly windowMs: number;
}

/** The batch that a load sends over and over. */
export interface BatchShape {
  readonly recordsPerBatch: number;
  readonly recordBytes: number;
  /** Compressed batches carry text, all others random bytes. */
  readonly compression: "lz4" | null;
}

/** Every connection writes one pre-encoded batch to its own partitions, over and over. */
export interface ProduceJob extends LoadTimes, BatchShape {
  readonly kind: "produce";
  readonly topic: string;
  readonly connections: number;
  /** Requests that one connection keeps unanswered. */
  readonly inFlight: number;
  /** Partitions of the topic. */
  readonly partitions: number;
  /** The first so many of them are written to, each by one connection. */
  readonly busyPartitions: number;
  /** Partitions of another topic that stand beside and are not used. */
  readonly idlePartitions: number;
  /** Whether batches carry a producer id and sequence numbers. */
  readonly isIdempotent: boolean;
  /** Most payload to write, warm-up included; the window ends early when it is reached. */
  readonly bytesMax: number;
}

/** Every connection reads its own partition from the first record to the last, over and over. */
export interface FetchJob extends LoadTimes, BatchShape {
  readonly kind: "fetch";
  readonly topic: string;
  readonly connections: number;
  /** Most bytes that one request asks for. */
  readonly fetchBytes: number;
  /** How much is written to each partition before. */
  readonly preloadBytes: number;
  /** Read once, when neither the broker nor the system has it in memory. */
  readonly isCold: boolean;
}

/** One connection reads one partition over and over, in a fetch session that has others, which are empty. */
export interface SessionFetchJob extends LoadTimes, BatchShape {
  readonly kind: "sessionFetch";
  readonly topic: string;
  /** Partitions of the topic and of the session. */
  readonly partitions: number;
  readonly fetchBytes: number;
  /** How much is written to the partition before. */
  readonly preloadBytes: number;
}

/** Connections share out the partitions of a topic that is there and read each from its first record to its last. */
export interface StoredReadJob extends LoadTimes {
  readonly kind: "storedRead";
  readonly topic: string;
  readonly partitions: number;
  readonly connections: number;
  readonly fetchBytes: number;
  readonly recordBytes: number;
  /** Over and over until the window ends; else once. */
  readonly isEndless: boolean;
}

/** Every partition has a producer and a consumer, at full speed. */
export interface ProduceConsumeJob extends LoadTimes, BatchShape {
  readonly kind: "produceConsume";
  readonly topic: string;
  /** Producers, consumers and partitions. */
  readonly pairs: number;
  readonly inFlight: number;
  /** The window ends early when so much payload was written and read. */
  readonly bytesMax: number;
}

/** One connection asks for the metadata of all topics, over and over. A record is a partition that is told of. */
export interface MetadataJob extends LoadTimes {
  readonly kind: "metadata";
  /** What the names of the topics begin with. */
  readonly topic: string;
  readonly topics: number;
  /** Of each topic. */
  readonly partitions: number;
}

/** Records at a fixed rate. */
export interface RateShape {
  readonly recordsPerSecond: number;
  readonly recordBytes: number;
}

/** One producer at a fixed rate. */
export interface ProduceAtRateJob extends LoadTimes, RateShape {
  readonly kind: "produceAtRate";
  readonly topic: string;
}

/** One producer and one consumer of one partition, at a fixed rate. */
export interface EndToEndJob extends LoadTimes, RateShape {
  readonly kind: "endToEnd";
  readonly topic: string;
}

/** Frames of one size that are answered with frames of another. */
export interface ExchangeShape {
  readonly requestBytes: number;
  readonly answerBytes: number;
  readonly connections: number;
  /** Requests that one connection keeps unanswered. */
  readonly inFlight: number;
  /** Requests are answered when they are durable. */
  readonly isDurable: boolean;
}

/** Measures what this machine can do at best. */
export interface LimitsJob {
  readonly kind: "limits";
  readonly exchanges: readonly ExchangeShape[];
  /** Where to write the file for the disk's limit. */
  readonly dir: string;
  readonly windowMs: number;
}

export type LoadJob =
  | ProduceJob
  | FetchJob
  | SessionFetchJob
  | MetadataJob
  | StoredReadJob
  | ProduceConsumeJob
  | ProduceAtRateJob
  | EndToEndJob;

/** One job for the load process. */
export type Job = { readonly job: LoadJob; readonly target: Target } | {
  readonly job: LimitsJob;
};

/** What a load gave. Bytes are those of the record values. */
export interface LoadResult {
  readonly windowMs: number;
  readonly records: number;
  readonly bytes: number;
  /** Answered requests; null where requests are not what is measured. */
  readonly requests: number | null;
  readonly latency: LatencySummary;
  /** What the connection with the fewest answers got of an equal share, 0 to 1; null where there is no such thing. */
  readonly slowestShare: number | null;
  /** User and system time of the broker's processes within the window. */
  readonly brokerCpuSeconds: number;
  /** Highest resident memory of the broker's processes since the load began. */
  readonly brokerPeakBytes: number;
  /** User and system time of the load process within the window. */
  readonly loadCpuSeconds: number;
  /** Time that everything else on the machine took within the window: what disturbed the measurement. */
  readonly othersCpuSeconds: number;
}

/** A limit of the disk: writes one after another, each ended by fdatasync. */
export interface DiskLimit {
  readonly writeBytes: number;
  /** Whether the file's blocks were there before, or had to be allocated as they were written. */
  readonly blocks: "allocated" | "fresh";
  readonly megabytesPerSecond: number;
  readonly sync: LatencySummary;
}

/** What an exchange takes whoever answers and does nothing else. */
export interface ExchangeLimit extends ExchangeShape {
  readonly perSecond: number;
  /** Processor time of one answer, microseconds. */
  readonly cpuMicros: number;
}

/** This machine at its best, for ratios. MB are 10^6 bytes. */
export interface LimitsResult {
  readonly socketMegabytesPerSecond: number;
  readonly crc32c: readonly { readonly bytes: number; readonly megabytesPerSecond: number }[];
  readonly disk: readonly DiskLimit[];
  readonly exchanges: readonly ExchangeLimit[];
}

/** What the load process prints. */
export type JobOutcome<Result = LoadResult | LimitsResult> = { readonly result: Result } | {
  readonly failure: string;
};
