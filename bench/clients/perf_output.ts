/** Reads what Kafka's load tools print. */
import type { LatencySummary } from "../measure/histogram.ts";

/** What kafka-producer-perf-test says of the records behind its warm-up. */
export interface ProducerPerf {
  readonly recordsPerSecond: number;
  readonly latency: LatencySummary;
}

/** What kafka-consumer-perf-test says. */
export interface ConsumerPerf {
  readonly records: number;
  /** From the end of joining the group to the last record. */
  readonly fetchMs: number;
}

const SUMMARY = new RegExp(
  String.raw`^(\d+) (?:steady state )?records sent, ([\d.]+) records/sec \(.*\), .* avg latency, ` +
    String.raw`([\d.]+) ms max latency, (\d+) ms 50th, \d+ ms 95th, (\d+) ms 99th, (\d+) ms 99\.9th\.$`,
);

/** Takes the last summary, which leaves the warm-up out when there was one. Throws when there is none. */
export function parseProducerPerf(output: string): ProducerPerf {
  const found = output.split("\n").map((line) => SUMMARY.exec(line.trim())).findLast((match) =>
    match !== null
  );
  if (found === undefined) throw new Error(`kafka-producer-perf-test gave no summary: ${output.slice(-300)}`);
  const [count, recordsPerSecond, maxMs, p50Ms, p99Ms, p999Ms] = found.slice(1).map(Number);
  return {
    recordsPerSecond: recordsPerSecond!,
    latency: { count: count!, p50Ms: p50Ms!, p99Ms: p99Ms!, p999Ms: p999Ms!, maxMs: maxMs!, curveMs: [] },
  };
}

/** Reads the one line of figures, printed without its head. Throws when there is none. */
export function parseConsumerPerf(output: string): ConsumerPerf {
  for (const line of output.split("\n")) {
    const cells = line.split(", ");
    const [records, fetchMs] = [Number(cells[4]), Number(cells[7])];
    if (cells.length === 10 && Number.isFinite(records) && fetchMs > 0) return { records, fetchMs };
  }
  throw new Error(`kafka-consumer-perf-test gave no figures: ${output.slice(-300)}`);
}
