/** Where a group has got to in one partition. */
export interface CommittedOffset {
  readonly offset: number;
  /** -1 when the client did not say. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedMs: number;
  /** When it expires whatever the broker's retention is; `null` if the client left that to the broker. */
  readonly expireMs: number | null;
}

/** Everything of a group and topic as plain data, for snapshots. */
export interface TopicOffsetsSnapshot {
  readonly topic: string;
  /** Partition, offset, leader epoch, time of commit; and again. */
  readonly rows: readonly number[];
  /** One per row, unless all are empty. */
  readonly metadata?: readonly string[];
  readonly expireMs?: readonly (readonly [partition: number, ms: number])[];
}

const OFFSET = 1;
const LEADER_EPOCH = 2;
const COMMITTED_MS = 3;
const ROW = 4;

/**
 * One group's offsets in one topic: a row of plain numbers for each partition,
 * in the order of partitions, which is 32 bytes an offset.
 */
export class TopicOffsets {
  #rows: number[] = [];
  /** Beside the rows as long as any is not empty. */
  #metadata: string[] | null = null;
  #expireMs: Map<number, number> | null = null;
  #metadataCharacters = 0;

  /** Length of all metadata together. */
  get metadataCharacters(): number {
    return this.#metadataCharacters;
  }

  get count(): number {
    return this.#rows.length / ROW;
  }

  partitions(): number[] {
    return Array.from({ length: this.count }, (_, index) => this.#rows[index * ROW]!);
  }

  find(partition: number): CommittedOffset | undefined {
    const index = this.#place(partition);
    const at = index * ROW;
    if (this.#rows[at] !== partition) return undefined;
    return {
      offset: this.#rows[at + OFFSET]!,
      leaderEpoch: this.#rows[at + LEADER_EPOCH]!,
      metadata: this.#metadata?.[index] ?? "",
      committedMs: this.#rows[at + COMMITTED_MS]!,
      expireMs: this.#expireMs?.get(partition) ?? null,
    };
  }

  set(partition: number, committed: CommittedOffset): void {
    const index = this.#place(partition);
    const at = index * ROW;
    const row = [partition, committed.offset, committed.leaderEpoch, committed.committedMs] as const;
    const isNew = this.#rows[at] !== partition;
    this.#rows.splice(at, isNew ? 0 : ROW, ...row);
    if (committed.metadata !== "" && this.#metadata === null) {
      this.#metadata = new Array<string>(this.count - (isNew ? 1 : 0)).fill("");
    }
    const [before = ""] = this.#metadata?.splice(index, isNew ? 0 : 1, committed.metadata) ?? [];
    this.#metadataCharacters += committed.metadata.length - before.length;
    if (committed.expireMs === null) this.#expireMs?.delete(partition);
    else (this.#expireMs ??= new Map()).set(partition, committed.expireMs);
  }

  delete(partition: number): void {
    const index = this.#place(partition);
    if (this.#rows[index * ROW] !== partition) return;
    this.#rows.splice(index * ROW, ROW);
    const [metadata = ""] = this.#metadata?.splice(index, 1) ?? [];
    this.#metadataCharacters -= metadata.length;
    this.#expireMs?.delete(partition);
  }

  clear(): void {
    this.#rows = [];
    this.#metadata = null;
    this.#expireMs = null;
    this.#metadataCharacters = 0;
  }

  snapshot(topic: string): TopicOffsetsSnapshot {
    return {
      topic,
      rows: this.#rows.slice(),
      ...(this.#metadata !== null && { metadata: this.#metadata.slice() }),
      ...(this.#expireMs !== null && { expireMs: [...this.#expireMs] }),
    };
  }

  static restore({ rows, metadata, expireMs }: TopicOffsetsSnapshot): TopicOffsets {
    const offsets = new TopicOffsets();
    offsets.#rows = rows.slice();
    if (metadata !== undefined) offsets.#metadata = metadata.slice();
    for (const each of metadata ?? []) offsets.#metadataCharacters += each.length;
    if (expireMs !== undefined) offsets.#expireMs = new Map(expireMs);
    return offsets;
  }

  /** The row that is the partition's, or would be. */
  #place(partition: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#rows[middle * ROW]! < partition) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The same with no offset behind the end of its partition, as far as `endOf` knows one. */
export function offsetsWithin(
  snapshot: TopicOffsetsSnapshot,
  endOf: (partition: number) => number | undefined,
): TopicOffsetsSnapshot {
  const rows = snapshot.rows.map((value, at, all) =>
    at % ROW === OFFSET ? Math.min(value, endOf(all[at - OFFSET]!) ?? value) : value
  );
  return { ...snapshot, rows };
}
