import { ErrorCode } from "../base/error_codes.ts";

/** Batches remembered per producer; clients keep at most five requests in flight (KIP-98). */
const REMEMBERED_BATCHES = 5;

const SEQUENCE_MAX = 2147483647;

/** A remembered batch: what is needed to answer its retry. */
export interface RememberedBatch {
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  /** Log append time of the batch, -1 under CreateTime. */
  readonly appendTimeMs: number;
}

/** One producer in one partition. */
interface ProducerState {
  epoch: number;
  /** Oldest first, at most {@link REMEMBERED_BATCHES}, all of `epoch`. */
  batches: RememberedBatch[];
  /** Wall clock when its last batch or marker was appended (or replayed). */
  lastSeenMs: number;
  /** The largest timestamp of its last batch, or that of its last marker. */
  lastTimestampMs: number;
  /** Epoch of the coordinator that wrote its last marker, -1 before the first. */
  coordinatorEpoch: number;
}

/** What DescribeProducers tells of a producer. */
export interface ProducerDescription {
  readonly id: number;
  readonly epoch: number;
  /** -1 when nothing was written in this epoch. */
  readonly lastSequence: number;
  readonly lastTimestampMs: number;
  readonly coordinatorEpoch: number;
}

/** The fields of an end of a transaction that its producer's state takes in. */
export interface ProducerMark {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestampMs: number;
}

/** The batch fields that the rules of idempotence look at. */
export interface SequencedBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly maxTimestampMs: number;
}

/** Plain form for snapshots. */
export interface ProducerSnapshot {
  readonly id: number;
  readonly epoch: number;
  readonly lastSeenMs: number;
  readonly lastTimestampMs: number;
  readonly coordinatorEpoch: number;
  /** Flat rows of base sequence, last sequence, base offset, append time. */
  readonly batches: readonly number[];
}

/** The sequence number after `sequence`; they wrap from 2^31 - 1 to 0. */
function nextSequence(sequence: number): number {
  return sequence === SEQUENCE_MAX ? 0 : sequence + 1;
}

/**
 * The idempotent producers of one partition (KIP-98, KIP-360): which batch may
 * come next, which is a retry of one that is already there.
 *
 * It is built from the batches themselves, so the log is its only record.
 */
export class ProducerStates {
  readonly #producers = new Map<number, ProducerState>();

  get size(): number {
    return this.#producers.size;
  }

  /** The batch already in the log that this one repeats, if it is among the last five. */
  duplicateOf(batch: SequencedBatch): RememberedBatch | undefined {
    const producer = this.#producers.get(batch.producerId);
    if (producer === undefined || producer.epoch !== batch.producerEpoch) return undefined;
    const { baseSequence, lastSequence } = batch;
    return producer.batches.find((seen) =>
      seen.baseSequence === baseSequence && seen.lastSequence === lastSequence
    );
  }

