import { assert } from "../../base/assert.ts";
import { ClassicGroup } from "./classic/classic_group.ts";
import { ConsumerGroup } from "./consumer/consumer_group.ts";
import type { Group } from "./group.ts";
import type { GroupRecord, GroupSnapshot } from "./records.ts";

/** Memory that all groups may take: what would be more is refused. */
const HELD_BYTES_MAX = 128 * 1024 * 1024;

/** All groups, by id. Changed by {@link apply} and {@link ensure} alone, both from records. */
export class Groups {
  readonly #byId = new Map<string, Group>();
  #heldBytes = 0;

  /** Memory that all groups take, about. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether there is memory for so much more. */
  hasRoomFor(bytes: number): boolean {
    return this.#heldBytes + bytes <= HELD_BYTES_MAX;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Group | undefined {
    return this.#byId.get(id);
  }

  [Symbol.iterator](): IterableIterator<Group> {
    return this.#byId.values();
  }

  apply({ groupId, change }: GroupRecord): void {
    switch (change.type) {
      case "deleted":
        return this.#set(groupId, undefined);
      case "classic_created":
        return this.#set(groupId, new ClassicGroup(groupId, change));
      case "consumer_created":
        return this.#set(groupId, new ConsumerGroup(groupId, change));
      default: {
        const group = this.#existing(groupId);
        const beforeBytes = group.heldBytes;
        group.apply(change);
        this.#heldBytes += group.heldBytes - beforeBytes;
      }
    }
  }

  /** Makes the empty group that offsets belong to when nobody has ever joined it. */
  ensure(id: string, timeMs: number): void {
    if (!this.#byId.has(id)) this.#set(id, new ClassicGroup(id, { generation: 0, timeMs }));
  }

  snapshot(): GroupSnapshot[] {
    return Array.from(this.#byId.values(), (group) => group.snapshot());
  }

  static restore(saved: readonly GroupSnapshot[]): Groups {
    const groups = new Groups();
    for (const group of saved) groups.#set(group.id, restoreGroup(group));
    return groups;
  }

  #set(id: string, group: Group | undefined): void {
    this.#heldBytes += (group?.heldBytes ?? 0) - (this.#byId.get(id)?.heldBytes ?? 0);
    if (group === undefined) this.#byId.delete(id);
    else this.#byId.set(id, group);
  }

  #existing(id: string): Group {
    const group = this.#byId.get(id);
    assert(group !== undefined, `group ${id} exists`);
    return group;
  }
}

function restoreGroup(saved: GroupSnapshot): Group {
  return saved.kind === "classic" ? ClassicGroup.restore(saved) : ConsumerGroup.restore(saved);
}
