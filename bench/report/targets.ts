/** What klite sets out to reach, checked against the figures of one run. */
import type { LimitsResult } from "../load/job.ts";
import type { Spread } from "../measure/statistics.ts";
import { DESIGN_FACTOR_MAX, DESIGN_TARGETS, type DesignTarget } from "./design_targets.ts";
import type { Evidence } from "./evidence.ts";
import { formatFactor, formatNumber, formatPercent, formatSpread } from "./format.ts";
import { rightsTarget } from "./rights_target.ts";
import { type Comparison, OURS } from "./summary.ts";
import { tierTargets } from "./tier_targets.ts";

/** What became of a target: `unknown` when this run does not say. */
export type Verdict = "met" | "missed" | "unknown";

/** One target beside the figure that decides on it. */
export interface TargetCheck {
  readonly target: string;
  readonly wanted: string;
  /** Empty when there is none. */
  readonly figure: string;
  readonly verdict: Verdict;
  /** What else the figures say, above all when the target was missed. */
  readonly remark: string;
}

const KAFKA = "kafka";
const KAFKA_FSYNC = "kafka-fsync";
const MEGABYTE = 1_000_000;

/** All targets, in order. */
export function checkTargets(evidence: Evidence): TargetCheck[] {
  return [
    ...againstKafka(evidence),
    ...againstKafkaWithSync(evidence),
    designRow(evidence),
    ...endToEnd(evidence),
    memory(evidence),
    growth(evidence),
    ...start(evidence),
    ofTheLimit(evidence),
    rightsTarget(evidence),
    ...tierTargets(evidence),
  ];
}

type Measure = "throughput" | "cpu" | "p99";

interface Bound {
  readonly is: "at least" | "at most";
  readonly value: number;
}

interface BesideTarget {
  readonly target: string;
  readonly scenario: string;
  readonly peer: string;
  readonly measure: Measure;
  readonly bound: Bound;
}

function againstKafka(evidence: Evidence): TargetCheck[] {
  const row = (target: string, scenario: string, measure: Measure, is: Bound["is"], value: number) => {
    return beside(evidence, { target, scenario, peer: KAFKA, measure, bound: { is, value } });
  };
  const third = 1 / 3;
  return [
    row("rate of 64 KiB batches, to Kafka's", "produce-64k", "throughput", "at least", 1.3),
    row("rate of pipelined small requests, to Kafka's", "produce-one-pipelined", "throughput", "at least", 3),
    row("CPU per MB of 64 KiB batches, to Kafka's", "produce-64k", "cpu", "at most", third),
    row("CPU per pipelined small request, to Kafka's", "produce-one-pipelined", "cpu", "at most", third),
    row("rate of 1 MiB fetches, to Kafka's", "fetch-1m", "throughput", "at least", 1),
    row("CPU per MB of 1 MiB fetches, to Kafka's", "fetch-1m", "cpu", "at most", 0.5),
    row("rate of 64 KiB fetches, to Kafka's", "fetch-64k", "throughput", "at least", 1),
    row("CPU per MB of 64 KiB fetches, to Kafka's", "fetch-64k", "cpu", "at most", 0.5),
    row("produce p99 at 20,000 records/s, to Kafka's", "produce-20k", "p99", "at most", 1),
  ];
}

/** Every produce row at full speed has the same target against a Kafka that keeps the same promise. */
function againstKafkaWithSync(evidence: Evidence): TargetCheck[] {
  return evidence.scenarios.filter(({ name, group }) => group === "core" && name.startsWith("produce-"))
    .map(({ name }) => {
      return beside(evidence, {
        target: `rate of ${name}, to Kafka's with fsync`,
        scenario: name,
        peer: KAFKA_FSYNC,
        measure: "throughput",
        bound: { is: "at least", value: 3 },
      });
    });
}

function beside(evidence: Evidence, { target, scenario, peer, measure, bound }: BesideTarget): TargetCheck {
  const comparison = evidence.beside(scenario, peer);
  const factor = comparison?.[measure] ?? null;
  const wanted = `${bound.is} ${formatFactor(bound.value)}`;
  if (comparison === null || factor === null) return unknown(target, wanted);
  const holds = (value: number) => bound.is === "at least" ? value >= bound.value : value <= bound.value;
  return {
    target,
    wanted,
    figure: formatFactor(factor.median),
    verdict: verdictOf(holds(factor.median)),
    remark: [both(evidence, scenario, comparison, measure), ...rounds(factor)].join("; "),
  };
}

/** How far single rounds go, which tells a miss by noise from a miss. */
function rounds({ min, max }: Spread): string[] {
  return min === max ? [] : [`rounds ${formatFactor(min)} to ${formatFactor(max)}`];
}

