import assert from "node:assert/strict";
import type { Reading } from "./tier_reader.ts";

/** What becomes of a transaction, as far as its program knows: `asked` is an end that has not been answered. */
export interface TransactionFate {
  state: "open" | "asked" | "committed" | "aborted";
  /** Once it is known to be committed, where the partitions ended then, by partition: its marks are below. */
  readonly endOffsets: Map<TierPartition, number>;
}

/** A record that a producer has sent. */
export interface SentRecord {
  readonly id: string;
  readonly key: string;
  /** `null` deletes the key. */
  readonly value: string | null;
  readonly timestampMs: number;
  transaction: TransactionFate | null;
  /** Where it is, once its producer or a consumer has been told. */
  offset: number | null;
}

/** What a topic may lose, and when. */
export interface TopicRules {
  readonly isCompacted: boolean;
  /** Infinite for never. */
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly deleteRetentionMs: number;
}

/** Where a partition ends at least, and begins. */
export interface Known {
  readonly endOffset: number;
  readonly deletedBelow: number;
}

/** All that is known of one partition, and what follows from it for those who read it. */
export class TierPartition {
  /** All below it has certainly been stored, as far as it was not deleted. */
  storedEnd = 0;
  /** What deletions have asked for at most, and what was answered. */
  deleteAsked = 0;
  deleteAnswered = 0;
  readonly #sent = new Map<string, SentRecord>();
  readonly #byOffset = new Map<number, SentRecord>();
  /** By key, where a disk was lost and what deleted the key is not there: it may have been compacted away before. */
  readonly #doubtedDeletes = new Map<string, number>();
  /**
   * What retention took, and not a disk: it is in the store until a stored snapshot says that it is gone, and comes back
   * if the disk is lost before that.
   */
  readonly #mayReturn = new Map<string, SentRecord>();
  /** The latest known start, and the end of what anyone has been told of. */
  #startOffset = 0;
  #knownEnd = 0;
  #lostSome = false;

  constructor(readonly name: string, readonly rules: TopicRules) {}

  get startOffset(): number {
    return this.#startOffset;
  }

  get knownEnd(): number {
    return this.#knownEnd;
  }

