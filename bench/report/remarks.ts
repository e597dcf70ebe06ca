/** What is to be said below a scenario's table, in sentences. */
import type { LimitsResult } from "../load/job.ts";
import { briefFailure, formatNumber, formatPercent } from "./format.ts";
import { OURS, type ScenarioSummary, smallestSync } from "./summary.ts";

/** From this share of a core on, the load generator itself may be what limits a figure. */
const LOAD_SHARE_SUSPECT = 0.9;

/** Failures, fairness, limits, and a generator that was too busy. */
export function remarksOn(summary: ScenarioSummary, limits: LimitsResult): string[] {
  return [
    ...notMeasured(summary),
    ...fairness(summary),
    ...limitShares(summary),
    ...diskBeside(summary, limits),
    ...busyGenerator(summary),
  ];
}

function notMeasured({ systems }: ScenarioSummary): string[] {
  return systems.flatMap((system) => {
    if (system.kind === "failed") return [`${system.system} failed: ${briefFailure(system.reason)}.`];
    if (system.kind === "lacking") return [`${system.system} was not run: it does not serve ${system.api}.`];
    return [];
  });
}

function fairness({ systems }: ScenarioSummary): string[] {
  const shares = systems.flatMap((system) => {
    if (system.kind !== "measured" || system.figures.slowestShare === null) return [];
    return [`${system.system} ${formatPercent(system.figures.slowestShare.median)}`];
  });
  return shares.length === 0 ? [] : [`Of an equal share the slowest connection got: ${shares.join(", ")}.`];
}

function limitShares({ ofLimits }: ScenarioSummary): string[] {
  if (ofLimits.length === 0) return [];
  const shares = ofLimits.map(({ limit, share }) => `${formatPercent(share)} of the ${limit}`);
  return [`${OURS} reaches ${shares.join(", ")}.`];
}

function diskBeside({ boundBy }: ScenarioSummary, limits: LimitsResult): string[] {
  const sync = smallestSync(limits);
  if (boundBy !== "rate" || sync === null) return [];
  return [
    `The disk's own fdatasync of 4 KiB in this run: p50 ${formatNumber(sync.p50Ms)} ms, ` +
    `p99 ${formatNumber(sync.p99Ms)} ms, p99.9 ${formatNumber(sync.p999Ms)} ms.`,
  ];
}

function busyGenerator({ systems }: ScenarioSummary): string[] {
  const busy = systems.flatMap((system) => {
    const share = system.kind === "measured" ? system.figures.loadShare?.median ?? 0 : 0;
    return share >= LOAD_SHARE_SUSPECT ? [system.system] : [];
  });
  return busy.length === 0
    ? []
    : [`The load generator took a whole core and may be what limited ${busy.join(", ")}.`];
}
