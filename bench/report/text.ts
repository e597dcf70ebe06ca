/** The report as text for a terminal. */
import type { Machine } from "../measure/machine.ts";
import { Evidence } from "./evidence.ts";
import { FIGURE_HEADS, figureCells } from "./figure_columns.ts";
import {
  briefFailure,
  formatFactor,
  formatMegabytes,
  formatNumber,
  formatSpread,
  textTable,
} from "./format.ts";
import { limitRows } from "./limit_rows.ts";
import type { BenchReport } from "./model.ts";
import { remarksOn } from "./remarks.ts";
import { OURS, type ScenarioSummary, type StartSummary } from "./summary.ts";
import { checkTargets } from "./targets.ts";
import { tierText } from "./tier_section.ts";

/** The whole report. */
export function textReport(report: BenchReport): string {
  const evidence = new Evidence(report);
  const parts = [
    machineText(report.machine),
    textTable(limitRows(report.limits)),
    startsText(evidence.starts),
    ...evidence.scenarios.map((scenario) => scenarioText(scenario)),
    tierText(report.tier),
    targetsText(evidence),
  ];
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}

function machineText(machine: Machine): string {
  return `machine: ${machine.cores} × ${machine.cpu}, ${formatNumber(machine.memoryBytes / 1e9)} GB, ` +
    `${machine.system}, ${machine.filesystem}, Deno ${machine.deno}`;
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
function scenarioText(summary: ScenarioSummary): string {
  const medianAlone = (figure: { readonly median: number } | null) => {
    return figure === null ? "–" : formatNumber(figure.median);
  };
  const rows = summary.systems.flatMap((system) => {
    return system.kind === "measured" ? [figureCells(system.system, system.figures, medianAlone)] : [];
  });
  const ratios = summary.comparisons.map(({ peer, throughput, cpu, p99 }) => {
    const parts = [
      ...(throughput === null ? [] : [`${formatFactor(throughput.median)} MB/s`]),
      `${formatFactor(cpu.median)} CPU per GB`,
      ...(p99 === null ? [] : [`${formatFactor(p99.median)} p99`]),
    ];
    return `${OURS} / ${peer}: ${parts.join(", ")}`;
  });
  const table = rows.length > 0 ? [textTable([FIGURE_HEADS, ...rows])] : [];
  const remarks = [...ratios, ...remarksOn(summary)].map((remark) => `  ${remark}`);
  return [`${summary.name}: ${summary.title}`, ...table, ...remarks].join("\n");
}

/** The targets that this run says something about. */
function targetsText(evidence: Evidence): string {
  const checks = checkTargets(evidence).filter(({ verdict }) => verdict !== "unknown");
  if (checks.length === 0) return "";
  const rows = checks.map(({ target, wanted, figure, verdict }) => [target, wanted, figure, verdict]);
  return textTable([["target", "wanted", "measured", ""], ...rows]);
}
