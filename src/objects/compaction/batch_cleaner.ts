import { concatBytes } from "../../base/bytes.ts";
import {
  ATTRIBUTE,
  BATCH_AT,
  BATCH_HEADER_BYTES,
  type BatchHeader,
  type Compression,
  LOG_OVERHEAD_BYTES,
  NO_TIMESTAMP,
  recomputeCrc,
  RecordCursor,
  TimestampType,
  withTimestampDelta,
  writeInt32,
  writeInt64,
} from "../../records/mod.ts";
import { compress } from "../../records/compress.ts";
import { PRODUCER_NUMBERS } from "../contract.ts";
import type { KeyMap } from "./key_map.ts";
import type { SeenBatch } from "./object_batches.ts";
import { openSound } from "./sound_records.ts";
import type { TransactionWatch } from "./transaction_watch.ts";

/** Numbers of a row of the records that stay: where it begins, where it ends, its timestamp delta. */
const KEPT_NUMBERS = 3;

/** What is looked at to clean a batch. */
export interface CleaningRules {
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  /** `null` when only what is past its delete horizon is to go. */
  readonly whole: { readonly keys: KeyMap; readonly transactions: TransactionWatch } | null;
  /** As in `CompactJob.producers`. */
  readonly producers: Float64Array;
}

/** When tombstones and markers of the batch may go (KIP-534); infinite when that has not been set. */
export function deleteHorizonOf(header: BatchHeader): number {
  return (header.attributes & ATTRIBUTE.deleteHorizon) === 0 ? Infinity : header.baseTimestampMs;
}

/**
 * Takes records out of batches by the rules of Kafka's log cleaner. What is left keeps its offset, and the batch its
 * first and last offset, producer, sequence, leader epoch, codec and kind of timestamps. A batch that cannot be
 * decoded stays as it is.
 */
export class BatchCleaner {
  recordsBefore = 0;
  recordsAfter = 0;
  readonly #rules: CleaningRules;
  readonly #lastOffsets = new Map<number, { readonly lastOffset: number; readonly epoch: number }>();
  readonly #cursor = new RecordCursor();
  /** Rows of {@link KEPT_NUMBERS}, in the cursor's bytes. */
  #kept: number[] = [];
  #maxTimestampMs = NO_TIMESTAMP;
  #hasTombstone = false;
  #isExact = true;

  constructor(rules: CleaningRules) {
    this.#rules = rules;
    const { producers } = rules;
    for (let at = 0; at < producers.length; at += PRODUCER_NUMBERS) {
      const [id = 0, lastOffset = -1, epoch = -1] = producers.subarray(at, at + PRODUCER_NUMBERS);
      this.#lastOffsets.set(id, { lastOffset, epoch });
    }
  }

  /**
   * The batch without what has to go: as it was, anew, or `null` when nothing of it is left. One that `mustStay`
   * stays, if need be without records.
   */
  clean(batch: SeenBatch, mustStay: boolean): Uint8Array | null {
    const { bytes, at, header } = batch;
    const before = bytes.subarray(at, at + header.lengthBytes);
    this.recordsBefore += header.recordCount;
    const isEndOfNothing = header.isControl && this.#isEndOfNothing(batch);
    const isDiscarded = header.isControl
      ? isEndOfNothing && deleteHorizonOf(header) <= this.#rules.nowMs
      : this.#rules.whole?.transactions.isAborted(header) === true;
    let after: Uint8Array | null = null;
    if (header.recordCount > 0 && !isDiscarded) {
      after = this.#withoutRecords(batch, before, isEndOfNothing);
    }
    if (after !== null) return after;
    if (!mustStay && !this.#isLastOfProducer(header)) return null;
    return header.recordCount === 0 ? before : emptied(before, header);
  }

  #isEndOfNothing({ bytes, at, header }: SeenBatch): boolean {
    const { whole } = this.#rules;
    return whole === null
      ? deleteHorizonOf(header) !== Infinity
      : whole.transactions.endsNothing(bytes, at, header);
  }

