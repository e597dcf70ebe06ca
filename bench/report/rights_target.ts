/** What asking for rights and quotas is to cost at most, beside how far two equal brokers differ. */
import type { Evidence } from "./evidence.ts";
import { formatFactor, formatNumber } from "./format.ts";
import { figuresOf, OURS, OURS_AGAIN, OURS_WITH_RIGHTS } from "./summary.ts";
import type { TargetCheck } from "./targets.ts";

const SCENARIO = "produce-64k-rights";
const MOST = 1.05;

/** CPU with rights, to the mean of the two brokers without; unknown where one of both kinds was not measured. */
export function rightsTarget(evidence: Evidence): TargetCheck {
  const target = "CPU of 64 KiB batches with 1,000 ACLs and 100 quotas, to that with none";
  const wanted = `at most ${formatFactor(MOST)}`;
  const systems = evidence.scenario(SCENARIO)?.systems ?? [];
  const cpuOf = (name: string) => figuresOf(systems, name)?.cpuSecondsPerGigabyte.median ?? null;
  const [ours, again, withRights] = [cpuOf(OURS), cpuOf(OURS_AGAIN), cpuOf(OURS_WITH_RIGHTS)];
  if (ours === null || withRights === null) {
    return { target, wanted, figure: "", verdict: "unknown", remark: "" };
  }
  const without = again === null ? ours : (ours + again) / 2;
  const noise = again === null
    ? "how far two equal brokers differ was not measured"
    : `two equal brokers of the run differ by ${formatNumber(Math.abs(again - ours) / without * 100)} %`;
  return {
    target,
    wanted,
    figure: formatFactor(withRights / without),
    verdict: withRights / without <= MOST ? "met" : "missed",
    remark: `${formatNumber(withRights)} against ${formatNumber(without)} ms of CPU per MB; ${noise}`,
  };
}
