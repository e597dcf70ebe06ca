import { assert } from "../base/assert.ts";
import { ErrorCode } from "../base/error_codes.ts";
import { type BatchHeader, type ControlMark, EndMarker, TimestampType } from "../records/outside.ts";
import { BatchIndex } from "./batch_index.ts";
import type { PartitionPlace } from "../objects/contract.ts";
import type { StoredObject } from "../objects/stored_object.ts";
import { type EpochStart, LeaderEpochs } from "./leader_epochs.ts";
import { firstUnstored, heldOffsets } from "./held_records.ts";
import { ObjectList, type StoredObjects } from "./object_list.ts";
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
import { Traffic } from "./traffic.ts";

/** Plain form for snapshots; the batch index is rebuilt from the log itself. */
export interface PartitionLogSnapshot {
  readonly stream: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly producers: readonly ProducerSnapshot[];
  readonly epochs: readonly EpochStart[];
  /** Left out when there has never been a transaction. */
  readonly transactions?: PartitionTransactionsSnapshot;
  /** The objects, as `ObjectList.rows` gives them; left out when there are none. */
  readonly objects?: readonly number[];
  /** Where the log goes on behind the objects, when what was between the two has been given up and is in none yet. */
  readonly gapEndOffset?: number;
}

/** Whose records they are: the cluster's `Partition` fits. */
export interface LogOwner {
  readonly topic: { readonly name: string; readonly id: string };
  readonly index: number;
}

/** Which batches answer a fetch: rows [fromRow, toRow) of the index, `bytes` in all. */
export interface BatchRange {
  readonly fromRow: number;
  readonly toRow: number;
  readonly bytes: number;
}

/** What {@link PartitionLog.abortedIn} answers where nothing was aborted. */
const NONE_ABORTED: readonly AbortedTransaction[] = [];
/** The objects of all partitions that have none. Nobody adds to it. */
const NO_OBJECTS: StoredObjects = new ObjectList();

