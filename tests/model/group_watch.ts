import assert from "node:assert/strict";
import type { Group } from "../../src/cluster/mod.ts";
import { ClassicGroup, ConsumerGroup } from "../../src/cluster/groups/mod.ts";
import { decodeMarks, decodeMetadata } from "../../src/engine/log_entries.ts";
import { EntryKind } from "../../src/engine/mod.ts";
import type { LoggedEntry } from "./log_tap.ts";

/** Something that was seen, and is so for good when the log is durable up to `endLsn`. */
interface Seen {
  readonly endLsn: number;
  readonly group: string;
}

interface Generation extends Seen {
  readonly generation: number;
}

/** What a member was told of a generation. */
interface Fact extends Generation {
  readonly name: string;
  readonly value: string;
}

/**
 * Remembers what groups were like and what their members were told, through all
 * lives of the broker: generations and epochs never go back, and in a generation
 * a partition has one owner.
 */
export class GroupWatch {
  /** A group that is deleted, or made anew when nobody is in it, begins anew. */
  #beginnings: Seen[] = [];
  #generations: Generation[] = [];
  #facts: Fact[] = [];

  /** To be called before anything comes of the entry. */
  entry({ kind, payload, endLsn }: LoggedEntry, groupOf: (id: string) => Group | undefined): void {
    if (kind === EntryKind.BATCH) return;
    const records = kind === EntryKind.METADATA ? decodeMetadata(payload) : decodeMarks(payload).records;
    for (const record of records) {
      if (record.type !== "group") continue;
      const { groupId: group, change: { type } } = record;
      const isCreated = type === "classic_created" || type === "consumer_created";
      if (type === "deleted" || (isCreated && (groupOf(group)?.isEmpty ?? true))) {
        this.#beginnings.push({ group, endLsn });
      }
    }
  }

  /** A member was told of a generation what all its members must be told alike, such as who owns a partition. */
  told(group: string, generation: number, name: string, value: string, endLsn: number): void {
    const other = this.#since(group, this.#facts).find((each) =>
      each.generation === generation && each.name === name && each.value !== value
    );
    assert.equal(other, undefined, `the ${name} is two in generation ${generation} of ${group}`);
    this.#facts.push({ group, generation, name, value, endLsn });
  }

  /** What was seen and was not durable up to there has never been. */
  crashed(endLsn: number): void {
    this.#beginnings = this.#beginnings.filter((each) => each.endLsn <= endLsn);
    this.#generations = this.#generations.filter((each) => each.endLsn <= endLsn);
    this.#facts = this.#facts.filter((each) => each.endLsn <= endLsn);
  }

  check(groups: Iterable<Group>, endLsn: number): void {
    for (const group of groups) {
      if (group instanceof ClassicGroup) this.#checkClassic(group, endLsn);
      else if (group instanceof ConsumerGroup) this.#checkConsumer(group, endLsn);
    }
  }

  #checkClassic(group: ClassicGroup, endLsn: number): void {
    this.#grows(group.id, group.generation, endLsn);
    const members = [...group.members()];
    const instances = members.flatMap(({ instanceId }) => instanceId ?? []);
    assert.equal(new Set(instances).size, instances.length, "an instance is one member");
    assert.equal(group.isEmpty, group.phase === "Empty");
    if (group.phase === "Empty") assert.equal(members.length, 0);
    if (group.phase !== "CompletingRebalance" && group.phase !== "Stable") return;
    assert.ok(
      group.leaderId !== null && group.member(group.leaderId) !== undefined,
      "the leader is a member",
    );
    for (const { protocols } of members) {
      assert.ok(protocols.some(({ name }) => name === group.protocol), "all know what was agreed upon");
    }
  }

  #checkConsumer(group: ConsumerGroup, endLsn: number): void {
    this.#grows(group.id, group.epoch, endLsn);
    assert.ok(group.assignmentEpoch <= group.epoch);
    const held = new Set<string>();
    const targeted = new Set<string>();
    for (const { info, epoch, assigned, revoking } of group.members()) {
      assert.ok(epoch <= group.assignmentEpoch, "a member is not ahead of the assignment");
      for (const holdings of [assigned, revoking]) {
        for (const [topicId, epochs] of holdings) {
          for (const partition of epochs.keys()) once(held, `${topicId}-${partition} is held`);
        }
      }
      for (const [topicId, partitions] of group.target(info.id)) {
        for (const partition of partitions) once(targeted, `${topicId}-${partition} is a target`);
      }
    }
  }

  #grows(group: string, generation: number, endLsn: number): void {
    const last = this.#since(group, this.#generations).at(-1)?.generation ?? -1;
    assert.ok(generation >= last, `the generation of ${group} goes back from ${last} to ${generation}`);
    if (generation > last) this.#generations.push({ group, generation, endLsn });
  }

  #since<Kind extends Seen>(group: string, all: readonly Kind[]): Kind[] {
    const beginning = this.#beginnings.findLast((each) => each.group === group)?.endLsn ?? 0;
    return all.filter((each) => each.group === group && each.endLsn >= beginning);
  }
}

function once(all: Set<string>, what: string): void {
  assert.ok(!all.has(what), `${what} by two members`);
  all.add(what);
}