/** The two medians that were divided. */
function both(evidence: Evidence, scenario: string, { peer }: Comparison, measure: Measure): string {
  const figures = evidence.scenario(scenario)?.systems ?? [];
  const values = [OURS, peer].map((name) => {
    const found = figures.find(({ system }) => system === name);
    if (found?.kind !== "measured") return "–";
    const { megabytesPerSecond, cpuSecondsPerGigabyte, p99Ms } = found.figures;
    const picked = { throughput: megabytesPerSecond, cpu: cpuSecondsPerGigabyte, p99: p99Ms }[measure];
    return picked === null ? "–" : formatNumber(picked.median);
  });
  const unit = { throughput: "MB/s", cpu: "ms of CPU per MB", p99: "ms" }[measure];
  return `${values.join(" against ")} ${unit}`;
}

/** One design target beside what the whole broker costs. */
export interface DesignCheck {
  readonly design: DesignTarget;
  readonly rate: Spread;
  readonly cost: Spread;
  /** klite's cost by that of each trial. */
  readonly factors: readonly number[];
  /** What a bare exchange of the same bytes cost in this run; null when none was measured. */
  readonly bareCost: number | null;
  readonly verdict: Verdict;
}

/** All design targets whose scenarios were measured. */
export function checkDesign(evidence: Evidence): DesignCheck[] {
  return DESIGN_TARGETS.flatMap((design) => {
    const figures = evidence.ours(design.scenario);
    if (figures === null) return [];
    const cost = design.costUnit === "ms/MB" ? figures.cpuSecondsPerGigabyte : figures.cpuMicrosPerRequest;
    const rate = design.rateUnit === "MB/s" ? figures.megabytesPerSecond : figures.requestsPerSecond;
    if (cost === null || rate === null) return [];
    const factors = design.costs.map((designed) => cost.median / designed);
    return [{
      design,
      rate,
      cost,
      factors,
      bareCost: bareCostOf(design, evidence.report.limits),
      verdict: verdictOf(Math.max(...factors) <= DESIGN_FACTOR_MAX),
    }];
  });
}

function bareCostOf({ exchange, costUnit }: DesignTarget, { exchanges }: LimitsResult): number | null {
  const found = exchanges.find((limit) => {
    return limit.requestBytes === exchange.requestBytes && limit.answerBytes === exchange.answerBytes &&
      limit.connections === exchange.connections && limit.inFlight === exchange.inFlight &&
      limit.isDurable === exchange.isDurable;
  });
  if (found === undefined) return null;
  const carriedBytes = Math.max(exchange.requestBytes, exchange.answerBytes);
  return costUnit === "ms/MB" ? found.cpuMicros * 1000 / carriedBytes : found.cpuMicros;
}

/** Whether nothing on this runtime could have met it on this machine. */
function isOutOfReach({ design, bareCost }: DesignCheck): boolean {
  return bareCost !== null && bareCost > DESIGN_FACTOR_MAX * Math.min(...design.costs);
}

function designRow(evidence: Evidence): TargetCheck {
  const target = "CPU per MB and per request, to the design's, in each row below";
  const wanted = `at most ${formatFactor(DESIGN_FACTOR_MAX)}`;
  const checks = checkDesign(evidence);
  if (checks.length === 0) return unknown(target, wanted);
  const missed = scenariosOf(checks.filter(({ verdict }) => verdict === "missed"));
  const outOfReach = scenariosOf(checks.filter(isOutOfReach));
  const isWhole = checks.length === DESIGN_TARGETS.length;
  return {
    target,
    wanted,
    figure: `worst ${formatFactor(Math.max(...checks.flatMap(({ factors }) => factors)))}`,
    verdict: missed.length > 0 ? "missed" : isWhole ? "met" : "unknown",
    remark: [
      `${checks.length - missed.length} of ${DESIGN_TARGETS.length} rows`,
      ...(missed.length > 0 ? [`missed by ${missed.join(", ")}`] : []),
      ...(outOfReach.length > 0
        ? [`a bare exchange of the same bytes already costs more for ${outOfReach.join(", ")}`]
        : []),
    ].join("; "),
  };
}

function scenariosOf(checks: readonly DesignCheck[]): string[] {
  return checks.map(({ design }) => design.scenario);
}

