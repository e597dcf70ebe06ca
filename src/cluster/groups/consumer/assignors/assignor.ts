import type { Assignment } from "../assignment.ts";

/** A member as an assignor sees it. */
export interface AssignorMember {
  readonly memberId: string;
  /** The name that a static member keeps over restarts. */
  readonly instanceId: string | null;
  /** Ids of topics that exist. */
  readonly topicIds: ReadonlySet<string>;
  /** What it was to have until now; may name topics and partitions that are gone. */
  readonly previous: Assignment;
}

/** What to share out, and among whom. */
export interface AssignorInput {
  readonly members: readonly AssignorMember[];
  /** How many partitions each topic has that anyone subscribes to. */
  readonly partitionCounts: ReadonlyMap<string, number>;
}

/** Gives every partition of every subscribed topic to exactly one of the topic's subscribers. */
export interface Assignor {
  /** As clients and operators call it. */
  readonly name: string;
  /** What each member is to have, by member id; members who get nothing may be left out. */
  assign(input: AssignorInput): ReadonlyMap<string, Assignment>;
}

/** Whether all members subscribe to the same topics. */
export function isHomogeneous(members: readonly AssignorMember[]): boolean {
  const first = members[0]?.topicIds;
  if (first === undefined) return true;
  return members.every(({ topicIds }) =>
    topicIds === first || (topicIds.size === first.size && [...topicIds].every((id) => first.has(id)))
  );
}
