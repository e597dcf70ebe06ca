/** All that the members of one group have told, in the order in which it arrived, and who holds what now. */
import type { MemberEvent } from "./member_event.ts";

/** What has happened to a group. */
export class History {
  readonly #events: MemberEvent[] = [];
  readonly #held = new Map<string, Set<number>>();
  readonly #processed = new Map<number, number>();

  get events(): readonly MemberEvent[] {
    return this.#events;
  }

  add(event: MemberEvent): void {
    this.#events.push(event);
    switch (event.event) {
      case "owned":
        this.#held.set(event.member, new Set(event.partitions));
        break;
      case "revoked":
      case "lost":
        for (const partition of event.partitions) this.#held.get(event.member)?.delete(partition);
        break;
      case "left":
        this.#held.delete(event.member);
        break;
      case "processed":
        this.#processed.set(event.partition, Math.max(event.next, this.#processed.get(event.partition) ?? 0));
        break;
      case "committed":
      case "error":
        break;
    }
  }

  /** A killed member tells nothing more and holds nothing, as soon as the broker knows. */
  killed(member: string): void {
    this.#held.delete(member);
  }

  /** The partitions that the member says are its own. */
  heldBy(member: string): ReadonlySet<number> {
    return this.#held.get(member) ?? new Set();
  }

  /** Whether these members hold all partitions, none of them twice, and each of them as many as any other, or one more. */
  isSettled(members: readonly string[], partitions: number): boolean {
    const held = members.map((member) => this.heldBy(member));
    const all = new Set(held.flatMap((one) => [...one]));
    const sizes = held.map(({ size }) => size);
    const sum = sizes.reduce((total, size) => total + size, 0);
    return sum === partitions && all.size === partitions && Math.max(...sizes) - Math.min(...sizes) <= 1;
  }

  /** The offset behind the last record of the partition that anyone has handled. */
  processedTo(partition: number): number {
    return this.#processed.get(partition) ?? 0;
  }

  /** Who holds what, in words. */
  describe(): string {
    return [...this.#held].map(([member, held]) => `${member}: ${[...held].sort().join(",") || "none"}`).join(
      "; ",
    );
  }

  /** The last things that members' clients complained of. */
  errors(count: number): readonly string[] {
    return this.#events.flatMap((event) =>
      event.event === "error" ? [`${event.member}: ${event.message}`] : []
    )
      .slice(-count);
  }
}
