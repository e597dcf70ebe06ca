/** docs/performance.md, drawn from the figures of one run. */
import type { LimitsResult } from "../load/job.ts";
import {
  briefFailure,
  formatFactor,
  formatMegabytes,
  formatNumber,
  formatPercent,
  formatSpread,
  markdownTable,
} from "./format.ts";
import { median } from "../measure/statistics.ts";
import type { BenchReport } from "./model.ts";
import {
  type Comparison,
  type FiguresSummary,
  OURS,
  type ScenarioSummary,
  type StartSummary,
  summarizeScenario,
  summarizeStarts,
} from "./summary.ts";

/** Up to this share of a core a machine counts as at rest. */
const OTHERS_SHARE_AT_REST = 0.25;

/** The whole page. */
export function performancePage(report: BenchReport): string {
  const scenarios = report.scenarios.map((scenario) => summarizeScenario(scenario, report.limits));
  return [
    opening(report),
    disturbance(scenarios),
    atAGlance(scenarios),
    ...scenarios.map(scenarioSection),
    startsSection(report.starts.map(summarizeStarts)),
    limitsSection(report.limits),
    MEANING,
    REPRODUCE,
  ].filter((part) => part !== "").join("\n\n") + "\n";
}

function opening({ machine, effort, startedAt, systems, tookSeconds }: BenchReport): string {
  const runs = effort.runs === 1 ? "one run" : `medians of ${effort.runs} runs`;
  const quick = effort.quick ? " **This was a quick run: good for a first look, not for quoting.**" : "";
  return `# Performance

This page is written by \`deno task bench --write-docs\` from the figures of one run of the bench. klite and its peers
were loaded in turn on the same machine, the order changing from round to round. Figures are ${runs} of
${effort.windowMs / 1000} s each after ${
    (effort.warmupMs / 1000).toFixed(1)
  } s of warm-up, with the range in brackets. Trust
the ratios more than the rates: load generator and broker share the cores.${quick}

- Machine: ${machine.cores} cores (${machine.cpu}), ${formatNumber(machine.memoryBytes / 1e9)} GB of memory,
  ${machine.system}, data on ${machine.filesystem}, Deno ${machine.deno}.
- Taken on ${startedAt.slice(0, 10)} in ${Math.ceil(tookSeconds / 60)} minutes.
${systems.map(({ name, title, version }) => `- \`${name}\` (${version}): ${title}.`).join("\n")}`;
}

/** Says so when the machine had other things to do while it was measured. */
function disturbance(scenarios: readonly ScenarioSummary[]): string {
  const shares = scenarios.flatMap(({ systems }) => {
    return systems.flatMap((system) => {
      return system.kind === "measured" && system.figures.othersShare !== null
        ? [system.figures.othersShare.median]
        : [];
    });
  });
  if (shares.length === 0 || median(shares) < OTHERS_SHARE_AT_REST) return "";
  const share = formatPercent(median(shares));
  return `> **The machine was not at rest**: in the median, other programs took ${share} of one core. Rates and latencies
> are worse than they could be, for one broker more than for another; CPU per GB and per request suffer least.`;
}

/** klite beside each peer, one row per scenario. */
function atAGlance(scenarios: readonly ScenarioSummary[]): string {
  const peers = [...new Set(scenarios.flatMap(({ comparisons }) => comparisons.map(({ peer }) => peer)))];
  if (peers.length === 0) return "";
  const rows = scenarios.filter(({ comparisons }) => comparisons.length > 0).map(({ name, comparisons }) => {
    const cells = peers.flatMap((peer) => glanceCells(comparisons.find((found) => found.peer === peer)));
    return [`[${name}](#${name})`, ...cells];
  });
  const head = ["", ...peers.flatMap((peer) => [`MB/s, ${OURS} / ${peer}`, "CPU per GB", "p99"])];
  return `## ${OURS} beside its peers

Factors of medians: for MB/s more than 1 is better, for CPU and latency less than 1.

${markdownTable([head, ...rows])}`;
}

function glanceCells(comparison: Comparison | undefined): string[] {
  if (comparison === undefined) return ["–", "–", "–"];
  const { throughput, cpu, p99 } = comparison;
  return [throughput, cpu, p99].map((factor) => factor === null ? "–" : formatFactor(factor));
}

