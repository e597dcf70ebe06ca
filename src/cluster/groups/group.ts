import type { ErrorCode } from "../../base/error_codes.ts";
import type { GroupChange, GroupSnapshot } from "./records.ts";

/** Which protocol a group speaks: Kafka's original one, or KIP-848's. */
export type GroupKind = "classic" | "consumer";

/**
 * A group as those see it who do not care which kind it is. Both kinds hold
 * what is durable and nothing else: only {@link apply} changes them.
 */
export interface Group {
  readonly id: string;
  readonly kind: GroupKind;
  /** As ListGroups shows it. */
  readonly stateName: string;
  /** What the members call themselves, such as `consumer`; `null` while nobody has said so. */
  readonly protocolType: string | null;
  /** Whether nobody is in the group. */
  readonly isEmpty: boolean;
  /** Whether the members' metadata is that of Kafka's consumers, so that subscriptions are known. */
  readonly usesConsumerProtocol: boolean;
  /** Memory that the group takes, about. */
  readonly heldBytes: number;
  /** Since when the group has been as it is, wall clock. */
  readonly sinceMs: number;

  /** Whether these offsets may be committed: by a member of this generation, or by anyone while the group is empty. */
  validateOffsetCommit(
    memberId: string,
    groupInstanceId: string | null,
    generationOrEpoch: number,
    isTransactional: boolean,
  ): ErrorCode;
  /** Whether this member may read offsets, `null` being none; classic groups let everyone. */
  validateOffsetFetch(memberId: string | null, memberEpoch: number): ErrorCode;
  /** Whether an admin may remove offsets of topics that {@link isSubscribedTo} denies. */
  validateOffsetDelete(): ErrorCode;
  /** Whether the group may be deleted. */
  validateDelete(): ErrorCode;
  /** Whether a member reads `topic`. Where that cannot be known, what is safer: true. */
  isSubscribedTo(topic: string): boolean;
  /**
   * From when on the retention of an offset committed at `committedMs` counts (KIP-211);
   * `null` while it does not. Offsets of topics that {@link isSubscribedTo} affirms are kept in any case.
   */
  retentionStartMs(committedMs: number): number | null;

  /** The only way to change the group. A change of another kind's is a broken invariant. */
  apply(change: GroupChange): void;
  snapshot(): GroupSnapshot;
}
