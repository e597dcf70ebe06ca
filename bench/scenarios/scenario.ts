/** What a scenario is, and the kinds that our own load process runs. */
import { LINGER_BATCH_BYTES, recordsPerBatch } from "../load/batches.ts";
import type { FetchJob, LoadJob, LoadTimes, ProduceJob, Target } from "../load/job.ts";
import { runLoad } from "../load_process.ts";
import type { BoundBy, RunFigures } from "../report/model.ts";

/** Scenarios that are measured on the same brokers, one after another. */
export const GROUPS = ["core", "latency", "scale", "topics", "clients", "security"] as const;
export type Group = typeof GROUPS[number];

/**
 * Which systems a scenario is put to: klite and its peers, klite alone (a target of its own, too much
 * for others), or klite, the same again and one that asks for rights.
 */
export type Asks = "peers" | "ours" | "rights";

/** An API that not every broker serves. */
export interface NeededApi {
  readonly key: number;
  readonly name: string;
}

/** One thing to measure, the same way against every system. */
export interface Scenario {
  /** Short, for options, tables and links. */
  readonly name: string;
  /** One line for people: what is sent, by how many, how. */
  readonly title: string;
  readonly group: Group;
  readonly boundBy: BoundBy;
  /** Whether a quick run has it. */
  readonly isQuick: boolean;
  /** What a broker must serve for the scenario to make sense. */
  readonly needs: NeededApi | null;
  readonly asks: Asks;
  /** Loads the broker on a topic of that name and returns what was measured. Throws when an answer is wrong. */
  measure(target: Target, topic: string, times: LoadTimes): Promise<RunFigures>;
}

/** What most records of the bench are. */
export const RECORD_BYTES = 1024;
const SMALL_RECORD_BYTES = 100;

/** As Kafka's producer forms them with a linger. */
export const LINGER_BATCH: BatchSize = batch(LINGER_BATCH_BYTES, RECORD_BYTES);
export const LINGER_BATCH_OF_SMALL: BatchSize = batch(LINGER_BATCH_BYTES, SMALL_RECORD_BYTES);
export const BATCH_64K: BatchSize = batch(64 * 1024, RECORD_BYTES);
export const BATCH_1M: BatchSize = batch(1024 * 1024, RECORD_BYTES);
export const ONE_RECORD: BatchSize = { recordsPerBatch: 1, recordBytes: RECORD_BYTES };

const PRODUCE_BYTES_MAX = 2_000_000_000;

/** How large batches are. */
export interface BatchSize {
  readonly recordsPerBatch: number;
  readonly recordBytes: number;
}

/** What tells scenarios apart for whoever chooses among them. */
export interface Label {
  readonly name: string;
  readonly title: string;
  readonly group: Group;
  readonly isQuick?: boolean;
  readonly asks?: Asks;
}

/** A job without its times, which are the same for all. */
type WithoutTimes<Job> = Job extends LoadTimes ? Omit<Job, keyof LoadTimes> : never;

/** A scenario for the load process. */
export function load(
  label: Label,
  boundBy: BoundBy,
  job: (topic: string) => WithoutTimes<LoadJob>,
  times: Partial<LoadTimes> = {},
): Scenario {
  return {
    isQuick: false,
    asks: "peers",
    ...label,
    boundBy,
    needs: null,
    measure: (target, topic, usual) => runLoad({ ...job(topic), ...usual, ...times }, target),
  };
}

/** How producers write. */
export interface ProduceShape extends BatchSize {
  readonly connections: number;
  readonly inFlight: number;
  readonly options?: Partial<
    Pick<
      ProduceJob,
      "partitions" | "busyPartitions" | "idlePartitions" | "isIdempotent" | "compression" | "bytesMax"
    >
  >;
}

/** Producers at full speed, each with its own partitions. */
export function produce(label: Label, boundBy: BoundBy, { options = {}, ...shape }: ProduceShape): Scenario {
  const partitions = options.partitions ?? shape.connections;
  return load(label, boundBy, (topic) => ({
    kind: "produce",
    topic,
    isIdempotent: false,
    compression: null,
    busyPartitions: options.busyPartitions ?? partitions,
    idlePartitions: 0,
    bytesMax: PRODUCE_BYTES_MAX,
    ...options,
    ...shape,
    partitions,
  }));
}

/** How consumers read. */
export type FetchShape = Pick<FetchJob, "connections" | "fetchBytes" | "preloadBytes" | "isCold">;

/** Consumers at full speed over what was written before, in batches of 64 KiB. */
export function fetch(label: Label, shape: FetchShape, times: Partial<LoadTimes> = {}): Scenario {
  return load(
    label,
    "fetch",
    (topic) => ({ kind: "fetch", topic, compression: null, ...BATCH_64K, ...shape }),
    times,
  );
}

function batch(batchBytes: number, recordBytes: number): BatchSize {
  return { recordsPerBatch: recordsPerBatch(batchBytes, recordBytes), recordBytes };
}