function scenarioSection(summary: ScenarioSummary): string {
  const head = [
    "",
    "records/s",
    "MB/s",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "broker CPU s/GB",
    "CPU µs/request",
    "peak MB",
    "generator",
    "others",
  ];
  const rows: string[][] = [];
  const remarks: string[] = [];
  for (const system of summary.systems) {
    if (system.kind === "measured") rows.push(figuresRow(system.system, system.figures));
    if (system.kind === "failed") {
      remarks.push(`\`${system.system}\` failed: ${briefFailure(system.reason)}.`);
    }
    if (system.kind === "lacking") {
      remarks.push(`\`${system.system}\` was not run: it does not serve ${system.api}.`);
    }
  }
  if (summary.ofLimit !== null) {
    const { limit, share } = summary.ofLimit;
    remarks.push(`${OURS} reaches ${formatPercent(share)} of the slowest thing it needs here: ${limit}.`);
  }
  const table = rows.length === 0 ? [] : [markdownTable([head, ...rows])];
  return [`## ${summary.name}`, `${summary.title}.`, ...table, ...remarks].join("\n\n");
}

function figuresRow(system: string, figures: FiguresSummary): string[] {
  return [
    system,
    formatSpread(figures.recordsPerSecond),
    formatSpread(figures.megabytesPerSecond),
    formatSpread(figures.p50Ms),
    formatSpread(figures.p99Ms),
    formatSpread(figures.p999Ms),
    formatSpread(figures.cpuSecondsPerGigabyte),
    formatSpread(figures.cpuMicrosPerRequest),
    formatMegabytes(figures.peakBytes),
    figures.loadShare === null ? "–" : formatPercent(figures.loadShare.median),
    figures.othersShare === null ? "–" : formatPercent(figures.othersShare.median),
  ];
}

function startsSection(starts: readonly StartSummary[]): string {
  if (starts.length === 0) return "";
  const rows = starts.map(({ system, startMs, idleBytes, failure }) => {
    return failure === null
      ? [system, formatSpread(startMs), formatMegabytes(idleBytes)]
      : [system, `failed: ${briefFailure(failure)}`, "–"];
  });
  return `## Start and idle

From the start of the process, on an empty data directory, to its first answered ApiVersions request (Kafka's data
directory was formatted before); and resident memory a second later, before any load.

${markdownTable([["", "first answer, ms", "idle MB"], ...rows])}`;
}

function limitsSection(limits: LimitsResult): string {
  const rows = [["loopback socket, 1 MiB writes", formatNumber(limits.socketMegabytesPerSecond), "–", "–"]];
  for (const { bytes, megabytesPerSecond } of limits.crc32c) {
    rows.push([
      `CRC-32C as klite computes it, ${bytes / 1024} KiB`,
      formatNumber(megabytesPerSecond),
      "–",
      "–",
    ]);
  }
  for (const { writeBytes, megabytesPerSecond, sync } of limits.disk) {
    rows.push([
      `write and fdatasync of ${writeBytes / 1024} KiB, blocks allocated`,
      formatNumber(megabytesPerSecond),
      formatNumber(sync.p50Ms),
      formatNumber(sync.p99Ms),
    ]);
  }
  return `## Limits of the machine

The best of the measurements taken before each round, by one thread each.

${markdownTable([["", "MB/s", "fdatasync p50 ms", "p99 ms"], ...rows])}`;
}

const MEANING = `## What the figures mean

- **MB/s** counts record values alone, in millions of bytes; batch and request headers come on top.
- **Latency** of a produce or a fetch runs from the request's first byte sent to its answer read, with as many requests
  waiting before it as the scenario keeps in flight. End to end it runs from the moment a producer has a record, which it
  sends at once, to the moment a consumer on another connection has read it. kafka-producer-perf-test counts the time
  that a record waits inside its own client.
- **Broker CPU** is user and system time of all the broker's threads, from /proc, for 10^9 bytes of record values or for
  one request. It depends little on the load generator and on what else the machine does: it is the figure to compare.
- **Peak MB** is the highest resident memory of the broker's process since the load began. A round's scenarios run
  against the same process, so a heap that once grew stays grown. Kafka runs with the one gigabyte of heap that its start
  script gives.
- **Generator** is what part of one core the load generator took. Close to 100 % it may be what limits the rate.
- **Others** is what part of one core everything else on the machine took meanwhile: the more, the less a rate means.
- **The promise** differs. klite answers a produce after fdatasync; Apache Kafka as it comes answers once the bytes are
  in the page cache, where a power cut takes them. \`kafka-fsync\` makes Kafka keep the same promise.

Every run checks itself: each connection owns its partition and each acknowledgement must name the very next offset;
afterwards everything is read back and compared byte by byte with what was sent. A run in which anything is wrong shows as
failed and gives no figure. Between runs the disk is given time to write what a broker left in the page cache.`;

const REPRODUCE = `## How to reproduce

The bench needs Linux, Java 17 or newer and Maven, which fetches Apache Kafka once.

\`\`\`sh
deno task bench --json figures.json             # everything, about a quarter of an hour
deno task bench --write-docs figures.json       # this page
deno task bench --quick                         # a first look, under two minutes
deno task bench --scenario produce-64k --runs 5 # one scenario
deno task bench --list                          # what there is
\`\`\``;
