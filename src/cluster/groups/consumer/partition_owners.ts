import { assert } from "../../../base/assert.ts";
import type { Holdings } from "./assignment.ts";

/** Which member holds a partition: the one place where it would show that two do. */
export class PartitionOwners {
  readonly #byTopic = new Map<string, Map<number, string>>();

  of(topicId: string, partition: number): string | undefined {
    return this.#byTopic.get(topicId)?.get(partition);
  }

  /** What the member holds from now on. That someone else does is a broken invariant. */
  take(memberId: string, ...all: readonly Holdings[]): void {
    for (const holdings of all) {
      for (const [topicId, epochs] of holdings) {
        const owners = this.#byTopic.get(topicId) ?? new Map<number, string>();
        this.#byTopic.set(topicId, owners);
        for (const partition of epochs.keys()) {
          assert(!owners.has(partition), `partition ${partition} of ${topicId} has one owner`);
          owners.set(partition, memberId);
        }
      }
    }
  }

  /** What the member does not hold any more. */
  release(memberId: string, ...all: readonly Holdings[]): void {
    for (const holdings of all) {
      for (const [topicId, epochs] of holdings) {
        const owners = this.#byTopic.get(topicId);
        for (const partition of epochs.keys()) {
          assert(
            owners?.get(partition) === memberId,
            `${memberId} holds partition ${partition} of ${topicId}`,
          );
          owners.delete(partition);
        }
        if (owners?.size === 0) this.#byTopic.delete(topicId);
      }
    }
  }
}
