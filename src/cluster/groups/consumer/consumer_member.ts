import { type Holdings, loadHoldings, NO_HOLDINGS, sameHoldings, saveHoldings } from "./assignment.ts";
import type { ConsumerChange, MemberState, SavedConsumerMember, SavedConsumerProgress } from "./records.ts";

/** What a member says about itself; of one that speaks the classic protocol, in its terms too. */
export type MemberInfo = SavedConsumerMember;

/** How far a member has come towards its target. */
export interface Progress {
  /** The assignment that it has reached; 0 before the first, {@link AWAY} while a static member is away. */
  readonly epoch: number;
  readonly previousEpoch: number;
  readonly state: MemberState;
  /** What it may consume. */
  readonly assigned: Holdings;
  /** What it has to give up, and may still hold. */
  readonly revoking: Holdings;
}

/** A member of a consumer group. */
export interface ConsumerMember extends Progress {
  readonly info: MemberInfo;
}

/** The epoch of a static member that has left and means to come back. */
export const AWAY = -2;

/** A member that has nothing yet. */
export function newMember(info: MemberInfo): ConsumerMember {
  return {
    info,
    epoch: 0,
    previousEpoch: 0,
    state: "stable",
    assigned: NO_HOLDINGS,
    revoking: NO_HOLDINGS,
  };
}

/** What a member that has never been heard of says about itself. */
export function blankInfo(id: string): MemberInfo {
  return {
    id,
    instanceId: null,
    rackId: null,
    clientId: "",
    clientHost: "",
    rebalanceTimeoutMs: -1,
    topics: [],
    pattern: "",
    assignor: null,
    classic: null,
  };
}

/** Whether both say the same. Topics are sorted. */
export function sameInfo(a: MemberInfo, b: MemberInfo): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

export function sameTopics(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((topic, index) => topic === b[index]);
}

export function sameProgress(a: Progress, b: Progress): boolean {
  return a.epoch === b.epoch && a.previousEpoch === b.previousEpoch && a.state === b.state &&
    sameHoldings(a.assigned, b.assigned) && sameHoldings(a.revoking, b.revoking);
}

/** The change that lets a member come so far. */
export function progressed(memberId: string, progress: Progress): ConsumerChange {
  const { epoch, previousEpoch, state, assigned, revoking } = progress;
  return {
    type: "consumer_current",
    memberId,
    epoch,
    previousEpoch,
    state,
    assigned: saveHoldings(assigned),
    revoking: saveHoldings(revoking),
  };
}

export function loadProgress(saved: SavedConsumerProgress): Progress {
  const { epoch, previousEpoch, state } = saved;
  return {
    epoch,
    previousEpoch,
    state,
    assigned: loadHoldings(saved.assigned),
    revoking: loadHoldings(saved.revoking),
  };
}
