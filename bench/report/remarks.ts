/** What is to be said below a scenario's table, in sentences. */
import { briefFailure, formatPercent, formatSpread } from "./format.ts";
import { OURS, type ScenarioSummary } from "./summary.ts";

/** From this share of a core on, the load generator itself may be what limits a figure. */
const LOAD_SHARE_SUSPECT = 0.9;

/** Failures, fairness, limits, and a generator that was too busy. */
export function remarksOn(summary: ScenarioSummary): string[] {
  return [
    ...notMeasured(summary),
    ...fairness(summary),
    ...limitShares(summary),
    ...diskBeside(summary),
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

function diskBeside({ disk }: ScenarioSummary): string[] {
  if (disk === null) return [];
  return [
    `The disk alone, right before these runs, made what came durable in p50 ${
      formatSpread(disk.p50Ms)
    } ms, ` +
    `p99 ${formatSpread(disk.p99Ms)} ms, p99.9 ${formatSpread(disk.p999Ms)} ms.`,
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
