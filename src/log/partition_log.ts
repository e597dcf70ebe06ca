import { assert } from "../base/assert.ts";
import { type BatchHeader, TimestampType } from "../records/mod.ts";
import { BatchIndex } from "./batch_index.ts";
import { type EpochStart, LeaderEpochs } from "./leader_epochs.ts";
import { type ProducerSnapshot, ProducerStates } from "./producer_states.ts";

/** Plain form for snapshots; the batch index is rebuilt from the log itself. */
export interface PartitionLogSnapshot {
  readonly stream: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly producers: readonly ProducerSnapshot[];
  readonly epochs: readonly EpochStart[];
}

/** Which batches answer a fetch: rows [fromRow, toRow) of the index, `bytes` in all. */
export interface BatchRange {
  readonly fromRow: number;
  readonly toRow: number;
  readonly bytes: number;
}

/**
 * What is known of one partition's records: its offsets, where its batches lie,
 * which producers wrote them.
 *
 * Invariants: logStartOffset ≤ highWatermark ≤ logEndOffset; offsets of batches
 * ascend without overlap; the high watermark never passes what is durable.
 */
export class PartitionLog {
  readonly batches = new BatchIndex();
  #logStartOffset = 0;
  #logEndOffset = 0;
  #highWatermark = 0;
  #producers: ProducerStates | undefined;
  #epochs = new LeaderEpochs();

  constructor(readonly stream: number) {}

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** The offset that the next record gets. */
  get logEndOffset(): number {
    return this.#logEndOffset;
  }

  /** Consumers see the records below it: those that are durable. */
  get highWatermark(): number {
    return this.#highWatermark;
  }

  get epochs(): LeaderEpochs {
    return this.#epochs;
  }

  /** Idempotent producers; made when the first one writes. */
  get producers(): ProducerStates {
    return this.#producers ??= new ProducerStates();
  }

  /** Forgets idempotent producers that have not written since `beforeMs`. */
  expireProducers(beforeMs: number): void {
    this.#producers?.expire(beforeMs);
  }

  /** Takes in a batch that now stands in the log at `lsn`: live, and when replaying. */
  append(batch: BatchHeader, lsn: number, nowMs: number): void {
    assert(batch.baseOffset >= this.#logEndOffset, "offsets ascend");
    this.index(batch, lsn);
    this.#epochs.written(batch.leaderEpoch, batch.baseOffset);
    if (batch.hasProducerId) {
      const isAppendTime = batch.timestampType === TimestampType.LOG_APPEND_TIME;
      const appendTimeMs = isAppendTime ? batch.maxTimestampMs : -1;
      this.producers.appended(batch, batch.baseOffset, appendTimeMs, nowMs);
    }
    this.#logEndOffset = batch.lastOffset + 1;
  }

  /** Notes only where a batch lies: for those that the snapshot's state already includes. */
  index(batch: BatchHeader, lsn: number): void {
    if (batch.lastOffset < this.#logStartOffset) return;
    this.batches.push(batch.baseOffset, batch.lastOffsetDelta, lsn, batch.lengthBytes, batch.maxTimestampMs);
  }

  /** The offsets that the log has batches for: all of the partition's, unless some were lost. */
  get held(): { readonly fromOffset: number; readonly toOffset: number } {
    const { batches } = this;
    if (batches.rows === 0) return { fromOffset: this.#logEndOffset, toOffset: this.#logEndOffset };
    return { fromOffset: batches.baseOffset(0), toOffset: batches.lastOffset(batches.rows - 1) + 1 };
  }

  /** Whether the first or the last records were lost. */
  get isIncomplete(): boolean {
    const { fromOffset, toOffset } = this.held;
    return fromOffset > this.#logStartOffset || toOffset < this.#logEndOffset;
  }

  /**
   * Gives up what was lost at either end: the log begins and ends with what is held. Offsets behind the end
   * are given out again, so clients have to be told by a higher leader epoch.
   */
  giveUpLost(): void {
    const { fromOffset, toOffset } = this.held;
    this.#logStartOffset = Math.max(this.#logStartOffset, fromOffset);
    if (toOffset >= this.#logEndOffset) return;
    this.#logEndOffset = toOffset;
    this.#highWatermark = Math.min(this.#highWatermark, toOffset);
    this.#epochs.truncate(toOffset);
    // They remember batches that are gone.
    this.#producers = undefined;
  }

  /** Makes the records below `offset` visible; answers whether that changed anything. */
  raiseHighWatermark(offset: number): boolean {
    assert(offset <= this.#logEndOffset, "the high watermark stays within the log");
    if (offset <= this.#highWatermark) return false;
    this.#highWatermark = offset;
    return true;
  }

  /**
   * The batches that a fetch from `offset` gets: below `endOffset`, at most
   * `maxBytes`. With `atLeastOne` the first batch comes even when it is larger,
   * so that no consumer is stuck before it (KIP-74). The first batch may begin
   * before `offset`; clients skip to it.
   */
  range(offset: number, endOffset: number, maxBytes: number, atLeastOne: boolean): BatchRange {
    const { batches } = this;
    const fromRow = offset < endOffset ? batches.rowOf(offset) : batches.rows;
    let row = fromRow;
    let bytes = 0;
    while (row < batches.rows && batches.baseOffset(row) < endOffset) {
      const length = batches.lengthBytes(row);
      if (bytes + length > maxBytes && !(atLeastOne && row === fromRow)) break;
      bytes += length;
      row++;
    }
    return { fromRow, toRow: row, bytes };
  }

  /** Whether visible batches behind `range` did not fit into it. */
  hasVisibleBehind({ toRow }: BatchRange): boolean {
    return toRow < this.batches.rows && this.batches.baseOffset(toRow) < this.#highWatermark;
  }

  snapshot(): PartitionLogSnapshot {
    return {
      stream: this.stream,
      logStartOffset: this.#logStartOffset,
      logEndOffset: this.#logEndOffset,
      producers: this.#producers?.snapshot() ?? [],
      epochs: this.#epochs.snapshot(),
    };
  }

  static restore(snapshot: PartitionLogSnapshot): PartitionLog {
    const log = new PartitionLog(snapshot.stream);
    log.#logStartOffset = snapshot.logStartOffset;
    log.#logEndOffset = snapshot.logEndOffset;
    log.#highWatermark = snapshot.logEndOffset;
    log.#epochs = LeaderEpochs.restore(snapshot.epochs);
    if (snapshot.producers.length > 0) log.#producers = ProducerStates.restore(snapshot.producers);
    return log;
  }
}