/**
 * What is known of one partition's records: its offsets, where its batches lie,
 * which producers wrote them, in which transactions.
 *
 * Objects hold all below {@link storedEnd}, the log all from there on. The log may hold some of what is stored, too.
 *
 * Invariants: logStartOffset <= highWatermark <= logEndOffset, and lastStableOffset
 * <= highWatermark; offsets of batches ascend without overlap; the high watermark
 * never passes what is durable; logStartOffset <= storedEnd, and objects are without a gap.
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
  /** Made when the first one is stored. */
  #objects: ObjectList | undefined;
  #unstoredBytes = 0;
  #unstoredSinceMs = 0;
  #gapEndOffset = 0;
  #traffic: Traffic | undefined;

  constructor(readonly stream: number, readonly owner: LogOwner) {}

  /** What was written and read since the broker started; `null` when nothing was. */
  get traffic(): Traffic | null {
    return this.#traffic ?? null;
  }

  /** Counts what a producer has written. */
  countIn(records: number, bytes: number): void {
    const traffic = this.#traffic ??= new Traffic();
    traffic.recordsIn += records;
    traffic.bytesIn += bytes;
  }

  /** Counts what a consumer is given. */
  countOut(records: number, bytes: number): void {
    const traffic = this.#traffic ??= new Traffic();
    traffic.recordsOut += records;
    traffic.bytesOut += bytes;
  }

  /** The names under which its objects are stored. */
  get place(): PartitionPlace {
    const { topic, index } = this.owner;
    return { topicName: topic.name, topicId: topic.id, index };
  }

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

  get objects(): StoredObjects {
    return this.#objects ?? NO_OBJECTS;
  }

  /** Where the next object begins, or in the batch that lies across: all below is stored, or below the log start. */
  get storedEnd(): number {
    return this.#objects?.endOffset ?? this.#logStartOffset;
  }

  /** Below it, what is missing behind the objects has been given up; the next object stands for these offsets, too. */
  get gapEndOffset(): number {
    return this.#gapEndOffset;
  }

  /** Of the log's batches that are not stored. */
  get unstoredBytes(): number {
    return this.#unstoredBytes;
  }

  /** By the wall clock, when the oldest batch that is not stored came, or what was stored before it; infinite without any. */
  get unstoredSinceMs(): number {
    return this.#unstoredBytes === 0 ? Infinity : this.#unstoredSinceMs;
  }

  /** All batches, each counted once, stored or not. */
  get sizeBytes(): number {
    return this.objects.dataBytes + this.#unstoredBytes;
  }

  /** Whether objects alone hold the batch that a reader at `offset` gets. */
  isStoredOnly(offset: number): boolean {
    if (this.#objects === undefined || offset >= this.#objects.endOffset) return false;
    const row = this.batches.rowOf(offset);
    return row === this.batches.rows || offset < this.batches.baseOffset(row);
  }

  /** LSN of the first batch that the log alone holds; `none` when all are stored or below the log start. */
  neededLsn(none: number): number {
    const row = this.batches.rowOf(this.storedEnd);
    return row < this.batches.rows ? this.batches.lsn(row) : none;
  }

  /** Whether there has ever been a transaction: if not, nothing of what follows from them has to be looked at. */
  get hasTransactions(): boolean {
    return this.#transactions !== undefined;
  }

  /** Readers of committed records see those below it: no transaction is open there, and each end is durable. */
  get lastStableOffset(): number {
    if (this.#transactions === undefined) return this.#highWatermark;
    // The beginning of an open transaction may have been deleted.
    const firstUnstable = Math.max(this.#logStartOffset, this.#transactions.firstUnstableOffset);
    return Math.min(this.#highWatermark, firstUnstable);
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

  /**
   * The Kafka error for a batch of a producer that is no retry and may not come next in that leader epoch; `NONE` when
   * it may.
   */
  checkProducer(batch: BatchHeader, leaderEpoch: number): number {
    const errorCode = this.producers.check(batch);
    if (errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && this.#followsLoss(batch, leaderEpoch)) {
      return ErrorCode.NONE;
    }
    if (errorCode !== ErrorCode.NONE || batch.isTransactional || this.#transactions === undefined) {
      return errorCode;
    }
    return this.transactionStart(batch.producerId) === undefined
      ? ErrorCode.NONE
      : ErrorCode.INVALID_TXN_STATE;
  }

  /**
   * Whether batches before this one were lost, and not by its producer: it has written in an earlier leader epoch, and
   * the epoch is raised by a loss alone. To Kafka's answer, an error, librdkafka's producers would never write again.
   */
  #followsLoss(batch: BatchHeader, leaderEpoch: number): boolean {
    if (batch.isTransactional || leaderEpoch === 0) return false;
    const offset = this.producers.offsetBeforeGap(batch);
    return offset >= 0 && this.#epochs.epochAt(offset) < leaderEpoch;
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

  /** What cleaning the objects has to know (see `CompactJob`): rows of aborted transactions with records in the range. */
  abortedRows(fromOffset: number, toOffset: number): Float64Array<ArrayBuffer> {
    return Float64Array.from(this.#transactions?.abortedRows(fromOffset, toOffset) ?? []);
  }

  /** The same: rows of the producers that are remembered. */
  producerRows(): Float64Array<ArrayBuffer> {
    return Float64Array.from(this.#producers?.rows() ?? []);
  }

  /**
   * Takes in a batch that now stands in the log at `lsn`: live, and when replaying. Answers whether its
   * producer's transaction has begun here with it.
   */
  append(batch: BatchHeader, lsn: number, nowMs: number): boolean {
    this.#take(batch, lsn, nowMs);
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
    this.#take(batch, lsn, nowMs);
    const { producerId, producerEpoch, maxTimestampMs: timestampMs } = batch;
    const { marker, coordinatorEpoch } = mark;
    this.producers.marked({ producerId, producerEpoch, coordinatorEpoch, timestampMs }, nowMs);
    this.#transactions?.end(producerId, batch.baseOffset, marker === EndMarker.ABORT);
  }

  /** Notes only where a batch lies: for those that the snapshot's state already includes. */
  index(batch: BatchHeader, lsn: number, nowMs: number): void {
    if (batch.lastOffset < this.#logStartOffset) return;
    this.batches.push(batch.baseOffset, batch.lastOffsetDelta, lsn, batch.lengthBytes, batch.maxTimestampMs);
    if (batch.baseOffset < this.storedEnd && this.#objects !== undefined) return;
    if (this.#unstoredBytes === 0) this.#unstoredSinceMs = nowMs;
    this.#unstoredBytes += batch.lengthBytes;
  }

  /** Takes in that the next objects are stored. Answers those that nobody needs: the log start has passed them meanwhile. */
  objectsStored(objects: readonly StoredObject[], nowMs: number): StoredObject[] {
    const dead: StoredObject[] = [];
    for (const object of objects) {
      const fits = this.#objects === undefined
        ? object.baseOffset <= this.#logStartOffset
        : object.baseOffset === this.storedEnd;
      assert(fits, "the next object begins where the one before ends");
      assert(object.endOffset <= this.#logEndOffset, "an object holds what the log has held");
      if (object.endOffset <= this.#logStartOffset) {
        dead.push(object);
        continue;
      }
      this.#unstoredBytes -= this.batches.bytesEndingBetween(this.storedEnd, object.endOffset);
      this.#objects ??= new ObjectList();
      this.#objects.push(object);
    }
    this.#unstoredSinceMs = nowMs;
    return dead;
  }

  /** Takes in that objects were written anew (see `ObjectList.replace`); answers those that are no more. */
  objectsReplaced(fromOffset: number, toOffset: number, objects: readonly StoredObject[]): StoredObject[] {
    assert(this.#objects !== undefined, "objects are replaced that exist");
    return this.#objects.replace(fromOffset, toOffset, objects);
  }

  /**
   * Takes in that the records below `offset` are gone, and forgets all about them; below the log start it does
   * nothing. Answers the objects that are no more.
   */
  moveLogStart(offset: number): StoredObject[] {
    if (offset <= this.#logStartOffset) return [];
    assert(offset <= this.#logEndOffset, "the log starts no later than it ends");
    const { storedEnd, batches } = this;
    if (offset > storedEnd) this.#unstoredBytes -= batches.bytesEndingBetween(storedEnd, offset);
    this.#logStartOffset = offset;
    this.#highWatermark = Math.max(this.#highWatermark, offset);
    batches.dropFirst(batches.rowOf(offset));
    this.#epochs.dropBelow(offset);
    this.#transactions?.dropBelow(offset);
    const dead = this.#objects?.dropBelow(offset) ?? [];
    if (this.#objects?.count === 0) this.#objects = undefined;
    return dead;
  }

  /** Forgets the places of batches that the log has let go of: those below its oldest LSN. All of them are stored. */
  dropFreed(oldestLsn: number): void {
    const { batches } = this;
    const rows = batches.rowOfLsn(oldestLsn);
    assert(rows === 0 || batches.lastOffset(rows - 1) < this.storedEnd, "the log lets go of what is stored");
    batches.dropFirst(rows);
  }

  /**
   * Gives up what was lost at either end, and between the objects and the log: the partition begins and ends with what
   * is held. Offsets behind the end are given out again, so clients have to be told by a higher leader epoch.
   */
  giveUpLost(): void {
    const { fromOffset, toOffset } = heldOffsets(this);
    this.#logStartOffset = Math.max(this.#logStartOffset, fromOffset);
    this.#gapEndOffset = firstUnstored(this);
    if (toOffset >= this.#logEndOffset) return;
    this.#logEndOffset = toOffset;
    this.#highWatermark = Math.min(this.#highWatermark, toOffset);
    this.#epochs.truncate(toOffset);
    this.#transactions?.truncate(toOffset);
    this.#producers?.truncate(toOffset, (producerId) => this.transactionStart(producerId) !== undefined);
  }

  /** Up to where records can be read, by readers of committed ones or by any. */
  readableEnd(isReadCommitted: boolean): number {
    return isReadCommitted ? this.lastStableOffset : this.#highWatermark;
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
      ...(this.#objects !== undefined && { objects: this.#objects.rows() }),
      ...(this.#gapEndOffset > this.storedEnd && { gapEndOffset: this.#gapEndOffset }),
    };
  }

  static restore(snapshot: PartitionLogSnapshot, owner: LogOwner): PartitionLog {
    const log = new PartitionLog(snapshot.stream, owner);
    log.#logStartOffset = snapshot.logStartOffset;
    log.#logEndOffset = snapshot.logEndOffset;
    log.#highWatermark = snapshot.logEndOffset;
    log.#epochs = LeaderEpochs.restore(snapshot.epochs);
    if (snapshot.producers.length > 0) log.#producers = ProducerStates.restore(snapshot.producers);
    if (snapshot.transactions !== undefined) {
      log.#transactions = PartitionTransactions.restore(snapshot.transactions);
    }
    if (snapshot.objects !== undefined) log.#objects = ObjectList.restore(snapshot.objects);
    log.#gapEndOffset = snapshot.gapEndOffset ?? 0;
    return log;
  }

  #take(batch: BatchHeader, lsn: number, nowMs: number): void {
    assert(batch.baseOffset >= this.#logEndOffset, "offsets ascend");
    this.index(batch, lsn, nowMs);
    this.#epochs.written(batch.leaderEpoch, batch.baseOffset);
    this.#logEndOffset = batch.lastOffset + 1;
  }
}
