/** What the way into a bucket and back is to cost at most. */
import type { Spread } from "../measure/statistics.ts";
import type { Evidence } from "./evidence.ts";
import { formatFactor, formatNumber, formatSpread } from "./format.ts";
import type { TargetCheck } from "./targets.ts";
import { tierFigure, tierRatio } from "./tier_model.ts";

interface Bound {
  readonly target: string;
  readonly is: "at least" | "at most";
  readonly value: number;
  readonly unit: "×" | "MB" | "s";
}

/** All of them; unknown where objects were not measured. */
export function tierTargets({ report: { tier } }: Evidence): TargetCheck[] {
  const serverPut = ["store-64m-1", "putMegabytesPerSecond"] as const;
  const serverGet = ["store-8m-1", "getMegabytesPerSecond"] as const;
  return [
    check({
      target: "rate of 64 KiB batches while all of it is stored, to that without a bucket",
      is: "at least",
      value: 0.8,
      unit: "×",
    }, tierRatio(tier, ["produce-flushing", "megabytesPerSecond"], ["produce-alone", "megabytesPerSecond"])),
    check({
      target: "rate of storing 64 KiB batches, to the S3 server's own of one put at a time",
      is: "at least",
      value: 0.5,
      unit: "×",
    }, tierRatio(tier, ["flush-64k", "megabytesPerSecond"], serverPut)),
    check({
      target: "rate of one consumer of what only the bucket has, to the S3 server's own of one get at a time",
      is: "at least",
      value: 0.2,
      unit: "×",
    }, tierRatio(tier, ["cold-64k-1", "megabytesPerSecond"], serverGet)),
    check({
      target: "p99 from producer to consumer beside a consumer of what only the bucket has, to that alone",
      is: "at most",
      value: 3,
      unit: "×",
    }, tierRatio(tier, ["tail-beside-1", "p99Ms"], ["tail", "p99Ms"])),
    check({
      target: "start on a million records in the log, beyond that on none",
      is: "at most",
      value: 3,
      unit: "s",
    }, tierFigure(tier, "log-1k", "secondsPerMillion")),
    check({
      target: "start on 10,000 partitions in the log",
      is: "at most",
      value: 2,
      unit: "s",
    }, tierFigure(tier, "partitions-10000-log", "seconds")),
    check({
      target: "peak memory while 1,000 partitions are stored",
      is: "at most",
      value: 250,
      unit: "MB",
    }, tierFigure(tier, "partitions-1000-flush", "peakMegabytes")),
  ];
}

function check({ target, is, value, unit }: Bound, figure: Spread | null): TargetCheck {
  const wanted = `${is} ${unit === "×" ? formatFactor(value) : `${formatNumber(value)} ${unit}`}`;
  if (figure === null) return { target, wanted, figure: "", verdict: "unknown", remark: "" };
  const isMet = is === "at least" ? figure.median >= value : figure.median <= value;
  return {
    target,
    wanted,
    figure: unit === "×" ? formatFactor(figure.median) : `${formatSpread(figure)} ${unit}`,
    verdict: isMet ? "met" : "missed",
    remark: unit === "×" && figure.min !== figure.max
      ? `rounds ${formatFactor(figure.min)} to ${formatFactor(figure.max)}`
      : "",
  };
}
