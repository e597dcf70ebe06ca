import { assert } from "../../base/assert.ts";
import { ClassicGroup } from "./classic/classic_group.ts";
import type { Group } from "./group.ts";
import type { GroupRecord, GroupSnapshot } from "./records.ts";

/** All groups, by id. Changed by {@link apply} and {@link ensure} alone, both from records. */
export class Groups {
  readonly #byId = new Map<string, Group>();

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
        assert(this.#byId.delete(groupId), `group ${groupId} exists`);
        return;
      case "classic_created":
        this.#byId.set(groupId, new ClassicGroup(groupId, change));
        return;
      default: {
        const group = this.#byId.get(groupId);
        assert(group !== undefined, `group ${groupId} exists`);
        group.apply(change);
      }
    }
  }

  /** Makes the empty group that offsets belong to when nobody has ever joined it. */
  ensure(id: string, timeMs: number): void {
    if (!this.#byId.has(id)) this.#byId.set(id, new ClassicGroup(id, { generation: 0, timeMs }));
  }

  snapshot(): GroupSnapshot[] {
    return Array.from(this.#byId.values(), (group) => group.snapshot());
  }

  static restore(saved: readonly GroupSnapshot[]): Groups {
    const groups = new Groups();
    for (const group of saved) groups.#byId.set(group.id, ClassicGroup.restore(group));
    return groups;
  }
}
