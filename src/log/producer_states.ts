import { ErrorCode } from "../base/error_codes.ts";

/** Batches remembered per producer; clients keep at most five requests in flight (KIP-98). */
export const REMEMBERED_BATCHES = 5;

const SEQUENCE_MAX = 2147483647;

/** A remembered batch: what is needed to answer its retry. */
export interface RememberedBatch {
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  /** Log append time of the batch, −1 under CreateTime. */
  readonly appendTimeMs: number;
}

/** One producer in one partition. */
interface ProducerState {
  epoch: number;
  /** Oldest first, at most {@link REMEMBERED_BATCHES}, all of `epoch`. */
  batches: RememberedBatch[];
  /** Wall clock when its last batch was appended (or replayed). */
  lastSeenMs: number;
}

/** The batch fields that the rules of idempotence look at. */
export interface SequencedBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastSequence: number;
}

/** Plain form for snapshots. */
export interface ProducerSnapshot {
  readonly id: number;
  readonly epoch: number;
  readonly lastSeenMs: number;
  /** Flat rows of base sequence, last sequence, base offset, append time. */
  readonly batches: readonly number[];
}

/** The sequence number after `sequence`; they wrap from 2^31 − 1 to 0. */
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
    const last = producer.batches.at(-1);
    if (last === undefined) return ErrorCode.NONE;
    return batch.baseSequence === nextSequence(last.lastSequence)
      ? ErrorCode.NONE
      : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
  }

  /** Remembers a batch that is in the log now. */
  appended(batch: SequencedBatch, baseOffset: number, appendTimeMs: number, nowMs: number): void {
    let producer = this.#producers.get(batch.producerId);
    if (producer === undefined) {
      producer = { epoch: batch.producerEpoch, batches: [], lastSeenMs: nowMs };
      this.#producers.set(batch.producerId, producer);
    } else if (producer.epoch !== batch.producerEpoch) {
      producer.epoch = batch.producerEpoch;
      producer.batches = [];
    }
    if (producer.batches.length === REMEMBERED_BATCHES) producer.batches.shift();
    producer.batches.push({
      baseSequence: batch.baseSequence,
      lastSequence: batch.lastSequence,
      baseOffset,
      appendTimeMs,
    });
    producer.lastSeenMs = nowMs;
  }

  /** Forgets producers that have not written since `beforeMs` (`producer.id.expiration.ms`). */
  expire(beforeMs: number): void {
    for (const [id, producer] of this.#producers) {
      if (producer.lastSeenMs < beforeMs) this.#producers.delete(id);
    }
  }

  snapshot(): ProducerSnapshot[] {
    return Array.from(this.#producers, ([id, producer]) => ({
      id,
      epoch: producer.epoch,
      lastSeenMs: producer.lastSeenMs,
      batches: producer.batches.flatMap((
        seen,
      ) => [seen.baseSequence, seen.lastSequence, seen.baseOffset, seen.appendTimeMs]),
    }));
  }

  static restore(snapshot: readonly ProducerSnapshot[]): ProducerStates {
    const states = new ProducerStates();
    for (const { id, epoch, lastSeenMs, batches: flat } of snapshot) {
      const batches: RememberedBatch[] = [];
      for (let i = 0; i + 3 < flat.length; i += 4) {
        batches.push({
          baseSequence: flat[i]!,
          lastSequence: flat[i + 1]!,
          baseOffset: flat[i + 2]!,
          appendTimeMs: flat[i + 3]!,
        });
      }
      states.#producers.set(id, { epoch, batches, lastSeenMs });
    }
    return states;
  }
}
