/** What happens to a group while records come in: members join, leave and crash. */
import type { GroupFinding, GroupRun } from "./group_run.ts";
import type { MemberProcess } from "./member_process.ts";

/** How much happens. */
export interface ChurnOptions {
  readonly isStatic: boolean;
  /** Further joins, leaves and crashes, by chance. */
  readonly rounds: number;
  readonly seed: number;
}

/** Lets it happen and says what is wrong afterwards. */
export async function churn(run: GroupRun, options: ChurnOptions): Promise<GroupFinding[]> {
  const findings: GroupFinding[] = [];
  const first = run.addProcess();
  const second = run.addProcess();
  run.join(first, "a1");
  run.join(first, "a2");
  run.join(second, "b1");
  await run.settle();
  if (options.isStatic) {
    findings.push(await comeBack(run, second));
  } else {
    run.join(first, "a3");
    await run.settle();
    await run.leave("a2");
    await run.settle();
    await run.kill(second);
    await run.settle();
  }
  await goOn(run, first, options);
  await run.drain(await run.stopLoad());
  return [...findings, ...await run.findings({ hasCrashes: true })];
}

/** A static member that goes and comes back at once has its partitions again, and the others notice nothing. */
async function comeBack(run: GroupRun, process: MemberProcess): Promise<GroupFinding> {
  const check = "a static member returns to its place";
  const before = [...run.history.heldBy("b1")].toSorted().join();
  const seen = run.history.events.length;
  await run.leave("b1");
  run.join(process, "b2", "b1");
  await run.settle();
  const after = [...run.history.heldBy("b2")].toSorted().join();
  const change = run.history.events.slice(seen).find((event) =>
    event.member.startsWith("a") && isChange(event)
  );
  await run.kill(process);
  await run.settle();
  if (after !== before) return { check, failure: `it had the partitions ${before}, and has ${after}` };
  return {
    check,
    failure: change === undefined ? null : `${change.member} had to rebalance: ${change.event}`,
  };
}

function isChange({ event }: { readonly event: string }): boolean {
  return event === "owned" || event === "revoked" || event === "lost";
}

/** More of the same, by chance; `home` is never killed, so that the group is never empty. */
async function goOn(run: GroupRun, home: MemberProcess, { rounds, seed }: ChurnOptions): Promise<void> {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % limit;
  };
  let mortal: MemberProcess | null = null;
  for (let round = 0; round < rounds; round++) {
    const inHome = [...home.members];
    const [leaver] = inHome;
    if (mortal !== null) {
      await run.kill(mortal);
      mortal = null;
    } else if (below(3) === 0) {
      mortal = run.addProcess();
      run.join(mortal, `m${round}`);
    } else if (inHome.length > 2 && leaver !== undefined) {
      await run.leave(leaver);
    } else {
      run.join(home, `j${round}`);
    }
    await run.settle();
  }
}