  #isLastOfProducer(header: BatchHeader): boolean {
    if (!header.hasProducerId) return false;
    const last = this.#lastOffsets.get(header.producerId);
    if (last === undefined) return false;
    if (last.lastOffset >= 0) return last.lastOffset === header.lastOffset;
    return header.isControl && header.producerEpoch === last.epoch;
  }

  /** The batch, as it was or anew; `null` when no record stays. */
  #withoutRecords({ bytes, at, header }: SeenBatch, before: Uint8Array, isEndOfNothing: boolean) {
    const cursor = this.#cursor;
    try {
      const isDecoded = openSound(cursor, bytes, at, header);
      if (isDecoded) this.#choose(header);
      const count = isDecoded ? this.#kept.length / KEPT_NUMBERS : header.recordCount;
      this.recordsAfter += count;
      if (!isDecoded) return before;
      const setsHorizon = (this.#hasTombstone || isEndOfNothing) && deleteHorizonOf(header) === Infinity &&
        this.#isExact;
      if (count === header.recordCount && !setsHorizon) return before;
      if (count === 0) return null;
      const { nowMs, deleteRetentionMs } = this.#rules;
      return this.#rebuilt(before, header, setsHorizon ? nowMs + deleteRetentionMs : null);
    } finally {
      cursor.close();
    }
  }

  /** Notes which records of the open batch stay. */
  #choose(header: BatchHeader): void {
    const cursor = this.#cursor;
    this.#kept = [];
    this.#maxTimestampMs = NO_TIMESTAMP;
    this.#hasTombstone = false;
    this.#isExact = header.isExact;
    for (let from = cursor.endAt; cursor.next(); from = cursor.endAt) {
      if (!header.isControl && !this.#stays(header)) continue;
      this.#kept.push(from, cursor.endAt, cursor.timestampDeltaMs);
      const { timestampMs } = cursor;
      this.#maxTimestampMs = Math.max(this.#maxTimestampMs, timestampMs);
      if (!Number.isSafeInteger(timestampMs)) this.#isExact = false;
      if (cursor.valueBytes < 0) this.#hasTombstone = true;
    }
  }

  #stays(header: BatchHeader): boolean {
    const { bytes, keyAt, keyBytes, valueBytes, offset } = this.#cursor;
    const { whole, nowMs } = this.#rules;
    const isPastHorizon = valueBytes < 0 && deleteHorizonOf(header) <= nowMs;
    if (whole === null) return keyBytes < 0 || !isPastHorizon;
    if (keyBytes < 0) return false;
    return !isPastHorizon && offset >= whole.keys.lastOffset(bytes, keyAt, keyAt + keyBytes);
  }

  /** The records that stay, neighbours in one piece. */
  #keptRuns(): Uint8Array[] {
    const { bytes } = this.#cursor;
    const kept = this.#kept;
    const runs: Uint8Array[] = [];
    let from = kept[0]!;
    for (let at = 0; at < kept.length; at += KEPT_NUMBERS) {
      const end = kept[at + 1]!;
      const next = kept[at + KEPT_NUMBERS];
      if (next === end) continue;
      runs.push(bytes.subarray(from, end));
      from = next ?? end;
    }
    return runs;
  }

  /** The records that stay, for a batch whose base timestamp is so much less. */
  #keptShifted(shiftMs: number): Uint8Array[] {
    const { bytes } = this.#cursor;
    const kept = this.#kept;
    const records: Uint8Array[] = [];
    for (let at = 0; at < kept.length; at += KEPT_NUMBERS) {
      records.push(withTimestampDelta(bytes, kept[at]!, kept[at + 1]!, kept[at + 2]! + shiftMs));
    }
    return records;
  }

  /** A batch of the records that stay. With a delete horizon, their times are told from there. */
  #rebuilt(before: Uint8Array, header: BatchHeader, horizonMs: number | null): Uint8Array {
    const parts = horizonMs === null
      ? this.#keptRuns()
      : this.#keptShifted(header.baseTimestampMs - horizonMs);
    const isAppendTime = header.timestampType === TimestampType.LOG_APPEND_TIME;
    const payload = compress(header.compression as Compression, concatBytes(parts));
    const bytes = new Uint8Array(BATCH_HEADER_BYTES + payload.length);
    bytes.set(before.subarray(0, BATCH_HEADER_BYTES));
    bytes.set(payload, BATCH_HEADER_BYTES);
    if (horizonMs !== null) {
      bytes[BATCH_AT.attributes + 1]! |= ATTRIBUTE.deleteHorizon;
      writeInt64(bytes, BATCH_AT.baseTimestamp, horizonMs);
    }
    if (!isAppendTime) writeInt64(bytes, BATCH_AT.maxTimestamp, this.#maxTimestampMs);
    return finished(bytes, this.#kept.length / KEPT_NUMBERS);
  }
}

/** A batch without records, which stands for the same offsets and the same sequences. */
function emptied(before: Uint8Array, header: BatchHeader): Uint8Array {
  const bytes = before.slice(0, BATCH_HEADER_BYTES);
  bytes[BATCH_AT.attributes + 1] = header.attributes &
    ~(ATTRIBUTE.compressionMask | ATTRIBUTE.deleteHorizon) & 0xff;
  writeInt64(bytes, BATCH_AT.baseTimestamp, NO_TIMESTAMP);
  return finished(bytes, 0);
}

function finished(bytes: Uint8Array, recordCount: number): Uint8Array {
  writeInt32(bytes, BATCH_AT.batchLength, bytes.length - LOG_OVERHEAD_BYTES);
  writeInt32(bytes, BATCH_AT.recordCount, recordCount);
  recomputeCrc(bytes, 0);
  return bytes;
}
