/** The checks over what the members of a group have told: pure, so that they can be tested with made-up histories. */
import type { MemberEvent } from "./member_event.ts";

/** One look at the committed offset of a partition; -1 when there is none. */
export interface CommittedSample {
  readonly partition: number;
  readonly offset: number;
  readonly atMs: number;
}

/** What the checks of ownership have to know beside the events. */
export interface MemberFacts {
  /** Members that were killed, and could not say that they gave anything up. */
  readonly killed: ReadonlySet<string>;
  /** Static members by their instance ids: one that comes back is the one that went. */
  readonly instances: ReadonlyMap<string, string>;
}

/** No generation has a partition with two owners, and no member has one before the last has given it up. */
export function findSecondOwner(
  events: readonly MemberEvent[],
  { killed, instances }: MemberFacts,
): string | null {
  return findClaimTwice(events, instances) ?? findOverlap(events, killed) ?? findOldGeneration(events);
}

function findClaimTwice(
  events: readonly MemberEvent[],
  instances: ReadonlyMap<string, string>,
): string | null {
  const owners = new Map<string, string>();
  for (const event of events) {
    if (event.event !== "owned" || event.generation < 0) continue;
    for (const partition of event.partitions) {
      const claim = `partition ${partition} in generation ${event.generation}`;
      const owner = owners.get(claim);
      const member = instances.get(event.member) ?? event.member;
      if (owner !== undefined && owner !== member) return `${claim} is owned by ${owner} and by ${member}`;
      owners.set(claim, member);
    }
  }
  return null;
}

/** A time in which a member had a partition. */
interface Tenure {
  readonly partition: number;
  readonly member: string;
  readonly fromMs: number;
  /** When the member gave it up; null when it still has it, was thrown out or killed: others rightly overlap that. */
  untilMs: number | null;
}

function findOverlap(events: readonly MemberEvent[], killed: ReadonlySet<string>): string | null {
  const tenures = tenuresOf(events, killed);
  for (const { partition, member, fromMs, untilMs } of tenures) {
    if (untilMs === null) continue;
    const early = tenures.find((other) =>
      other.partition === partition && other.member !== member && other.fromMs >= fromMs &&
      other.fromMs < untilMs
    );
    if (early === undefined) continue;
    const earlyMs = (untilMs - early.fromMs).toFixed(1);
    return `partition ${partition} is owned by ${early.member} ${earlyMs} ms before ${member} gives it up`;
  }
  return null;
}

function tenuresOf(events: readonly MemberEvent[], killed: ReadonlySet<string>): Tenure[] {
  const tenures: Tenure[] = [];
  const open = new Map<string, Tenure>();
  for (const event of events.toSorted((a, b) => a.atMs - b.atMs)) {
    if (event.event !== "owned" && event.event !== "revoked" && event.event !== "lost") continue;
    for (const partition of event.partitions) {
      const key = `${event.member} ${partition}`;
      const tenure = open.get(key);
      if (event.event !== "owned") {
        if (tenure !== undefined && event.event === "revoked" && !killed.has(event.member)) {
          tenure.untilMs = event.atMs;
        }
        open.delete(key);
      } else if (tenure === undefined) {
        const begun = { partition, member: event.member, fromMs: event.atMs, untilMs: null };
        tenures.push(begun);
        open.set(key, begun);
      }
    }
  }
  return tenures;
}

function findOldGeneration(events: readonly MemberEvent[]): string | null {
  const latest = new Map<string, number>();
  for (const event of events) {
    if (event.event !== "owned") continue;
    const before = latest.get(event.member) ?? -1;
    if (event.generation < before) {
      return `${event.member} is in generation ${event.generation} after ${before}`;
    }
    latest.set(event.member, event.generation);
  }
  return null;
}

/** Each record up to the partitions' ends has been handled by some member. */
export function findUnprocessed(events: readonly MemberEvent[], ends: readonly number[]): string | null {
  for (const [partition, end] of ends.entries()) {
    let next = 0;
    for (const range of rangesOf(events, partition)) {
      if (range.first > next) break;
      next = Math.max(next, range.next);
    }
    if (next < end) {
      return `record ${next} of partition ${partition}, which ends at ${end}, was handled by nobody`;
    }
  }
  return null;
}

/** No record has been handled twice: so it must be as long as nobody crashes. */
export function findDuplicate(events: readonly MemberEvent[], ends: readonly number[]): string | null {
  for (const partition of ends.keys()) {
    let next = 0;
    let before = "";
    for (const range of rangesOf(events, partition)) {
      if (range.first < next) {
        return `record ${range.first} of partition ${partition} was handled by ${before} and by ${range.member}`;
      }
      next = range.next;
      before = range.member;
    }
  }
  return null;
}

function rangesOf(events: readonly MemberEvent[], partition: number) {
  return events.flatMap((event) =>
    event.event === "processed" && event.partition === partition ? [event] : []
  )
    .toSorted((a, b) => a.first - b.first);
}

/** A committed offset never goes back, and is never gone. */
export function findCommitGoneBack(samples: readonly CommittedSample[]): string | null {
  const latest = new Map<number, number>();
  for (const { partition, offset } of samples) {
    const before = latest.get(partition) ?? -1;
    if (offset < before) {
      return `the committed offset of partition ${partition} went from ${before} to ${offset}`;
    }
    latest.set(partition, offset);
  }
  return null;
}
