/** The broker is killed and started again under groups of several clients at once. */
import type { GroupFinding, GroupRun } from "./group_run.ts";
import type { MemberProcess } from "./member_process.ts";

/** Brings the group to where the broker may be killed. */
export async function beforeRestart(run: GroupRun): Promise<MemberProcess> {
  const home = run.addProcess();
  run.join(home, "a1");
  run.join(home, "a2");
  await run.settle();
  await run.progress();
  return home;
}

/** Goes on when the broker is back, and says what is wrong. */
export async function afterRestart(
  run: GroupRun,
  home: MemberProcess,
  rebalancesMax: number,
): Promise<GroupFinding[]> {
  const before = new Set(generationsOf(run));
  const seen = run.history.events.length;
  await run.progress();
  await run.settle();
  const rebalances = new Set(generationsOf(run, seen)).difference(before).size;
  run.join(home, "a3");
  await run.settle();
  await run.drain(await run.stopLoad());
  const failure = rebalances <= rebalancesMax ? null : `it cost ${rebalances} rebalances`;
  const check = "the broker's crash costs at most one rebalance";
  return [{ check, failure }, ...await run.findings({ hasCrashes: true })];
}

function generationsOf(run: GroupRun, from = 0): number[] {
  return run.history.events.slice(from).flatMap((event) => event.event === "owned" ? [event.generation] : []);
}
