import type { Assignment } from "../assignment.ts";
import { type Assignor, type AssignorInput, type AssignorMember, isHomogeneous } from "./assignor.ts";
import { Share, splitPrevious, type TopicPartition } from "./shares.ts";

/**
 * As many partitions for each member as for any other, then as few moves as
 * possible. Members who subscribe to the same topics differ by one partition at
 * most; otherwise no move of a single partition makes two members more alike.
 */
export const uniformAssignor: Assignor = {
  name: "uniform",
  assign(input) {
    if (input.members.length === 0) return new Map();
    const shares = isHomogeneous(input.members) ? shareEvenly(input) : shareByTopics(input);
    return new Map(shares.map((share): [string, Assignment] => [share.memberId, share.result()]));
  },
};

/** All subscribe to the same: everyone has a quota, and keeps what fits into it. */
function shareEvenly(input: AssignorInput): Share[] {
  let total = 0;
  for (const count of input.partitionCounts.values()) total += count;
  const quota = Math.floor(total / input.members.length);
  // Those with the most get one more: they have it already.
  const members = [...input.members].sort((a, b) => sizeOf(b) - sizeOf(a));
  const larger = total % members.length;
  const shares = new Map(
    members.map((member, index) => {
      const most = quota + (index < larger ? 1 : 0);
      return [member, { share: new Share(member), most }] as const;
    }),
  );
  const free = splitPrevious({ ...input, members }, (member, topicId, partition) => {
    const mine = shares.get(member);
    if (mine === undefined || mine.share.size >= mine.most) return false;
    mine.share.add(topicId, partition);
    return true;
  });
  let next = 0;
  for (const { share, most } of shares.values()) {
    while (share.size < most) {
      const given = free[next++];
      if (given === undefined) break;
      share.add(given.topicId, given.partition);
    }
  }
  return Array.from(shares.values(), ({ share }) => share);
}

function sizeOf({ previous, topicIds }: AssignorMember): number {
  let size = 0;
  for (const [topicId, partitions] of previous) if (topicIds.has(topicId)) size += partitions.length;
  return size;
}

/** Subscriptions differ: keep all, hand out the rest to the least loaded, then even out topic by topic. */
function shareByTopics(input: AssignorInput): Share[] {
  const shares = new Map(input.members.map((member) => [member, new Share(member)]));
  const subscribers = new Map<string, Share[]>();
  for (const share of shares.values()) {
    for (const topicId of share.topicIds) {
      const list = subscribers.get(topicId);
      if (list === undefined) subscribers.set(topicId, [share]);
      else list.push(share);
    }
  }
  const free = splitPrevious(input, (member, topicId, partition) => {
    shares.get(member)?.add(topicId, partition);
    return true;
  });
  handOut(free, subscribers);
  evenOut(subscribers);
  return [...shares.values()];
}

/** Topics with the fewest subscribers first: theirs have the least choice. */
function handOut(free: readonly TopicPartition[], subscribers: ReadonlyMap<string, Share[]>): void {
  const byTopic = new Map<string, number[]>();
  for (const { topicId, partition } of free) {
    const partitions = byTopic.get(topicId);
    if (partitions === undefined) byTopic.set(topicId, [partition]);
    else partitions.push(partition);
  }
  const topics = [...byTopic].map(([topicId, partitions]) => ({
    topicId,
    partitions,
    takers: [...subscribers.get(topicId) ?? []],
  })).sort((a, b) => a.takers.length - b.takers.length);
  for (const { topicId, partitions, takers } of topics) {
    takers.sort((a, b) => a.size - b.size);
    let at = 0;
    for (const partition of partitions) {
      // Sizes ascend, and the front rises by one at a time until the next one is as low.
      takers[at]?.add(topicId, partition);
      const isNextLower = (takers[at + 1]?.size ?? Infinity) < (takers[at]?.size ?? 0);
      at = isNextLower ? at + 1 : 0;
    }
  }
}

/** Moves partitions from the more to the less loaded until no move helps. Each move makes the loads more alike, so it ends. */
function evenOut(subscribers: ReadonlyMap<string, Share[]>): void {
  for (let moved = true; moved;) {
    moved = false;
    for (const [topicId, shares] of subscribers) {
      for (;;) {
        let fullest: Share | undefined;
        let emptiest: Share | undefined;
        for (const share of shares) {
          if (share.countOf(topicId) > 0 && share.size > (fullest?.size ?? -1)) fullest = share;
          if (share.size < (emptiest?.size ?? Infinity)) emptiest = share;
        }
        if (fullest === undefined || emptiest === undefined || fullest.size <= emptiest.size + 1) break;
        const partition = fullest.giveUp(topicId);
        if (partition === undefined) break;
        emptiest.add(topicId, partition);
        moved = true;
      }
    }
  }
}
