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
  /** A profile to be taken while the load is measured. */
  readonly profile?: ProfileOrder;
}

/** How long to load: the warm-up is not counted. */
export interface LoadTimes {
  readonly warmupMs: number;
  readonly windowMs: number;
}

/** Every connection writes one pre-encoded batch to its own partition, over and over. */
export interface ProduceJob extends LoadTimes {
  readonly kind: "produce";
  readonly topic: string;
  readonly connections: number;
  /** Requests that one connection keeps unanswered. */
  readonly inFlight: number;
  readonly recordsPerBatch: number;
  readonly recordBytes: number;
  /** Most payload to write, warm-up included; the window ends early when it is reached. */
  readonly bytesMax: number;
}

/** Every connection reads its own partition from the first record to the last, over and over. */
export interface FetchJob extends LoadTimes {
  readonly kind: "fetch";
  readonly topic: string;
  readonly connections: number;
  /** Most bytes that one request asks for. */
  readonly fetchBytes: number;
  /** How much is written to each partition before. */
  readonly preloadBytes: number;
  readonly recordsPerBatch: number;
  readonly recordBytes: number;
}

/** One producer and one consumer of one partition, at a fixed rate. */
export interface EndToEndJob extends LoadTimes {
  readonly kind: "endToEnd";
  readonly topic: string;
  readonly recordsPerSecond: number;
  readonly recordBytes: number;
}

/** Measures what this machine can do at best. */
export interface LimitsJob {
  readonly kind: "limits";
  /** Where to write the file for the disk's limit. */
  readonly dir: string;
  readonly windowMs: number;
}

export type LoadJob = ProduceJob | FetchJob | EndToEndJob;

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
  /** User and system time of the broker's processes within the window. */
  readonly brokerCpuSeconds: number;
  /** Highest resident memory of the broker's processes since the load began. */
  readonly brokerPeakBytes: number;
  /** User and system time of the load process within the window. */
  readonly loadCpuSeconds: number;
  /** Time that everything else on the machine took within the window: what disturbed the measurement. */
  readonly othersCpuSeconds: number;
}

/** What a limit of the disk or of a checksum was measured with. */
export interface DiskLimit {
  readonly writeBytes: number;
  readonly megabytesPerSecond: number;
  readonly sync: LatencySummary;
}

/** This machine at its best, for ratios. MB are 10^6 bytes. */
export interface LimitsResult {
  readonly socketMegabytesPerSecond: number;
  readonly crc32c: readonly { readonly bytes: number; readonly megabytesPerSecond: number }[];
  readonly disk: readonly DiskLimit[];
}

/** What the load process prints. */
export type JobOutcome<Result = LoadResult | LimitsResult> = { readonly result: Result } | {
  readonly failure: string;
};
