/** The report as text for a terminal. */
import type { LimitsResult } from "../load/job.ts";
import type { Machine } from "../measure/machine.ts";
import {
  briefFailure,
  formatFactor,
  formatMegabytes,
  formatNumber,
  formatPercent,
  formatSpread,
  textTable,
} from "./format.ts";
import type { BenchReport } from "./model.ts";
import {
  type FiguresSummary,
  OURS,
  type ScenarioSummary,
  type StartSummary,
  summarizeScenario,
  summarizeStarts,
  type SystemSummary,
} from "./summary.ts";

/** From this share of a core on, the load generator itself may be what limits a figure. */
const LOAD_SHARE_SUSPECT = 0.9;

/** The whole report. */
export function textReport(report: BenchReport): string {
  const parts = [
    machineText(report.machine),
    limitsText(report.limits),
    startsText(report.starts.map(summarizeStarts)),
    ...report.scenarios.map((scenario) => scenarioText(summarizeScenario(scenario, report.limits))),
  ];
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}

function machineText(machine: Machine): string {
  return `machine: ${machine.cores} × ${machine.cpu}, ${formatNumber(machine.memoryBytes / 1e9)} GB, ` +
    `${machine.system}, ${machine.filesystem}, Deno ${machine.deno}`;
}

function limitsText(limits: LimitsResult): string {
  const rows = [["limits of the machine", "MB/s", "fdatasync p50 ms", "p99 ms"]];
  rows.push(["loopback socket, 1 MiB writes", formatNumber(limits.socketMegabytesPerSecond)]);
  for (const { bytes, megabytesPerSecond } of limits.crc32c) {
    rows.push([`CRC-32C as klite computes it, ${bytes / 1024} KiB`, formatNumber(megabytesPerSecond)]);
  }
  for (const { writeBytes, megabytesPerSecond, sync } of limits.disk) {
    rows.push([
      `write + fdatasync, ${writeBytes / 1024} KiB`,
      formatNumber(megabytesPerSecond),
      formatNumber(sync.p50Ms),
      formatNumber(sync.p99Ms),
    ]);
  }
  return textTable(rows);
}

function startsText(starts: readonly StartSummary[]): string {
  if (starts.length === 0) return "";
  const rows = [["start and idle", "first answer ms", "idle MB"]];
  for (const { system, startMs, idleBytes, failure } of starts) {
    rows.push(
      failure === null
        ? [system, formatSpread(startMs), formatMegabytes(idleBytes)]
        : [system, `failed: ${briefFailure(failure)}`],
    );
  }
  return textTable(rows);
}

/** One scenario: a row per system, then klite beside each of them. */
export function scenarioText(summary: ScenarioSummary): string {
  const head = [
    "",
    "records/s",
    "MB/s",
    "p50 ms",
    "p99",
    "p99.9",
    "CPU s/GB",
    "CPU µs/req",
    "peak MB",
    "load CPU",
    "others",
  ];
  const rows: string[][] = [head];
  const remarks: string[] = [];
  for (const system of summary.systems) {
    if (system.kind === "measured") rows.push(figuresRow(system.system, system.figures));
    else remarks.push(`  ${system.system}: ${remark(system)}`);
  }
  for (const { peer, throughput, cpu, p99 } of summary.comparisons) {
    const ratios = [
      ...(throughput === null ? [] : [`${formatFactor(throughput)} MB/s`]),
      `${formatFactor(cpu)} CPU per GB`,
      ...(p99 === null ? [] : [`${formatFactor(p99)} p99`]),
    ];
    remarks.push(`  ${OURS} / ${peer}: ${ratios.join(", ")}`);
  }
  if (summary.ofLimit !== null) {
    remarks.push(`  ${OURS} reaches ${formatPercent(summary.ofLimit.share)} of the ${summary.ofLimit.limit}`);
  }
  const table = rows.length > 1 ? [textTable(rows)] : [];
  return [`${summary.name}: ${summary.title}`, ...table, ...remarks].join("\n");
}

function remark(system: SystemSummary): string {
  if (system.kind === "failed") return `failed: ${briefFailure(system.reason)}`;
  return system.kind === "lacking" ? `not run, ${system.api} is not served` : "";
}

function figuresRow(system: string, figures: FiguresSummary): string[] {
  const median = (figure: { readonly median: number } | null) =>
    figure === null ? "–" : formatNumber(figure.median);
  const share = figures.loadShare?.median ?? null;
  const suspect = share !== null && share >= LOAD_SHARE_SUSPECT ? " !" : "";
  return [
    system,
    median(figures.recordsPerSecond),
    formatSpread(figures.megabytesPerSecond),
    median(figures.p50Ms),
    median(figures.p99Ms),
    median(figures.p999Ms),
    formatSpread(figures.cpuSecondsPerGigabyte),
    median(figures.cpuMicrosPerRequest),
    formatMegabytes(figures.peakBytes),
    share === null ? "–" : formatPercent(share) + suspect,
    figures.othersShare === null ? "–" : formatPercent(figures.othersShare.median),
  ];
}
