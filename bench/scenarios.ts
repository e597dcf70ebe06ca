/** What is measured, as data: one entry is one table of the report. */
import { runConsumerPerf, runProducerPerf } from "./clients/perf_tools.ts";
import { recordsPerBatch } from "./load/batches.ts";
import type { LoadJob, LoadTimes, Target } from "./load/job.ts";
import { runLoad } from "./load_process.ts";
import type { BoundBy, RunFigures } from "./report/model.ts";

/** An API that not every broker serves. */
interface NeededApi {
  readonly key: number;
  readonly name: string;
}

/** One thing to measure, the same way against every system. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly boundBy: BoundBy;
  /** What a broker must serve for the scenario to make sense. */
  readonly needs: NeededApi | null;
  /** Loads the broker on a topic of that name and returns what was measured. Throws when an answer is wrong. */
  measure(target: Target, topic: string, times: LoadTimes): Promise<RunFigures>;
}

const RECORD_BYTES = 1024;
const BATCH_64_KIB = recordsPerBatch(64 * 1024, RECORD_BYTES);
const BATCH_1_MIB = recordsPerBatch(1024 * 1024, RECORD_BYTES);
const PRODUCE_BYTES_MAX = 2_000_000_000;
const PER_FETCHED_TOPIC_BYTES = 32_000_000;
const CATCH_UP_BYTES = 400_000_000;

/** Kafka's tools count records, not seconds: about what a few seconds take on a small machine. */
const TOOL_RECORDS_PER_SECOND = 40_000;

/** What a broker gets to do before the first scenario of a round; its figures are thrown away. */
export const WARM_UP: Scenario = produce("warm-up", "small batches, to run every broker's code once", {
  connections: 4,
  inFlight: 4,
  recordsPerBatch: 4,
});

/** All that can be measured, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  produce("produce-1m", "1 MiB batches of 1 KiB records, 1 connection × 4 in flight", {
    connections: 1,
    inFlight: 4,
    recordsPerBatch: BATCH_1_MIB,
  }),
  produce("produce-64k", "64 KiB batches of 1 KiB records, 4 connections × 4 in flight", {
    connections: 4,
    inFlight: 4,
    recordsPerBatch: BATCH_64_KIB,
  }),
  produce("produce-one", "requests of one 1 KiB record, 16 connections × 1 in flight", {
    connections: 16,
    inFlight: 1,
    recordsPerBatch: 1,
  }),
  produce("produce-one-pipelined", "requests of one 1 KiB record, 16 connections × 8 in flight", {
    connections: 16,
    inFlight: 8,
    recordsPerBatch: 1,
  }),
  fetch("fetch-1m", "fetches of 1 MiB from the newest 32 MB, 1 connection", {
    connections: 1,
    fetchBytes: 1024 * 1024,
    preloadBytes: PER_FETCHED_TOPIC_BYTES,
  }),
  fetch("fetch-64k", "fetches of 64 KiB from the newest 32 MB, 4 connections", {
    connections: 4,
    fetchBytes: 64 * 1024,
    preloadBytes: PER_FETCHED_TOPIC_BYTES / 4,
  }),
  fetch("fetch-catch-up", "fetches of 1 MiB over 400 MB that were just written, 1 connection", {
    connections: 1,
    fetchBytes: 1024 * 1024,
    preloadBytes: CATCH_UP_BYTES,
  }),
  load(
    "end-to-end-20k",
    "20,000 records of 1 KiB a second from a producer to a consumer",
    "rate",
    (topic) => ({
      kind: "endToEnd",
      topic,
      recordsPerSecond: 20_000,
      recordBytes: RECORD_BYTES,
    }),
  ),
  {
    name: "producer-perf",
    title: "kafka-producer-perf-test, 1 KiB records, acks=all, idempotent, as the tool comes",
    boundBy: "client",
    needs: { key: 22, name: "InitProducerId" },
    measure: (target, topic, times) => runProducerPerf(target, { topic, ...toolRecords(times) }),
  },
  {
    name: "consumer-perf",
    title: "kafka-consumer-perf-test, 1 KiB records, as the tool comes",
    boundBy: "client",
    needs: { key: 11, name: "JoinGroup" },
    measure: (target, topic, times) => runConsumerPerf(target, { topic, ...toolRecords(times) }),
  },
];

type WithoutTimes<Job> = Job extends LoadTimes ? Omit<Job, keyof LoadTimes> : never;

function load(
  name: string,
  title: string,
  boundBy: BoundBy,
  job: (topic: string) => WithoutTimes<LoadJob>,
): Scenario {
  return {
    name,
    title,
    boundBy,
    needs: null,
    measure: (target, topic, times) => runLoad({ ...job(topic), ...times }, target),
  };
}

interface ProduceShape {
  readonly connections: number;
  readonly inFlight: number;
  readonly recordsPerBatch: number;
}

function produce(name: string, title: string, shape: ProduceShape): Scenario {
  return load(name, title, shape.recordsPerBatch === 1 ? "requests" : "produce", (topic) => ({
    kind: "produce",
    topic,
    ...shape,
    recordBytes: RECORD_BYTES,
    bytesMax: PRODUCE_BYTES_MAX,
  }));
}

interface FetchShape {
  readonly connections: number;
  readonly fetchBytes: number;
  readonly preloadBytes: number;
}

function fetch(name: string, title: string, shape: FetchShape): Scenario {
  return load(name, title, "fetch", (topic) => ({
    kind: "fetch",
    topic,
    ...shape,
    recordsPerBatch: BATCH_64_KIB,
    recordBytes: RECORD_BYTES,
  }));
}

function toolRecords({ warmupMs, windowMs }: LoadTimes) {
  const recordsIn = (durationMs: number) => Math.round(TOOL_RECORDS_PER_SECOND * durationMs / 1000);
  return { records: recordsIn(windowMs), warmupRecords: recordsIn(warmupMs), recordBytes: RECORD_BYTES };
}
