/** What was wanted beside what was measured, for the page. */
import type { Evidence } from "./evidence.ts";
import { formatFactor, formatNumber, formatSpread, markdownTable } from "./format.ts";
import { checkDesign, checkTargets, type Verdict } from "./targets.ts";

const VERDICTS: Readonly<Record<Verdict, string>> = { met: "yes", missed: "**no**", unknown: "not measured" };

/** The table at the top of the page; verdicts follow from the figures of the run. */
export function targetsSection(evidence: Evidence): string {
  const checks = checkTargets(evidence);
  const count = (wanted: Verdict) => checks.filter(({ verdict }) => verdict === wanted).length;
  const rows = checks.map(({ target, wanted, figure, verdict, remark }) => {
    return [target, wanted, figure === "" ? "–" : figure, VERDICTS[verdict], remark];
  });
  return `## Targets

Of ${checks.length} targets ${count("met")} are met, ${count("missed")} are missed and ${
    count("unknown")
  } are not told by this run. The verdicts are
computed from the figures of the run; a factor divides klite's median by the peer's.

${markdownTable([["target", "wanted", "measured", "met", "how it came"], ...rows], { textColumns: [0, 4] })}

Safety under crashes and hostile input is shown by \`deno task crash\` and \`deno task hostile\`.`;
}

/** klite beside what its parts cost in trials; empty when nothing of it was measured. */
export function designSection(evidence: Evidence): string {
  const checks = checkDesign(evidence);
  if (checks.length === 0) return "";
  const rows = checks.map(({ design, rate, cost, factors, bareCost, verdict }) => [
    `[${design.scenario}](#${design.scenario})`,
    `${design.rates.map(formatNumber).join(" and ")} ${design.rateUnit}`,
    formatSpread(rate),
    `${design.costs.map(formatNumber).join(" and ")} ${design.costUnit}`,
    bareCost === null ? "–" : formatNumber(bareCost),
    formatSpread(cost),
    factors.map(formatFactor).join(" and "),
    VERDICTS[verdict],
  ]);
  const head = [
    "",
    "designed rate",
    "rate",
    "designed CPU",
    "bare exchange",
    "CPU",
    "by the design's",
    "within 1.3×",
  ];
  return `## Beside the design

The hot path was designed after trials of its parts: without idempotence, recovery, durable metadata, limits and fetch
sessions. Where two trials gave two figures both stand here. The whole broker is to need at most 1.3 times their CPU. A bare
exchange is the machine's word on that, of this very run: what it costs a process of the same runtime to carry the
same bytes over as many connections, and to make durable what is produced, gathered while a sync is under way, before
it answers; with no checks, no partitions and no offsets.

${markdownTable([head, ...rows])}`;
}
