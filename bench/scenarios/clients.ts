/** Real clients under the same loads: what users will see, with the client's own cost in it. */
import type { PerfOptions } from "../clients/client_topic.ts";
import { runConsumerPerf, runProducerPerf } from "../clients/perf_tools.ts";
import { runRdkafkaConsume, runRdkafkaProduce } from "../clients/rdkafka.ts";
import type { LoadTimes, Target } from "../load/job.ts";
import type { RunFigures } from "../report/model.ts";
import { type NeededApi, RECORD_BYTES, type Scenario } from "./scenario.ts";

/** Clients count records, not seconds: about what a second takes on a small machine. */
const JAVA_RECORDS_PER_SECOND = 40_000;
const RDKAFKA_RECORDS_PER_SECOND = 80_000;

export const CLIENTS: readonly Scenario[] = [
  client({
    name: "producer-perf",
    title: "kafka-producer-perf-test, 1 KiB records, acks=all, idempotent, as the tool comes",
    isQuick: true,
    needs: { key: 22, name: "InitProducerId" },
    recordsPerSecond: JAVA_RECORDS_PER_SECOND,
    run: runProducerPerf,
  }),
  client({
    name: "consumer-perf",
    title: "kafka-consumer-perf-test, 1 KiB records in batches of 16 KiB, in a group, as the tool comes",
    isQuick: false,
    needs: { key: 11, name: "JoinGroup" },
    recordsPerSecond: JAVA_RECORDS_PER_SECOND,
    run: runConsumerPerf,
  }),
  client({
    name: "rdkafka-produce",
    title:
      "librdkafka's producer with its defaults (acks=all, linger 5 ms), 1 KiB records, driven from Python",
    isQuick: false,
    needs: null,
    recordsPerSecond: RDKAFKA_RECORDS_PER_SECOND,
    run: runRdkafkaProduce,
  }),
  client({
    name: "rdkafka-consume",
    title:
      "librdkafka's consumer with its defaults and assigned partitions, 1 KiB records in batches of 16 KiB, driven from Python",
    isQuick: false,
    needs: null,
    recordsPerSecond: RDKAFKA_RECORDS_PER_SECOND,
    run: runRdkafkaConsume,
  }),
];

interface Client {
  readonly name: string;
  readonly title: string;
  readonly isQuick: boolean;
  readonly needs: NeededApi | null;
  readonly recordsPerSecond: number;
  run(target: Target, options: PerfOptions): Promise<RunFigures>;
}

function client({ name, title, isQuick, needs, recordsPerSecond, run }: Client): Scenario {
  return {
    ...{ name, title, group: "clients", isQuick, asks: "peers", needs, boundBy: "client" },
    measure: (target, topic, times) => run(target, { topic, ...amounts(recordsPerSecond, times) }),
  };
}

function amounts(recordsPerSecond: number, { warmupMs, windowMs }: LoadTimes): Omit<PerfOptions, "topic"> {
  const recordsIn = (durationMs: number) => Math.round(recordsPerSecond * durationMs / 1000);
  return { records: recordsIn(windowMs), warmupRecords: recordsIn(warmupMs), recordBytes: RECORD_BYTES };
}
