import { assert } from "../base/assert.ts";
import { ErrorCode } from "../base/error_codes.ts";
import { type BatchHeader, type ControlMark, EndMarker, TimestampType } from "../records/outside.ts";
import { BatchIndex } from "./batch_index.ts";
import { type EpochStart, LeaderEpochs } from "./leader_epochs.ts";
import {
  type AbortedTransaction,
  PartitionTransactions,
  type PartitionTransactionsSnapshot,
} from "./partition_transactions.ts";
import {
  type ProducerDescription,
  type ProducerMark,
  type ProducerSnapshot,
  ProducerStates,
} from "./producer_states.ts";

/** Plain form for snapshots; the batch index is rebuilt from the log itself. */
export interface PartitionLogSnapshot {
  readonly stream: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly producers: readonly ProducerSnapshot[];
  readonly epochs: readonly EpochStart[];
  /** Left out when there has never been a transaction. */
  readonly transactions?: PartitionTransactionsSnapshot;
}

/** Which batches answer a fetch: rows [fromRow, toRow) of the index, `bytes` in all. */
export interface BatchRange {
  readonly fromRow: number;
  readonly toRow: number;
  readonly bytes: number;
}

/** What {@link PartitionLog.abortedIn} answers where nothing was aborted. */
const NONE_ABORTED: readonly AbortedTransaction[] = [];

/**
 * What is known of one partition's records: its offsets, where its batches lie,
 * which producers wrote them, in which transactions.
 *
 * Invariants: logStartOffset ≤ highWatermark ≤ logEndOffset, and lastStableOffset
 * ≤ highWatermark; offsets of batches ascend without overlap; the high watermark
 * never passes what is durable.
 */
export class PartitionLog {
  readonly batches = new BatchIndex();
  #logStartOffset = 0;
  #logEndOffset = 0;
  #highWatermark = 0;
  #producers: ProducerStates | undefined;
  #epochs = new LeaderEpochs();
  /** Made when the first transaction begins. */
  #transactions: PartitionTransactions | undefined;

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

  /** Whether there has ever been a transaction: if not, nothing of what follows from them has to be looked at. */
  get hasTransactions(): boolean {
    return this.#transactions !== undefined;
  }

