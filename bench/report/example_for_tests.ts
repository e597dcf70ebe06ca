/** A small report with round figures, for the tests of summaries and pages. */
import type { LimitsResult } from "../load/job.ts";
import { type BenchReport, REPORT_FORMAT, type RunFigures } from "./model.ts";

/** Limits of which the checksum is the slowest. */
export const LIMITS: LimitsResult = {
  socketMegabytesPerSecond: 3_000,
  crc32c: [{ bytes: 64 * 1024, megabytesPerSecond: 1_000 }],
  disk: [
    {
      writeBytes: 4096,
      blocks: "allocated",
      megabytesPerSecond: 20,
      sync: { count: 9, p50Ms: 0.2, p99Ms: 1, p999Ms: 2, maxMs: 2, curveMs: [] },
    },
    {
      writeBytes: 1024 * 1024,
      blocks: "allocated",
      megabytesPerSecond: 2_000,
      sync: { count: 9, p50Ms: 0.5, p99Ms: 2, p999Ms: 3, maxMs: 3, curveMs: [] },
    },
  ],
  exchanges: [{
    requestBytes: 65_636,
    answerBytes: 100,
    connections: 4,
    inFlight: 4,
    isDurable: true,
    perSecond: 30_000,
    cpuMicros: 65.636,
  }],
};

/** Two seconds at `factor` × 100,000 records of 1 KiB a second. */
export function aRun(factor: number, change: Partial<RunFigures> = {}): { readonly figures: RunFigures } {
  return {
    figures: {
      windowMs: 2_000,
      records: 200_000 * factor,
      bytes: 204_800_000 * factor,
      requests: 3_200 * factor,
      latency: { count: 3_200 * factor, p50Ms: 1, p99Ms: 4, p999Ms: 9, maxMs: 12, curveMs: [] },
      slowestShare: null,
      brokerCpuSeconds: factor === 2 ? 1 : 0.5,
      brokerPeakBytes: 150_000_000,
      loadCpuSeconds: 0.5,
      othersCpuSeconds: 0.2,
      ...change,
    },
  };
}

/** klite with three runs, a peer half as fast that takes twice the CPU, and one that failed. */
export function aReport(): BenchReport {
  return {
    format: REPORT_FORMAT,
    startedAt: "2026-01-02T03:04:05.000Z",
    tookSeconds: 61,
    effort: { runs: 3, windowMs: 2_000, warmupMs: 500, quick: false },
    machine: {
      cpu: "Some CPU",
      cores: 2,
      memoryBytes: 24_000_000_000,
      system: "Linux 6.0 x86_64",
      filesystem: "ext4",
      deno: "2.9.6",
    },
    limits: LIMITS,
    systems: [
      { name: "klite", title: "klite as it comes", version: "1.2.3" },
      { name: "kafka", title: "Apache Kafka as it comes", version: "4.3.1" },
    ],
    starts: [{ system: "klite", startMs: [30, 20, 40], idleBytes: [36e6, 36e6, 36e6], failure: null }],
    scenarios: [{
      name: "produce-64k",
      title: "64 KiB batches",
      group: "core",
      boundBy: "produce",
      systems: [
        { system: "klite", lacks: null, runs: [aRun(2), aRun(1), aRun(3)] },
        { system: "kafka", lacks: null, runs: [aRun(1, { brokerCpuSeconds: 1 })] },
        { system: "kafka-fsync", lacks: null, runs: [aRun(1), { failure: "it ended with code 1\nstack" }] },
      ],
    }],
  };
}

/** A report of what rights cost, of another day, with these CPU seconds per gigabyte by system. */
export function aRightsReport(cpuSeconds: Readonly<Record<string, number>>): BenchReport {
  return {
    ...aReport(),
    startedAt: "2026-01-03T04:05:06.000Z",
    effort: { runs: 40, windowMs: 600, warmupMs: 200, quick: false },
    systems: Object.keys(cpuSeconds).map((name) => ({
      name,
      title: `${name} as the test has it`,
      version: "1.2.4",
    })),
    starts: [],
    scenarios: [{
      name: "produce-64k-rights",
      title: "64 KiB batches with rights",
      group: "security",
      boundBy: "requests",
      systems: Object.entries(cpuSeconds).map(([system, brokerCpuSeconds]) => {
        return { system, lacks: null, runs: [aRun(1, { bytes: 1e9, brokerCpuSeconds })] };
      }),
    }],
  };
}
