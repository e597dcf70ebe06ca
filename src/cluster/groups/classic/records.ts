/**
 * A classic group's changes as data. Bytes are base64, times are wall clock.
 *
 * Everything about membership is durable, also in the middle of a rebalance: a
 * broker that restarts goes on where it was, and nobody has to join again.
 */
export type ClassicChange =
  /** The group begins, empty. */
  | { readonly type: "classic_created"; readonly generation: number; readonly timeMs: number }
  /** A member is new, or has another subscription or other timeouts than before. The first names the group's protocol type. */
  | { readonly type: "classic_joined"; readonly protocolType: string; readonly member: SavedClassicMember }
  /** A static member (KIP-345) has a new id, and keeps its assignment; whoever uses the old id is fenced. */
  | { readonly type: "classic_replaced"; readonly oldMemberId: string; readonly member: SavedClassicMember }
  | { readonly type: "classic_left"; readonly memberId: string }
  /** Members are to join again. */
  | { readonly type: "classic_rebalancing"; readonly timeMs: number }
  /** All who are there make a generation; without members the group is empty. */
  | {
    readonly type: "classic_generation";
    readonly generation: number;
    readonly protocol: string | null;
    readonly leaderId: string | null;
    readonly timeMs: number;
  }
  /**
   * The leader has said who gets what; nothing for those not named. Pairs, for clients may choose ids that are
   * names of every object's own, such as `constructor`.
   */
  | {
    readonly type: "classic_assigned";
    readonly assignments: readonly (readonly [memberId: string, assignment: string])[];
    readonly timeMs: number;
  };

/** A member as records hold it. */
export interface SavedClassicMember {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** Names with subscriptions, the preferred one first. */
  readonly protocols: readonly (readonly [name: string, metadata: string])[];
}

export type ClassicPhase = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable";

export interface ClassicGroupSnapshot {
  readonly kind: "classic";
  readonly id: string;
  readonly phase: ClassicPhase;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leaderId: string | null;
  readonly sinceMs: number;
  readonly members: readonly { readonly member: SavedClassicMember; readonly assignment: string }[];
}
