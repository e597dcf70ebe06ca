/** docs/performance.md and its charts, drawn from the figures of one run. */
import { median } from "../measure/statistics.ts";
import { type Group, GROUPS } from "../scenarios/scenario.ts";
import { type Chart, drawCharts } from "./charts.ts";
import { Evidence } from "./evidence.ts";
import { FIGURE_HEADS, figureCells } from "./figure_columns.ts";
import {
  briefFailure,
  formatFactor,
  formatMegabytes,
  formatNumber,
  formatPercent,
  formatSpread,
  markdownTable,
} from "./format.ts";
import { limitRows } from "./limit_rows.ts";
import type { BenchReport } from "./model.ts";
import { otherRunLines } from "./other_runs.ts";
import { MEANING, REPRODUCE } from "./prose.ts";
import { remarksOn } from "./remarks.ts";
import type { SoakOutcome } from "./soak.ts";
import { type Comparison, OURS, type ScenarioSummary, type StartSummary } from "./summary.ts";
import { designSection, targetsSection } from "./targets_section.ts";
import { tierChart } from "./tier_chart.ts";
import { tierSection } from "./tier_section.ts";

/** Up to this share of a core a machine counts as at rest. */
const OTHERS_SHARE_AT_REST = 0.25;

const GROUP_HEADS: Readonly<Record<Group, string>> = {
  core: "At full speed",
  latency: "At a fixed rate",
  scale: "Many partitions, many connections, much data",
  topics: "Many topics",
  clients: "Real clients",
  security: "Rights and quotas",
};

/** What `--write-docs` writes: the page and the pictures it shows. */
export interface PerformanceDocs {
  readonly page: string;
  readonly charts: readonly Chart[];
}

/** Draws all of it; the soak's outcome is null when there is none. */
export function performanceDocs(report: BenchReport, soak: SoakOutcome | null): PerformanceDocs {
  const evidence = new Evidence(report, soak);
  const objects = tierChart(evidence);
  const charts = [...drawCharts(evidence), ...(objects === null ? [] : [objects])];
  const parts = [
    opening(report),
    disturbance(evidence.scenarios),
    targetsSection(evidence),
    ...charts.map(({ file, title }) => `![${title}](charts/${file})`),
    atAGlance(evidence.besidePeers),
    designSection(evidence),
    ...GROUPS.map((group) => groupSection(evidence, group)),
    tierSection(report.tier),
    startsSection(evidence.starts),
    limitsSection(report),
    MEANING,
    REPRODUCE,
  ];
  return { page: parts.filter((part) => part !== "").join("\n\n") + "\n", charts };
}

function opening({ machine, effort, startedAt, systems, tookSeconds, others }: BenchReport): string {
  const runs = effort.runs === 1 ? "one run" : `medians of ${effort.runs} runs`;
  const ofOthers = otherRunLines(others ?? []).map((line) => `- ${line}\n`);
  const quick = effort.quick ? " **This was a quick run: good for a first look, not for quoting.**" : "";
  const warmUp = (effort.warmupMs / 1000).toFixed(1);
  return `# Performance

This page is written by \`deno task bench --write-docs\` from the figures of one run of the bench. klite and its peers
were loaded in turn on the same machine, the order changing from round to round. Figures are ${runs} of
${
    effort.windowMs / 1000
  } s each after ${warmUp} s of warm-up, with the range in brackets. Trust the ratios more than the
rates: load generator and broker share the cores.${quick}

- Machine: ${machine.cores} cores (${machine.cpu}), ${formatNumber(machine.memoryBytes / 1e9)} GB of memory,
  ${machine.system}, data on ${machine.filesystem}, Deno ${machine.deno}.
- Taken on ${startedAt.slice(0, 10)} in ${Math.ceil(tookSeconds / 60)} minutes.
${ofOthers.join("")}${
    systems.map(({ name, title, version }) => `- \`${name}\` (${version}): ${title}.`).join("\n")
  }`;
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
  return [throughput, cpu, p99].map((factor) => factor === null ? "–" : formatFactor(factor.median));
}

function groupSection(evidence: Evidence, group: Group): string {
  const scenarios = evidence.scenarios.filter((scenario) => scenario.group === group);
  if (scenarios.length === 0) return "";
  const sections = scenarios.map(scenarioSection);
  return [`## ${GROUP_HEADS[group]}`, ...sections].join("\n\n");
}

function scenarioSection(summary: ScenarioSummary): string {
  const rows = summary.systems.flatMap((system) => {
    return system.kind === "measured" ? [figureCells(system.system, system.figures)] : [];
  });
  const table = rows.length === 0 ? [] : [markdownTable([FIGURE_HEADS, ...rows])];
  return [`### ${summary.name}`, sentence(summary.title), ...table, ...remarksOn(summary)].join(
    "\n\n",
  );
}

function sentence(title: string): string {
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}.`;
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
directory was formatted before); and resident memory a second later, before any load. klite has a cache of Deno's
(DENO_DIR) to itself, filled by one start before, as on a machine that runs nothing else with Deno.

${markdownTable([["", "first answer, ms", "idle MB"], ...rows])}`;
}

function limitsSection({ limits }: BenchReport): string {
  return `## Limits of the machine

The best of the measurements taken before each round, by one thread each.

${markdownTable(limitRows(limits))}`;
}