function endToEnd(evidence: Evidence): TargetCheck[] {
  const scenario = "end-to-end-20k";
  const figures = evidence.ours(scenario);
  const alone = evidence.scenario(scenario)?.disk ?? null;
  const disk = alone === null
    ? ""
    : `the disk alone, right before: p50 ${formatSpread(alone.p50Ms)} ms, p99 ${
      formatSpread(alone.p99Ms)
    } ms`;
  const row = (name: string, figure: Spread | null, mostMs: number): TargetCheck => {
    const target = `${name} from producer to consumer at 20,000 records/s`;
    const wanted = `at most ${mostMs} ms`;
    if (figure === null) return { ...unknown(target, wanted), remark: failureOf(evidence, scenario) };
    return {
      target,
      wanted,
      figure: `${formatSpread(figure)} ms`,
      verdict: verdictOf(figure.median <= mostMs),
      remark: name === "p99" && alone !== null && alone.p99Ms.median > mostMs
        ? `${disk}, too slow for that`
        : disk,
    };
  };
  return [row("p50", figures?.p50Ms ?? null, 1), row("p99", figures?.p99Ms ?? null, 5)];
}

function memory(evidence: Evidence): TargetCheck {
  const target = "peak memory while 1 GB goes in and out at full speed";
  const mostMegabytes = 200;
  const wanted = `at most ${mostMegabytes} MB`;
  const peak = evidence.ours("gigabyte")?.peakBytes ?? null;
  if (peak === null) return { ...unknown(target, wanted), remark: failureOf(evidence, "gigabyte") };
  return {
    target,
    wanted,
    figure: `${formatSpread(megabytes(peak))} MB`,
    verdict: verdictOf(peak.median <= mostMegabytes * MEGABYTE),
    remark: "",
  };
}

const SOAK_MINUTES = 10;

function growth({ soak }: Evidence): TargetCheck {
  const target = `growth of memory under ${SOAK_MINUTES} minutes of load`;
  const wanted = "none";
  if (soak === null || soak.minutes < SOAK_MINUTES) return unknown(target, wanted);
  return {
    target,
    wanted,
    figure: `${formatNumber(soak.grownBytes / MEGABYTE)} MB`,
    verdict: verdictOf(soak.isSteady),
    remark:
      `over the second half of ${soak.minutes} minutes, at ${
        formatNumber(soak.medianBytes / MEGABYTE)
      } MB; ` +
      `${formatNumber(soak.records)} records written, read and compared`,
  };
}

function start(evidence: Evidence): TargetCheck[] {
  const found = evidence.start();
  const row = (target: string, figure: Spread | null, most: number, unit: string): TargetCheck => {
    const wanted = `at most ${most} ${unit}`;
    if (figure === null) return unknown(target, wanted);
    const verdict = verdictOf(figure.median <= most);
    return { target, wanted, figure: `${formatSpread(figure)} ${unit}`, verdict, remark: "" };
  };
  return [
    row("start to the first answer", found?.startMs ?? null, 150, "ms"),
    row("memory at rest", found === null ? null : megabytes(found.idleBytes), 50, "MB"),
  ];
}

function ofTheLimit(evidence: Evidence): TargetCheck {
  const target = "rate of 64 KiB batches, to the slowest of socket, CRC and disk";
  const least = 0.5;
  const wanted = `at least ${formatPercent(least)}`;
  const slowest = evidence.scenario("produce-64k")?.ofLimits[0];
  if (slowest === undefined) return unknown(target, wanted);
  return {
    target,
    wanted,
    figure: formatPercent(slowest.share),
    verdict: verdictOf(slowest.share >= least),
    remark: `the slowest is: ${slowest.limit}; ${whereTheRestGoes(evidence)}`,
  };
}

/** Who used the machine's cores while klite took 64 KiB batches. */
function whereTheRestGoes(evidence: Evidence): string {
  const figures = evidence.ours("produce-64k");
  if (figures === null) return "";
  const { cpuSecondsPerGigabyte, megabytesPerSecond, loadShare, othersShare } = figures;
  const broker = cpuSecondsPerGigabyte.median * megabytesPerSecond.median / 1000;
  const shares = [
    `klite took ${formatPercent(broker)} of a core`,
    ...(loadShare === null ? [] : [`the generator ${formatPercent(loadShare.median)}`]),
    ...(othersShare === null ? [] : [`other programs ${formatPercent(othersShare.median)}`]),
  ];
  return `of ${evidence.report.machine.cores} cores ${shares.join(", ")}`;
}

/** Why klite has no figure for a scenario, in its own words. */
function failureOf(evidence: Evidence, scenario: string): string {
  const ours = evidence.scenario(scenario)?.systems.find(({ system }) => system === OURS);
  return ours?.kind === "failed" ? `${scenario} failed: ${ours.reason.split("\n")[0]}` : "";
}

function unknown(target: string, wanted: string): TargetCheck {
  return { target, wanted, figure: "", verdict: "unknown", remark: "" };
}

function verdictOf(isMet: boolean): Verdict {
  return isMet ? "met" : "missed";
}

function megabytes({ median, min, max }: Spread): Spread {
  return { median: median / MEGABYTE, min: min / MEGABYTE, max: max / MEGABYTE };
}