  /**
   * The Kafka error for a batch that is no retry and may not come next; `NONE` when it may.
   * A producer that this partition has never seen (or has forgotten) may start anywhere.
   */
  check(batch: SequencedBatch): number {
    const producer = this.#producers.get(batch.producerId);
    if (producer === undefined) return ErrorCode.NONE;
    if (batch.producerEpoch < producer.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH;
    if (batch.producerEpoch > producer.epoch) {
      return batch.baseSequence === 0 ? ErrorCode.NONE : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
    }
    // An epoch that only a marker has told of begins at 0, too.
    const last = producer.batches.at(-1);
    const expected = last === undefined ? 0 : nextSequence(last.lastSequence);
    return batch.baseSequence === expected ? ErrorCode.NONE : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
  }

  /** The offset of the producer's newest batch if this one comes behind it with others missing between them; -1 if not. */
  offsetBeforeGap(batch: SequencedBatch): number {
    const producer = this.#producers.get(batch.producerId);
    const last = producer?.epoch === batch.producerEpoch ? producer.batches.at(-1) : undefined;
    if (last === undefined) return -1;
    // Sequences wrap: what is less than half of them ahead is ahead.
    const ahead = (batch.baseSequence - nextSequence(last.lastSequence)) & SEQUENCE_MAX;
    return ahead > 0 && ahead <= SEQUENCE_MAX / 2 ? last.baseOffset : -1;
  }

  /** The Kafka error for the end of a transaction that somebody else than the coordinator asks for; `NONE` when it may be written. */
  checkMark(
    { producerId, producerEpoch, coordinatorEpoch }: Omit<ProducerMark, "timestampMs">,
  ): number {
    const producer = this.#producers.get(producerId);
    if (producer === undefined) return ErrorCode.NONE;
    if (producerEpoch < producer.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH;
    return coordinatorEpoch < producer.coordinatorEpoch
      ? ErrorCode.TRANSACTION_COORDINATOR_FENCED
      : ErrorCode.NONE;
  }

  /** The producer's epoch here, -1 when it is not known. */
  epochOf(producerId: number): number {
    return this.#producers.get(producerId)?.epoch ?? -1;
  }

  /** All producers that are known here. */
  *describe(): Iterable<ProducerDescription> {
    for (const [id, { epoch, batches, lastTimestampMs, coordinatorEpoch }] of this.#producers) {
      yield {
        id,
        epoch,
        lastSequence: batches.at(-1)?.lastSequence ?? -1,
        lastTimestampMs,
        coordinatorEpoch,
      };
    }
  }

  /** All producers that are known here, as rows of id, last offset of the newest batch (-1 without one) and epoch. */
  rows(): number[] {
    const rows: number[] = [];
    for (const [id, { epoch, batches }] of this.#producers) {
      const newest = batches.at(-1);
      rows.push(id, newest === undefined ? -1 : lastOffsetOf(newest), epoch);
    }
    return rows;
  }

  /** Remembers a batch that is in the log now. */
  appended(batch: SequencedBatch, baseOffset: number, appendTimeMs: number, nowMs: number): void {
    const producer = this.#inEpoch(batch.producerId, batch.producerEpoch);
    if (producer.batches.length === REMEMBERED_BATCHES) producer.batches.shift();
    producer.batches.push({
      baseSequence: batch.baseSequence,
      lastSequence: batch.lastSequence,
      baseOffset,
      appendTimeMs,
    });
    producer.lastSeenMs = nowMs;
    producer.lastTimestampMs = batch.maxTimestampMs;
  }

  /** Takes in the end of a transaction: its epoch may be one that no batch had yet (KIP-890). */
  marked({ producerId, producerEpoch, coordinatorEpoch, timestampMs }: ProducerMark, nowMs: number): void {
    const producer = this.#inEpoch(producerId, producerEpoch);
    producer.lastSeenMs = nowMs;
    producer.lastTimestampMs = timestampMs;
    producer.coordinatorEpoch = coordinatorEpoch;
  }

  /** Forgets producers that have not written since `beforeMs` (`producer.id.expiration.ms`), but those that `isKept`. */
  expire(beforeMs: number, isKept: (producerId: number) => boolean = () => false): void {
    for (const [id, producer] of this.#producers) {
      if (producer.lastSeenMs < beforeMs && !isKept(id)) this.#producers.delete(id);
    }
  }

  /**
   * The records from `endOffset` on are gone, and forgotten: a producer with none left here may go on anywhere. One
   * with some left is still told which of its batches are retries. Those that `isKept` are never forgotten.
   */
  truncate(endOffset: number, isKept: (producerId: number) => boolean): void {
    for (const [id, producer] of this.#producers) {
      const kept = producer.batches.filter(({ baseOffset }) => baseOffset < endOffset);
      const hasLostAll = kept.length === 0 && producer.batches.length > 0;
      if (hasLostAll && !isKept(id)) this.#producers.delete(id);
      else producer.batches = kept;
    }
  }

  /** The producer, made if need be; a new epoch forgets the batches of the last one. */
  #inEpoch(producerId: number, epoch: number): ProducerState {
    let producer = this.#producers.get(producerId);
    if (producer === undefined) {
      producer = { epoch, batches: [], lastSeenMs: 0, lastTimestampMs: -1, coordinatorEpoch: -1 };
      this.#producers.set(producerId, producer);
    } else if (producer.epoch !== epoch) {
      producer.epoch = epoch;
      producer.batches = [];
    }
    return producer;
  }

  snapshot(): ProducerSnapshot[] {
    return Array.from(this.#producers, ([id, producer]) => ({
      id,
      epoch: producer.epoch,
      lastSeenMs: producer.lastSeenMs,
      lastTimestampMs: producer.lastTimestampMs,
      coordinatorEpoch: producer.coordinatorEpoch,
      batches: flatRows(producer.batches),
    }));
  }

  static restore(snapshot: readonly ProducerSnapshot[]): ProducerStates {
    const states = new ProducerStates();
    for (const { id, batches: flat, ...rest } of snapshot) {
      const batches: RememberedBatch[] = [];
      for (let i = 0; i + 3 < flat.length; i += 4) {
        batches.push({
          baseSequence: flat[i]!,
          lastSequence: flat[i + 1]!,
          baseOffset: flat[i + 2]!,
          appendTimeMs: flat[i + 3]!,
        });
      }
      states.#producers.set(id, { ...rest, batches });
    }
    return states;
  }
}

/** A producer's batches have an offset for each sequence; these wrap. */
function lastOffsetOf({ baseOffset, baseSequence, lastSequence }: RememberedBatch): number {
  const delta = lastSequence - baseSequence;
  return baseOffset + (delta < 0 ? delta + SEQUENCE_MAX + 1 : delta);
}

function flatRows(batches: readonly RememberedBatch[]): number[] {
  const rows: number[] = [];
  for (const { baseSequence, lastSequence, baseOffset, appendTimeMs } of batches) {
    rows.push(baseSequence, lastSequence, baseOffset, appendTimeMs);
  }
  return rows;
}
