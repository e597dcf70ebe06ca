import type { SavedAssignment, SavedHoldings } from "./assignment.ts";

/**
 * A consumer group's changes as data (KIP-848). Bytes are base64, times are wall
 * clock. What clients are told follows from these alone, so a broker that restarts
 * goes on where it was; epochs only grow.
 */
export type ConsumerChange =
  /** The group begins, without members; it takes the place of a classic one that had the name. */
  | {
    readonly type: "consumer_created";
    readonly epoch: number;
    readonly topicsHash: string;
    readonly timeMs: number;
  }
  /** Members or topics are not what they were: a new assignment is due. */
  | {
    readonly type: "consumer_epoch";
    readonly epoch: number;
    readonly topicsHash: string;
    readonly timeMs: number;
  }
  /** A member is new, or says something else about itself than before. */
  | { readonly type: "consumer_member"; readonly member: SavedConsumerMember }
  | { readonly type: "consumer_left"; readonly memberId: string; readonly timeMs: number }
  /** What a member is to have, where that has changed. */
  | { readonly type: "consumer_target"; readonly memberId: string; readonly partitions: SavedAssignment }
  /** All of the epoch's targets are known. `assignedMs` is 0 for one that does not delay the next. */
  | { readonly type: "consumer_assigned"; readonly epoch: number; readonly assignedMs: number }
  /** What a member has, and how far it has come towards its target. */
  | ({ readonly type: "consumer_current"; readonly memberId: string } & SavedConsumerProgress)
  /** The topics that match a pattern as of `resolvedMs`. */
  | {
    readonly type: "consumer_pattern_resolved";
    readonly pattern: string;
    readonly topics: readonly string[];
    readonly resolvedMs: number;
  }
  /** Nobody subscribes to the pattern any more. */
  | { readonly type: "consumer_pattern_dropped"; readonly pattern: string };

/** What a member says about itself. */
export interface SavedConsumerMember {
  readonly id: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly topics: readonly string[];
  readonly pattern: string;
  readonly assignor: string | null;
  readonly classic: SavedClassicSide | null;
}

/** What is known in addition of a member that speaks the classic protocol. */
export interface SavedClassicSide {
  readonly sessionTimeoutMs: number;
  /** Names with subscriptions, the preferred one first. */
  readonly protocols: readonly (readonly [name: string, metadata: string])[];
}

export type MemberState =
  /** It has all that its epoch gives it. */
  | "stable"
  /** It has to give partitions up before it can reach the next epoch. */
  | "unrevoked_partitions"
  /** Others have yet to give up partitions that are to be its own. */
  | "unreleased_partitions";

export interface SavedConsumerProgress {
  readonly epoch: number;
  readonly previousEpoch: number;
  readonly state: MemberState;
  readonly assigned: SavedHoldings;
  readonly revoking: SavedHoldings;
}

export interface ConsumerGroupSnapshot {
  readonly kind: "consumer";
  readonly id: string;
  /** The changes that make the group what it is. */
  readonly changes: readonly ConsumerChange[];
}
