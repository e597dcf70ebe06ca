import type { Assignment } from "../assignment.ts";
import type { AssignorInput, AssignorMember } from "./assignor.ts";

/** A partition of a topic. */
export interface TopicPartition {
  readonly topicId: string;
  readonly partition: number;
}

/** One member's partitions while they are being shared out. */
export class Share {
  readonly memberId: string;
  readonly topicIds: ReadonlySet<string>;
  readonly #previous: Assignment;
  readonly #topics = new Map<string, number[]>();
  #size = 0;

  constructor({ memberId, topicIds, previous }: AssignorMember) {
    this.memberId = memberId;
    this.topicIds = topicIds;
    this.#previous = previous;
  }

  /** How many partitions it has. */
  get size(): number {
    return this.#size;
  }

  /** How many of them are of this topic. */
  countOf(topicId: string): number {
    return this.#topics.get(topicId)?.length ?? 0;
  }

  add(topicId: string, partition: number): void {
    const partitions = this.#topics.get(topicId);
    if (partitions === undefined) this.#topics.set(topicId, [partition]);
    else partitions.push(partition);
    this.#size++;
  }

  /** Takes one partition of a topic back: one that the member did not have before, if there is one. */
  giveUp(topicId: string): number | undefined {
    const partitions = this.#topics.get(topicId);
    if (partitions === undefined) return undefined;
    const had = this.#previous.get(topicId);
    const fresh = had === undefined ? -1 : partitions.findLastIndex((partition) => !had.includes(partition));
    const [partition] = partitions.splice(fresh < 0 ? partitions.length - 1 : fresh, 1);
    if (partitions.length === 0) this.#topics.delete(topicId);
    this.#size--;
    return partition;
  }

  result(): Assignment {
    return new Map(
      Array.from(this.#topics, ([topicId, partitions]) => [topicId, partitions.sort((a, b) => a - b)]),
    );
  }
}

/**
 * Calls `keep` for each partition that a member had and may keep: the topic exists
 * and is subscribed to, and no member before had it. Answers all others.
 */
export function splitPrevious(
  { members, partitionCounts }: AssignorInput,
  keep: (member: AssignorMember, topicId: string, partition: number) => boolean,
): TopicPartition[] {
  const kept = new Map<string, Uint8Array>();
  for (const [topicId, count] of partitionCounts) kept.set(topicId, new Uint8Array(count));
  for (const member of members) {
    for (const [topicId, partitions] of member.previous) {
      const taken = kept.get(topicId);
      if (taken === undefined || !member.topicIds.has(topicId)) continue;
      for (const partition of partitions) {
        if (taken[partition] === 0 && keep(member, topicId, partition)) taken[partition] = 1;
      }
    }
  }
  const free: TopicPartition[] = [];
  for (const [topicId, taken] of kept) {
    for (let partition = 0; partition < taken.length; partition++) {
      if (taken[partition] === 0) free.push({ topicId, partition });
    }
  }
  return free;
}
