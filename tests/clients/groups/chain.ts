/**
 * Three groups in a chain: each handles what the one before it writes. Members of
 * all three come and go at the same moments, so that all rebalance at once. Nobody
 * crashes, so no record may be handled twice, and no member may become unknown.
 */
import type { PreparedProgram } from "../programs.ts";
import { type GroupFinding, GroupRun } from "./group_run.ts";
import type { GroupClient } from "./group_clients.ts";

/** What is run. */
export interface ChainOptions {
  readonly bootstrap: string;
  readonly client: GroupClient;
  readonly program: PreparedProgram;
  readonly name: string;
  readonly rounds: number;
  readonly recordsPerSecond: number;
}

const LENGTH = 3;
const PARTITIONS = 4;
const UNKNOWN_MEMBER = /UNKNOWN_MEMBER_ID|UnknownMemberId|not aware of this member|unknown member/i;

/** Lets it happen and says what is wrong afterwards, and how many records came through. */
export async function chain(options: ChainOptions): Promise<{ findings: GroupFinding[]; records: number }> {
  await using stack = new AsyncDisposableStack();
  const links: GroupRun[] = [];
  // The last first: a link's records need the next one's topic.
  for (let index = LENGTH - 1; index >= 0; index--) {
    links.unshift(stack.use(await startLink(options, index)));
  }
  const homes = links.map((link) => ({ link, home: link.addProcess() }));
  const all = (what: (link: GroupRun) => Promise<void>) => Promise.all(links.map(what));
  for (const { link, home } of homes) {
    link.join(home, "a");
    link.join(home, "b");
  }
  await all((link) => link.settle());
  for (let round = 0; round < options.rounds; round++) {
    for (const { link, home } of homes) link.join(home, `c${round}`);
    await all((link) => link.settle());
    await all((link) => link.leave(`c${round}`));
    await all((link) => link.settle());
  }
  const ends = await links[0]?.stopLoad() ?? [];
  for (const link of links) await link.drain(ends);
  const complaints = links.map((link) => link.complaints()).join("\n");
  const findings: GroupFinding[] = [];
  for (const [index, link] of links.entries()) {
    for (const { check, failure } of await link.findings({ hasCrashes: false })) {
      findings.push({ check, failure: failure === null ? null : `link ${index + 1}: ${failure}` });
    }
  }
  const unknown = complaints.split("\n").find((line) => UNKNOWN_MEMBER.test(line));
  findings.push({ check: "no member is unknown", failure: unknown ?? null });
  return { findings, records: ends.reduce((sum, end) => sum + end, 0) };
}

function startLink({ name, ...options }: ChainOptions, index: number): Promise<GroupRun> {
  const next = index + 1 < LENGTH ? { forward: `${name}-${index + 1}` } : {};
  return GroupRun.start({
    ...options,
    ...next,
    group: `${name}-${index}`,
    partitions: PARTITIONS,
    recordsPerSecond: index === 0 ? options.recordsPerSecond : null,
  });
}
