/**
 * Who of a classic group is where in a rebalance. Not durable: after a restart
 * nobody waits for anything, and whoever does not come back in time is late.
 */
export class Presence {
  /** Members that have joined again and wait for the next generation. */
  readonly joined = new Set<string>();
  /** Ids given to clients that are to join with them (KIP-394). */
  readonly pending = new Set<string>();
  /** Members of the generation that have not asked for their assignment. */
  readonly unsynced = new Set<string>();
  /** The group was empty: more members may come within moments, so the first generation is delayed. */
  isGathering = false;

  /** Whoever this was is not awaited any more. */
  forget(memberId: string): void {
    this.joined.delete(memberId);
    this.pending.delete(memberId);
    this.unsynced.delete(memberId);
  }
}
