/** Apache Kafka's own load tools, with Kafka's own client: what a user would run. */
import { kafkaJars } from "../../tests/support/kafka_jars.ts";
import type { Target } from "../load/job.ts";
import { cpuSeconds, peakResidentBytes, resetPeak } from "../measure/process.ts";
import { RunningProfile } from "../profile/profiler.ts";
import type { RunFigures } from "../report/model.ts";
import { createClientTopic, expectRecords, fillClientTopic, type PerfOptions } from "./client_topic.ts";
import { parseConsumerPerf, parseProducerPerf } from "./perf_output.ts";

const TIMEOUT_MS = 180_000;

/** kafka-producer-perf-test with the producer's defaults: acks=all, idempotence. */
export async function runProducerPerf(target: Target, options: PerfOptions): Promise<RunFigures> {
  const total = options.warmupRecords + options.records;
  await createClientTopic(target, options.topic);
  const { result, cpu, peakBytes } = await measured(target, () => produce(target, options));
  await expectRecords(target, options.topic, total);
  return {
    windowMs: options.records / result.recordsPerSecond * 1000,
    records: options.records,
    bytes: options.records * options.recordBytes,
    requests: null,
    slowestShare: null,
    latency: result.latency,
    // The tool cannot say when its warm-up ended: its share of the CPU time goes by records.
    brokerCpuSeconds: cpu * options.records / total,
    brokerPeakBytes: peakBytes,
    loadCpuSeconds: null,
    othersCpuSeconds: null,
  };
}

/** kafka-consumer-perf-test over a topic that was just filled. */
export async function runConsumerPerf(target: Target, options: PerfOptions): Promise<RunFigures> {
  const total = await fillClientTopic(target, options);
  const { result, cpu, peakBytes } = await measured(target, () => consume(target, options.topic, total));
  if (result.records !== total) throw new Error(`the consumer got ${result.records} of ${total} records`);
  return {
    windowMs: result.fetchMs,
    records: total,
    bytes: total * options.recordBytes,
    requests: null,
    slowestShare: null,
    latency: null,
    brokerCpuSeconds: cpu,
    brokerPeakBytes: peakBytes,
    loadCpuSeconds: null,
    othersCpuSeconds: null,
  };
}

/** Runs a client and takes the broker's CPU time and memory around it, and a profile where one was ordered. */
export async function measured<T>(
  { pids, profile: order }: Target,
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly cpu: number; readonly peakBytes: number }> {
  const cpuNow = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  for (const pid of pids) resetPeak(pid);
  const profile = order === undefined ? null : await RunningProfile.begin(order, pids[0]!);
  const before = cpuNow();
  const result = await run();
  const cpu = cpuNow() - before;
  await profile?.end();
  const peakBytes = pids.reduce((sum, pid) => sum + peakResidentBytes(pid), 0);
  return { result, cpu, peakBytes };
}

async function produce({ host, port }: Target, options: PerfOptions) {
  const args = [
    ...["--bootstrap-server", `${host}:${port}`, "--topic", options.topic],
    ...["--num-records", String(options.warmupRecords + options.records)],
    ...["--warmup-records", String(options.warmupRecords)],
    ...["--record-size", String(options.recordBytes), "--throughput", "-1"],
  ];
  return parseProducerPerf(await runTool("ProducerPerformance", args));
}

async function consume({ host, port }: Target, topic: string, records: number) {
  const args = [
    ...["--bootstrap-server", `${host}:${port}`, "--topic", topic],
    ...["--num-records", String(records), "--hide-header"],
  ];
  return parseConsumerPerf(await runTool("ConsumerPerformance", args));
}

async function runTool(tool: string, args: readonly string[]): Promise<string> {
  const jars = await kafkaJars();
  const { stdout } = await jars.run(`org.apache.kafka.tools.${tool}`, args, { timeoutMs: TIMEOUT_MS });
  return new TextDecoder().decode(stdout);
}