  /** What somebody who begins to read now must find at least. */
  get known(): Known {
    return { endOffset: this.#knownEnd, deletedBelow: this.deleteAnswered };
  }

  sent(records: readonly SentRecord[]): void {
    for (const record of records) {
      assert.ok(!this.#sent.has(record.id), `${record.id} is sent once`);
      this.#sent.set(record.id, record);
    }
  }

  /** These records are durable from `baseOffset` on. */
  answered(records: readonly SentRecord[], baseOffset: number): void {
    for (const [index, record] of records.entries()) this.#known(record, baseOffset + index);
  }

  /**
   * The disk was lost: what is gone is the end of the partition, and no more of it than was not stored. What is read
   * from now on is compared with the rest.
   */
  lost({ records, startOffset, endOffset }: Reading, committed: Reading): void {
    const isThere = ({ id, offset }: { id: string; offset: number }) => {
      const known = this.#byOffset.get(offset);
      return known === undefined || known.id === id;
    };
    // What retention took between the two readings has been there, too.
    const all = [...records, ...committed.records];
    const newestOffset = Math.max(-1, ...all.filter(isThere).map(({ offset }) => offset));
    assert.ok(endOffset >= this.storedEnd, `${this.name} ends at ${endOffset}, ${this.storedEnd} was stored`);
    const cut = Math.max(this.storedEnd, newestOffset + 1);
    for (const [offset, record] of this.#byOffset) {
      if (offset < cut) continue;
      if (record.value === null && offset < endOffset) this.#doubtDelete(record.key, offset);
      if (offset < startOffset) this.#mayReturn.set(record.id, withDoubtedFate(record));
      this.#byOffset.delete(offset);
      this.#sent.delete(record.id);
    }
    const read = new Set(all.map(({ id }) => id));
    for (const { id, offset } of this.#sent.values()) {
      if (offset === null && !read.has(id)) this.#sent.delete(id);
    }
    this.#doubtFates(cut);
    this.#knownEnd = Math.min(this.#knownEnd, cut);
    this.#startOffset = 0;
    this.deleteAnswered = 0;
    this.#lostSome = true;
  }

  /** What a consumer of all records got; `known` is what had been known when it began. */
  seen({ startOffset, endOffset, bytes, records }: Reading, known: Known, nowMs: number): void {
    let next = startOffset;
    for (const { id, offset, key, value } of records) {
      assert.ok(offset >= next, `${this.name}: offset ${offset} comes in order`);
      next = offset + 1;
      const record = this.#sent.get(id) ?? this.#returned(id);
      assert.ok(record !== undefined, `${this.name}: ${id} at ${offset} was sent`);
      assert.deepEqual({ key, value }, { key: record.key, value: record.value }, `${this.name}: ${id}`);
      this.#known(record, offset);
    }
    assert.ok(
      endOffset >= known.endOffset,
      `${this.name} ends at ${endOffset}, known up to ${known.endOffset}`,
    );
    this.#checkStart(startOffset, known.deletedBelow, bytes, nowMs);
    this.#startOffset = startOffset;
    this.#knownEnd = Math.max(this.#knownEnd, endOffset);
  }

  /** What a consumer of committed records got, while programs may go on: nothing of what was not to be committed. */
  seenCommitted({ records }: Reading): void {
    for (const { id } of records) {
      const transaction = this.#sent.get(id)?.transaction;
      if (transaction?.state === "asked") transaction.state = "committed";
      const mayBeSeen = transaction === null || transaction?.state === "committed";
      assert.ok(mayBeSeen, `${this.name}: ${id} is seen, and ${transaction?.state ?? "was never sent"}`);
    }
  }

  /** Nothing is open any more: commits of which nobody has seen anything did not come to be. */
  settle(): void {
    for (const { transaction } of this.#sent.values()) {
      if (transaction?.state === "asked") transaction.state = "aborted";
    }
  }

  /** Of what is known all is there, but for what compaction may take; readers of committed records see what they must. */
  judge(committed: Reading, { startOffset, records }: Reading, nowMs: number): void {
    const seen = new Set(committed.records.map(({ id }) => id));
    const present = new Set<SentRecord>();
    for (const { id } of records) {
      const record = this.#sent.get(id)!;
      present.add(record);
      if (isCommitted(record)) assert.ok(seen.has(id), `${this.name}: ${id} is committed, and not seen`);
    }
    this.#checkMissing(present, startOffset, nowMs);
  }

  /** One that was gone with a disk, and with the next one has come back. */
  #returned(id: string): SentRecord | undefined {
    const record = this.#mayReturn.get(id);
    if (record === undefined) return undefined;
    this.#mayReturn.delete(id);
    this.#sent.set(id, record);
    return record;
  }

  #doubtDelete(key: string, offset: number): void {
    this.#doubtedDeletes.set(key, Math.max(offset, this.#doubtedDeletes.get(key) ?? 0));
  }

