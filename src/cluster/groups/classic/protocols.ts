import type { ClassicMember } from "./classic_member.ts";

/**
 * The protocol of a generation: each member votes for the first of its own that
 * all know. At a tie the first member's order decides; Kafka leaves that to chance.
 */
export function electProtocol(members: readonly ClassicMember[]): string | null {
  const votes = new Map(commonProtocols(members).map((name) => [name, 0]));
  for (const { protocols } of members) {
    const vote = protocols.find(({ name }) => votes.has(name));
    if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
  }
  let elected: string | null = null;
  let most = 0;
  for (const [name, count] of votes) {
    if (count <= most) continue;
    elected = name;
    most = count;
  }
  return elected;
}

/** The names that every one of `members` knows, in the order in which the first of them prefers them. */
function commonProtocols(members: readonly ClassicMember[]): string[] {
  const [first, ...others] = members;
  if (first === undefined) return [];
  const known = others.map(({ protocols }) => new Set(protocols.map(({ name }) => name)));
  return first.protocols.map(({ name }) => name).filter((name) => known.every((names) => names.has(name)));
}