  /** Readers of committed records see those below it: no transaction is open there, and each end is durable. */
  get lastStableOffset(): number {
    if (this.#transactions === undefined) return this.#highWatermark;
    return Math.min(this.#highWatermark, this.#transactions.firstUnstableOffset);
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
    this.#producers?.expire(beforeMs, (producerId) => this.transactionStart(producerId) !== undefined);
  }

  /** Where the producer's open transaction begins here; `undefined` when it has none. */
  transactionStart(producerId: number): number | undefined {
    return this.#transactions?.firstOffsetOf(producerId);
  }

  /** Whether the producer writes in an open transaction of just this epoch. */
  isInTransaction(producerId: number, producerEpoch: number): boolean {
    return this.transactionStart(producerId) !== undefined &&
      this.producers.epochOf(producerId) === producerEpoch;
  }

  /** The Kafka error for a batch of a producer that is no retry and may not come next; `NONE` when it may. */
  checkProducer(batch: BatchHeader): number {
    const errorCode = this.producers.check(batch);
    if (errorCode !== ErrorCode.NONE || batch.isTransactional || this.#transactions === undefined) {
      return errorCode;
    }
    return this.transactionStart(batch.producerId) === undefined
      ? ErrorCode.NONE
      : ErrorCode.INVALID_TXN_STATE;
  }

  /**
   * The Kafka error for an end of a transaction that does not come from here; `NONE` when it may be written.
   * One that `bumpsEpoch` has to be of a later epoch than what it ends (KIP-1228).
   */
  checkMark(mark: Omit<ProducerMark, "timestampMs">, bumpsEpoch: boolean): number {
    if (bumpsEpoch && this.isInTransaction(mark.producerId, mark.producerEpoch)) {
      return ErrorCode.INVALID_PRODUCER_EPOCH;
    }
    return this.#producers?.checkMark(mark) ?? ErrorCode.NONE;
  }

  /** The producers that are remembered. */
  describeProducers(): Iterable<ProducerDescription> {
    return this.#producers?.describe() ?? [];
  }

  /** The aborted transactions with records in `[fromOffset, toOffset)`, for readers of committed records. */
  abortedIn(fromOffset: number, toOffset: number): readonly AbortedTransaction[] {
    return this.#transactions?.abortedIn(fromOffset, toOffset) ?? NONE_ABORTED;
  }

  /**
   * Takes in a batch that now stands in the log at `lsn`: live, and when replaying. Answers whether its
   * producer's transaction has begun here with it.
   */
  append(batch: BatchHeader, lsn: number, nowMs: number): boolean {
    this.#take(batch, lsn);
    if (batch.hasProducerId) {
      const isAppendTime = batch.timestampType === TimestampType.LOG_APPEND_TIME;
      const appendTimeMs = isAppendTime ? batch.maxTimestampMs : -1;
      this.producers.appended(batch, batch.baseOffset, appendTimeMs, nowMs);
    }
    if (!batch.isTransactional || this.transactionStart(batch.producerId) !== undefined) return false;
    this.#transactions ??= new PartitionTransactions();
    this.#transactions.begin(batch.producerId, batch.baseOffset);
    return true;
  }

  /** Takes in a control batch, which ends its producer's transaction: live, and when replaying. */
  appendMark(batch: BatchHeader, mark: ControlMark, lsn: number, nowMs: number): void {
    this.#take(batch, lsn);
    const { producerId, producerEpoch, maxTimestampMs: timestampMs } = batch;
    const { marker, coordinatorEpoch } = mark;
    this.producers.marked({ producerId, producerEpoch, coordinatorEpoch, timestampMs }, nowMs);
    this.#transactions?.end(producerId, batch.baseOffset, marker === EndMarker.ABORT);
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
    this.#transactions?.truncate(toOffset);
  }

  /** Up to where records can be read, by readers of committed ones or by any. */
  readableEnd(isReadCommitted: boolean): number {
    return isReadCommitted ? this.lastStableOffset : this.#highWatermark;
  }

  /** Bytes of the batches that begin in `[fromOffset, toOffset)`. */
  bytesBetween(fromOffset: number, toOffset: number): number {
    const { batches } = this;
    let bytes = 0;
    for (
      let row = batches.rowOf(fromOffset);
      row < batches.rows && batches.baseOffset(row) < toOffset;
      row++
    ) {
      bytes += batches.lengthBytes(row);
    }
    return bytes;
  }

  /** Makes the records below `offset` visible; answers whether that changed anything. */
  raiseHighWatermark(offset: number): boolean {
    assert(offset <= this.#logEndOffset, "the high watermark stays within the log");
    if (offset <= this.#highWatermark) return false;
    this.#highWatermark = offset;
    this.#transactions?.durable(offset);
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

  /** Whether batches behind `range` and below `endOffset` did not fit into it. */
  hasMoreBehind({ toRow }: BatchRange, endOffset: number): boolean {
    return toRow < this.batches.rows && this.batches.baseOffset(toRow) < endOffset;
  }

  snapshot(): PartitionLogSnapshot {
    return {
      stream: this.stream,
      logStartOffset: this.#logStartOffset,
      logEndOffset: this.#logEndOffset,
      producers: this.#producers?.snapshot() ?? [],
      epochs: this.#epochs.snapshot(),
      ...(this.#transactions !== undefined && { transactions: this.#transactions.snapshot() }),
    };
  }

  static restore(snapshot: PartitionLogSnapshot): PartitionLog {
    const log = new PartitionLog(snapshot.stream);
    log.#logStartOffset = snapshot.logStartOffset;
    log.#logEndOffset = snapshot.logEndOffset;
    log.#highWatermark = snapshot.logEndOffset;
    log.#epochs = LeaderEpochs.restore(snapshot.epochs);
    if (snapshot.producers.length > 0) log.#producers = ProducerStates.restore(snapshot.producers);
    if (snapshot.transactions !== undefined) {
      log.#transactions = PartitionTransactions.restore(snapshot.transactions);
    }
    return log;
  }

  #take(batch: BatchHeader, lsn: number): void {
    assert(batch.baseOffset >= this.#logEndOffset, "offsets ascend");
    this.index(batch, lsn);
    this.#epochs.written(batch.leaderEpoch, batch.baseOffset);
    this.#logEndOffset = batch.lastOffset + 1;
  }
}
