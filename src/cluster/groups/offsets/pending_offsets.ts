import type { CommittedOffset } from "./topic_offsets.ts";

/** What one transaction has written for one partition of a group. */
interface Write {
  readonly offset: CommittedOffset;
  /** Whether something newer has been committed meanwhile, which must not go back. */
  isOutdated: boolean;
}

interface Partition {
  readonly topic: string;
  readonly partition: number;
  /** By producer id, in the order of writing. */
  readonly writes: Map<number, Write>;
}

/** Everything of {@link PendingOffsets} as plain data, for snapshots: in the order of writing per partition. */
export type PendingSnapshot = readonly {
  readonly producerId: number;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: CommittedOffset;
  readonly isOutdated: boolean;
}[];

/** An offset that the end of a transaction commits. */
export interface EndedOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: CommittedOffset;
}

/** Offsets that open transactions have written: few, and gone with the transaction. */
export class PendingOffsets {
  readonly #groups = new Map<string, Map<string, Partition>>();
  readonly #groupsByProducer = new Map<number, Set<string>>();
  #count = 0;
  #metadataCharacters = 0;

  get count(): number {
    return this.#count;
  }

  /** Length of all metadata together. */
  get metadataCharacters(): number {
    return this.#metadataCharacters;
  }

  /** Whether an open transaction has written an offset of the group. */
  hasGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  has(group: string, topic: string, partition: number): boolean {
    return this.#groups.get(group)?.has(keyOf(topic, partition)) ?? false;
  }

  write(producerId: number, group: string, topic: string, partition: number, offset: CommittedOffset): void {
    const partitions = fetched(this.#groups, group, () => new Map<string, Partition>());
    const { writes } = fetched(
      partitions,
      keyOf(topic, partition),
      () => ({ topic, partition, writes: new Map() }),
    );
    this.#take(writes, producerId);
    this.#count++;
    this.#metadataCharacters += offset.metadata.length;
    writes.set(producerId, { offset, isOutdated: false });
    fetched(this.#groupsByProducer, producerId, () => new Set<string>()).add(group);
  }

  /** Something newer is committed in the partition than all that transactions have written so far. */
  outdate(group: string, topic: string, partition: number): void {
    const writes = this.#groups.get(group)?.get(keyOf(topic, partition))?.writes.values() ?? [];
    for (const write of writes) write.isOutdated = true;
  }

  /** Ends the producer's transaction; answers the offsets that are committed by that. */
  end(producerId: number, isCommit: boolean): EndedOffset[] {
    const committed: EndedOffset[] = [];
    for (const group of this.#groupsByProducer.get(producerId) ?? []) {
      for (const { topic, partition, writes } of this.#groups.get(group)?.values() ?? []) {
        const write = writes.get(producerId);
        if (!isCommit || write === undefined || write.isOutdated) continue;
        committed.push({ group, topic, partition, offset: write.offset });
        for (const [other, earlier] of writes) {
          if (other === producerId) break;
          earlier.isOutdated = true;
        }
      }
      this.#remove(group, (_, each) => each === producerId);
    }
    return committed;
  }

  deletePartition(group: string, topic: string, partition: number): void {
    this.#remove(group, (each) => each.topic === topic && each.partition === partition);
  }

  deleteTopic(topic: string): void {
    for (const group of [...this.#groups.keys()]) this.#remove(group, (each) => each.topic === topic);
  }

  deleteGroup(group: string): void {
    this.#remove(group, () => true);
  }

  snapshot(): PendingSnapshot {
    return Array.from(
      this.#groups,
      ([group, partitions]) =>
        Array.from(
          partitions.values(),
          ({ topic, partition, writes }) =>
            Array.from(writes, ([producerId, { offset, isOutdated }]) => (
              { producerId, group, topic, partition, offset, isOutdated }
            )),
        ),
    ).flat(2);
  }

  static restore(snapshot: PendingSnapshot): PendingOffsets {
    const pending = new PendingOffsets();
    for (const { producerId, group, topic, partition, offset, isOutdated } of snapshot) {
      pending.write(producerId, group, topic, partition, offset);
      if (isOutdated) pending.outdate(group, topic, partition);
    }
    return pending;
  }

  #take(writes: Map<number, Write>, producerId: number): void {
    const write = writes.get(producerId);
    if (write === undefined) return;
    writes.delete(producerId);
    this.#count--;
    this.#metadataCharacters -= write.offset.metadata.length;
  }

  /** Forgets the group's writes that are meant, and whatever is empty then. */
  #remove(group: string, isMeant: (partition: Partition, producerId: number) => boolean): void {
    const partitions = this.#groups.get(group);
    const left = new Set<number>();
    const removed = new Set<number>();
    for (const [key, partition] of partitions ?? []) {
      for (const producerId of [...partition.writes.keys()]) {
        if (isMeant(partition, producerId)) {
          this.#take(partition.writes, producerId);
          removed.add(producerId);
        } else left.add(producerId);
      }
      if (partition.writes.size === 0) partitions?.delete(key);
    }
    if (partitions?.size === 0) this.#groups.delete(group);
    for (const producerId of removed) {
      const groups = this.#groupsByProducer.get(producerId);
      if (!left.has(producerId)) groups?.delete(group);
      if (groups?.size === 0) this.#groupsByProducer.delete(producerId);
    }
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}

function fetched<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