  /** What a lost disk has left of a transaction, each partition decides by itself, unless its end is there. */
  #doubtFates(cut: number): void {
    const doubted = new Map<TransactionFate, TransactionFate>();
    for (const record of this.#sent.values()) {
      const fate = record.transaction;
      if (fate === null || fate.state === "aborted") continue;
      if (fate.state === "committed" && (fate.endOffsets.get(this) ?? Infinity) <= cut) continue;
      const own = doubted.get(fate) ?? { state: "asked", endOffsets: new Map() };
      doubted.set(fate, own);
      record.transaction = own;
    }
  }

  #known(record: SentRecord, offset: number): void {
    const there = this.#byOffset.get(offset);
    assert.ok(there === undefined || there === record, `${this.name}: one record at ${offset}`);
    assert.ok(
      record.offset === null || record.offset === offset,
      `${this.name}: ${record.id} has one offset`,
    );
    record.offset = offset;
    this.#byOffset.set(offset, record);
    this.#knownEnd = Math.max(this.#knownEnd, offset + 1);
  }

  /** A partition begins later than it did only for a reason. */
  #checkStart(startOffset: number, deletedBelow: number, bytes: number, nowMs: number): void {
    const { retentionMs, retentionBytes } = this.rules;
    const least = Math.max(this.#startOffset, deletedBelow);
    assert.ok(startOffset >= least, `${this.name} starts at ${startOffset}, ${least} was before`);
    if (startOffset <= Math.max(least, this.deleteAsked)) return;
    if (retentionBytes < Infinity && (bytes >= retentionBytes || this.#lostSome)) return;
    for (const [offset, { timestampMs }] of this.#byOffset) {
      if (offset < Math.max(least, this.deleteAsked) || offset >= startOffset) continue;
      assert.ok(timestampMs < nowMs - retentionMs, `${this.name}: the record at ${offset} has gone too soon`);
    }
  }

  /** Of what is known all is there, but for what compaction may take. */
  #checkMissing(present: ReadonlySet<SentRecord>, startOffset: number, nowMs: number): void {
    const newest = this.#newestOfKeys(startOffset);
    for (const [offset, record] of this.#byOffset) {
      if (offset < startOffset || present.has(record)) continue;
      const why = this.rules.isCompacted ? this.#mayBeCompacted(record, newest, nowMs) : false;
      assert.ok(why, `${this.name}: the record ${record.id} at ${offset} of ${record.key} is missing`);
    }
    for (const record of present) {
      const last = newest.get(record.key);
      if (last === undefined || present.has(last) || record === last) continue;
      assert.ok(
        !isCommitted(record) || record.offset! > last.offset!,
        `${this.name}: ${record.id} was deleted`,
      );
    }
  }

  #newestOfKeys(startOffset: number): Map<string, SentRecord> {
    const newest = new Map<string, SentRecord>();
    for (const [offset, record] of this.#byOffset) {
      if (offset < startOffset || !isCommitted(record)) continue;
      if ((newest.get(record.key)?.offset ?? -1) < offset) newest.set(record.key, record);
    }
    return newest;
  }

  #mayBeCompacted(record: SentRecord, newest: ReadonlyMap<string, SentRecord>, nowMs: number): boolean {
    const { transaction, key, value, timestampMs, offset } = record;
    if (transaction !== null && transaction.state !== "committed") return true;
    const supersededBelow = Math.max(newest.get(key)?.offset ?? 0, this.#doubtedDeletes.get(key) ?? 0);
    if (supersededBelow > offset! || this.#mayHaveBeenDeleted(record, nowMs)) return true;
    return value === null && nowMs >= timestampMs + this.rules.deleteRetentionMs;
  }

  /** Whether a deletion that nobody was told of may have stood behind the record, until its own time was over. */
  #mayHaveBeenDeleted({ key, timestampMs }: SentRecord, nowMs: number): boolean {
    const goneBefore = nowMs - this.rules.deleteRetentionMs;
    return Iterator.from(this.#sent.values()).some((other) => {
      const isUnknownDeletion = other.offset === null && other.value === null && other.key === key;
      const isInTime = other.timestampMs >= timestampMs && other.timestampMs <= goneBefore;
      return isUnknownDeletion && isInTime && other.transaction?.state !== "aborted";
    });
  }
}

/** With a transaction, whether its end has come back too is another question. */
function withDoubtedFate(record: SentRecord): SentRecord {
  const isDecided = record.transaction === null || record.transaction.state === "aborted";
  return isDecided ? record : { ...record, transaction: { state: "asked", endOffsets: new Map() } };
}

function isCommitted({ transaction }: SentRecord): boolean {
  return transaction === null || transaction.state === "committed";
}
