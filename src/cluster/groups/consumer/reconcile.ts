import { type Assignment, type Holdings, holds, NO_HOLDINGS } from "./assignment.ts";
import { type ConsumerMember, type Progress } from "./consumer_member.ts";

/** What a member is reconciled with. */
export interface Aim {
  readonly epoch: number;
  readonly target: Assignment;
  /** Ids of the topics that the member subscribes to, as far as they exist. */
  readonly topicIds: ReadonlySet<string>;
  /** Whether nobody holds a partition. */
  readonly isFree: (topicId: string, partition: number) => boolean;
  /** What the member says it holds; `null` when it did not say. */
  readonly owned: Assignment | null;
  /** The subscription has changed: what it does not cover any more has to go at once. */
  readonly hasNewSubscription: boolean;
}

/**
 * The next step of a member towards its target. It first gives up what is not its
 * own any more and stays in its epoch until it says that it has done so; then it
 * reaches the new epoch with all that is free; what others still hold, it gets
 * when they have given it up. So no partition ever has two owners.
 */
export function reconcile(member: ConsumerMember, aim: Aim): Progress {
  switch (member.state) {
    case "stable":
      if (member.epoch !== aim.epoch) return advance(member, aim);
      return aim.hasNewSubscription ? dropUnsubscribed(member, aim) : member;
    case "unrevoked_partitions":
      if (!stillOwns(member.revoking, aim.owned)) return advance(member, aim);
      return aim.hasNewSubscription ? dropUnsubscribed(member, aim) : member;
    case "unreleased_partitions":
      return advance(member, aim);
  }
}

/** A member that does not say what it owns may own everything. */
function stillOwns(holdings: Holdings, owned: Assignment | null): boolean {
  if (owned === null) return true;
  for (const [topicId, partitions] of owned) {
    if (partitions.some((partition) => holds(holdings, topicId, partition))) return true;
  }
  return false;
}

function advance(member: ConsumerMember, aim: Aim): Progress {
  const kept = new Map<string, Map<number, number>>();
  const revoking = new Map<string, Map<number, number>>();
  for (const [topicId, epochs] of member.assigned) {
    const target = aim.topicIds.has(topicId) ? new Set(aim.target.get(topicId)) : NOTHING;
    for (const [partition, epoch] of epochs) {
      put(target.has(partition) ? kept : revoking, topicId, partition, epoch);
    }
  }
  if (stillOwns(revoking, aim.owned) && revoking.size > 0) {
    return moved(member, { epoch: member.epoch, state: "unrevoked_partitions", assigned: kept, revoking });
  }

  let isWaiting = false;
  for (const [topicId, partitions] of aim.target) {
    if (!aim.topicIds.has(topicId)) continue;
    for (const partition of partitions) {
      if (kept.get(topicId)?.has(partition)) continue;
      // What the member itself is giving up, or has just now, is free for it again.
      const isFree = aim.isFree(topicId, partition) || holds(member.revoking, topicId, partition);
      if (isFree) put(kept, topicId, partition, aim.epoch);
      else isWaiting = true;
    }
  }
  const state = isWaiting ? "unreleased_partitions" : "stable";
  return moved(member, { epoch: aim.epoch, state, assigned: kept, revoking: NO_HOLDINGS });
}

const NOTHING: ReadonlySet<number> = new Set();

/** Takes away what the subscription does not cover, without looking at the target. */
function dropUnsubscribed(member: ConsumerMember, aim: Aim): Progress {
  const assigned = new Map(member.assigned);
  const revoking = new Map(member.revoking);
  for (const [topicId, epochs] of member.assigned) {
    if (aim.topicIds.has(topicId)) continue;
    assigned.delete(topicId);
    revoking.set(topicId, new Map([...revoking.get(topicId) ?? [], ...epochs]));
  }
  if (assigned.size === member.assigned.size) return member;
  const { epoch } = member;
  if (stillOwns(revoking, aim.owned)) {
    return moved(member, { epoch, state: "unrevoked_partitions", assigned, revoking });
  }
  return moved(member, { epoch, state: member.state, assigned, revoking: member.revoking });
}

function moved(member: ConsumerMember, next: Omit<Progress, "previousEpoch">): Progress {
  // The epoch before is the one that the member may still believe in.
  return { ...next, previousEpoch: member.epoch };
}

function put(
  into: Map<string, Map<number, number>>,
  topicId: string,
  partition: number,
  epoch: number,
): void {
  const epochs = into.get(topicId);
  if (epochs === undefined) into.set(topicId, new Map([[partition, epoch]]));
  else epochs.set(partition, epoch);
}
