import type { Deadline } from "../deadlines.ts";

/** A member of a consumer group beside its durable state. */
export interface LiveConsumer {
  /** The end of its session, unless there is a sign of life. */
  readonly session: Deadline;
  /** Until when it has to have given up partitions or, speaking the classic protocol, to have joined or synced. */
  rebalance: Deadline | null;
  /** What the classic protocol's deadline waits for. */
  awaited: "join" | "sync" | null;
}

/** What is known of a consumer group beside its durable state. */
export class LiveConsumerGroup {
  readonly members = new Map<string, LiveConsumer>();
  /** The version of the topics that the group's own were looked at in; −1 for never. */
  checkedTopics = -1;
  /** The version of the topics that the group's patterns were looked up in; −1 for never. */
  resolvedTopics = -1;
  /** Patterns are being looked up. */
  isResolving = false;

  drop(memberId: string): void {
    const member = this.members.get(memberId);
    member?.session.clear();
    member?.rebalance?.clear();
    this.members.delete(memberId);
  }
}
