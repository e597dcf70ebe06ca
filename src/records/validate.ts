import { ErrorCode } from "../base/error_codes.ts";
import {
  ATTRIBUTE,
  BATCH_AT,
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  BatchHeader,
  bodyCrc,
  Compression,
  isTransactionalAt,
  LOG_OVERHEAD_BYTES,
  NO_TIMESTAMP,
  readInt32,
  restampTimestamps,
  TimestampType,
} from "./batch.ts";
import { isCompression } from "./compression.ts";
import { RecordCursor } from "./record_cursor.ts";
import { RecordErrors } from "./record_errors.ts";
import { ACCEPTED, type BatchVerdict, corrupt, invalidRecord, refuse } from "./verdict.ts";
import { OVERLONG_LENGTH } from "./walk.ts";

/** The topic's settings that a batch is held to. */
export interface TopicRules {
  /** `max.message.bytes`: the largest batch. */
  readonly maxMessageBytes: number;
  /** `message.timestamp.type` is LogAppendTime. */
  readonly logAppendTime: boolean;
  /** `message.timestamp.before.max.ms`: how old a record may be. */
  readonly timestampBeforeMaxMs: number;
  /** `message.timestamp.after.max.ms`: how far ahead of the broker's clock a record may be. */
  readonly timestampAfterMaxMs: number;
  /** `cleanup.policy` has compact: every record needs a key. */
  readonly compacted: boolean;
}

/** What the request says that the batch came in. */
export interface ProduceFacts {
  /** Version of the Produce request. */
  readonly version: number;
  /** Whether the request names a transactional id. */
  readonly isTransactional: boolean;
  /** Topic and partition as `name-index`, for messages. */
  readonly partitionName: string;
  /** Strict only: how large a batch's decompressed records may be. */
  readonly maxDecompressedBytes: number;
}

/** A batch of the newest protocol, outside of transactions. */
export const PLAIN_PRODUCE: ProduceFacts = {
  version: 13,
  isTransactional: false,
  partitionName: "",
  maxDecompressedBytes: 100 * 1024 * 1024,
};

/** What {@link sizeOfNext} answers instead of a size. */
const NO_BATCH = 0;
const BAD_LENGTH = -1;
const BAD_MAGIC = -2;
const OVERFLOWING_LENGTH = -3;

/** The least that a length field may say: what a record of the first format took. */
const LEAST_LENGTH = 14;
/** The first version of Produce that may carry zstd (KIP-110). */
const ZSTD_SINCE_VERSION = 7;
const INT32_MAX = 0x7fff_ffff;

/**
 * Holds produced batches to what Apache Kafka's broker demands of them, with its error codes.
 *
 * One pass for the CRC, one over the record boundaries; nothing is allocated for a good batch.
 * Relaxed, compressed records are opaque and their header is believed; strict, or where every record needs a key,
 * they are decompressed and held to the same rules. Sequences and epochs against what a producer sent
 * before are not looked at here.
 *
 * Stricter than Kafka, which stores these: bytes behind the batch, offset deltas that do not
 * count up by one, a compressed record whose length field lies, the transactional bit or a
 * producer id without what belongs to it, and 64-bit values beyond 2^53.
 */
export class BatchValidator {
  /** The header of the batch last validated, as it was sent. Filled when that got past the framing. */
  readonly header = new BatchHeader();
  readonly #cursor = new RecordCursor();

  /** The verdict on a partition without records. */
  noRecords(): BatchVerdict {
    return invalidRecord("A Produce request must have a record batch for each partition.");
  }

  /**
   * Judges the records field `bytes[start, end)` of one partition.
   *
   * A batch that is accepted leaves with the timestamps that the topic wants: when the broker's
   * time counts, or the producer's maximum is not that of its records, type, maximum and CRC are
   * rewritten in place. One that is refused is left as it was.
   */
  validate(
    bytes: Uint8Array,
    start: number,
    end: number,
    topic: TopicRules,
    nowMs: number,
    isStrict: boolean,
    request: ProduceFacts = PLAIN_PRODUCE,
  ): BatchVerdict {
    const refusal = this.#checkFraming(bytes, start, end, request) ??
      this.#checkIntegrity(bytes, start, end, topic) ??
      this.#checkFields();
    if (refusal !== null) return refusal;
    // Whether a record has a key, only the record tells.
    const isWalked = isStrict || topic.compacted || this.header.compression === Compression.NONE;
    return isWalked
      ? this.#checkRecords(bytes, start, topic, nowMs, request)
      : this.#checkOpaque(bytes, start, topic, nowMs);
  }

  /** Exactly one batch, of the one format, in the order in which Kafka looks. */
  #checkFraming(bytes: Uint8Array, start: number, end: number, request: ProduceFacts): BatchVerdict | null {
    const size = sizeOfNext(bytes, start, end);
    if (size === NO_BATCH) {
      return start === end ? this.noRecords() : invalidRecord("The record batch is not complete.");
    }
    if (size < 0) return unframed(size, bytes, start);
    const isTransactional = isTransactionalAt(bytes, start);
    const magic = bytes[start + BATCH_AT.magic]!;
    if (isTransactional && magic === BATCH_MAGIC && !request.isTransactional) {
      const { TRANSACTIONAL_ID_AUTHORIZATION_FAILED } = ErrorCode;
      return refuse(
        TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        "A transactional batch needs a transactional request.",
      );
    }
    if (magic !== BATCH_MAGIC) return invalidRecord("Only record batches with magic version 2 are accepted.");
    const codec = bytes[start + BATCH_AT.attributes + 1]! & ATTRIBUTE.compressionMask;
    if (codec === Compression.ZSTD && request.version < ZSTD_SINCE_VERSION) {
      return refuse(
        ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
        `Produce version ${request.version} may not carry zstd.`,
      );
    }
    const second = sizeOfNext(bytes, start + size, end);
    if (second < 0) return unframed(second, bytes, start + size);
    if (second > 0) return invalidRecord("Only one record batch is accepted for each partition.");
    if (size < BATCH_HEADER_BYTES) return corrupt("The record batch is smaller than its header.");
    this.header.read(bytes, start);
    return null;
  }

  #checkIntegrity(bytes: Uint8Array, start: number, end: number, topic: TopicRules): BatchVerdict | null {
    const { baseOffset, lengthBytes, crc, compression } = this.header;
    if (baseOffset !== 0) {
      return invalidRecord(`The base offset of a produced batch must be 0, but it is ${baseOffset}.`);
    }
    if (lengthBytes > topic.maxMessageBytes) {
      const message = `The batch has ${lengthBytes} bytes, and the topic allows ${topic.maxMessageBytes}.`;
      return refuse(ErrorCode.MESSAGE_TOO_LARGE, message);
    }
    const computed = bodyCrc(bytes, start, lengthBytes);
    if (computed !== crc) return corrupt(`The batch says CRC ${crc}, but its bytes have ${computed}.`);
    if (start + lengthBytes !== end) return invalidRecord("There are bytes behind the record batch.");
    if (!isCompression(compression)) {
      // Kafka trips over it
      return refuse(ErrorCode.UNKNOWN_SERVER_ERROR, `Unknown compression type id: ${compression}.`);
    }
    return null;
  }

  #checkFields(): BatchVerdict | null {
    const { header } = this;
    const { recordCount, lastOffsetDelta } = header;
    if (recordCount <= 0 || recordCount !== lastOffsetDelta + 1) {
      return invalidRecord(
        `The batch says it has ${recordCount} records, with a last offset delta of ${lastOffsetDelta}.`,
      );
    }
    if (header.isControl) return invalidRecord("Clients are not allowed to write control records.");
    if (header.isTransactional && !header.hasProducerId) {
      return invalidRecord("A transactional batch needs a producer id.");
    }
    if (!header.hasProducerId) return null;
    if (header.baseSequence < 0) {
      return invalidRecord(`Invalid sequence number ${header.baseSequence} for a batch with a producer id.`);
    }
    if (!Number.isSafeInteger(header.producerId)) return invalidRecord("The producer id is beyond 2^53.");
    if (header.producerEpoch < 0) {
      return refuse(ErrorCode.INVALID_PRODUCER_EPOCH, `Invalid producer epoch ${header.producerEpoch}.`);
    }
    return null;
  }

  /** Walks every record, decompressed first when they are not plain. */
  #checkRecords(
    bytes: Uint8Array,
    start: number,
    topic: TopicRules,
    nowMs: number,
    request: ProduceFacts,
  ): BatchVerdict {
    const cursor = this.#cursor;
    const compressionFault = cursor.open(bytes, start, this.header, request.maxDecompressedBytes);
    if (compressionFault === "too large") {
      const message = `The batch's records have more than ${request.maxDecompressedBytes} bytes.`;
      return refuse(ErrorCode.MESSAGE_TOO_LARGE, message);
    }
    if (compressionFault !== null) {
      // not INVALID_RECORD: so it is in Kafka, where the codec's exception comes through
      return refuse(ErrorCode.UNKNOWN_SERVER_ERROR, "The batch's records cannot be decompressed.");
    }
    const isStamped = topic.logAppendTime;
    const bitIsSet = this.header.timestampType === TimestampType.LOG_APPEND_TIME;
    const oldestMs = nowMs - topic.timestampBeforeMaxMs;
    const newestMs = nowMs + topic.timestampAfterMaxMs;
    let maxTimestampMs = NO_TIMESTAMP;
    let isInOrder = true;
    let errors: RecordErrors | null = null;
    while (cursor.next()) {
      if (cursor.offsetDelta !== cursor.index) isInOrder = false;
      const timestampMs = cursor.timestampMs;
      if (topic.compacted && cursor.keyBytes < 0) {
        errors ??= new RecordErrors(request.partitionName);
        errors.addNullKey(cursor.index);
      } else if (isStamped || timestampMs === NO_TIMESTAMP) {
        if (bitIsSet) {
          errors ??= new RecordErrors(request.partitionName);
          errors.addTimestampType(cursor.index);
        }
      } else if (!(timestampMs >= oldestMs && timestampMs <= newestMs && Number.isSafeInteger(timestampMs))) {
        errors ??= new RecordErrors(request.partitionName);
        errors.addTimestamp(cursor.index, timestampMs, oldestMs, newestMs);
      }
      if (timestampMs > maxTimestampMs) maxTimestampMs = timestampMs;
    }
    // the decompressed records are garbage from here on, not the cursor's to keep
    const { fault, index } = cursor;
    cursor.close();
    if (fault !== null) {
      // Kafka trips over it in plain records
      const isTrap = fault === OVERLONG_LENGTH && this.header.compression === Compression.NONE;
      const code = isTrap ? ErrorCode.UNKNOWN_SERVER_ERROR : ErrorCode.INVALID_RECORD;
      return refuse(code, `Record ${index}: ${fault}.`);
    }
    if (errors !== null) return errors.verdict();
    if (!isInOrder) return this.#outOfOrder();
    this.#restamp(bytes, start, topic, nowMs, maxTimestampMs);
    return ACCEPTED;
  }

  /** What the header of compressed records tells of their times; the rest is believed. */
  #checkOpaque(bytes: Uint8Array, start: number, topic: TopicRules, nowMs: number): BatchVerdict {
    const { baseTimestampMs, maxTimestampMs, timestampType } = this.header;
    const bitIsSet = timestampType === TimestampType.LOG_APPEND_TIME;
    if (bitIsSet && (topic.logAppendTime || maxTimestampMs === NO_TIMESTAMP)) {
      return RecordErrors.wrongTimestampType();
    }
    if (!topic.logAppendTime) {
      const oldestMs = nowMs - topic.timestampBeforeMaxMs;
      const newestMs = nowMs + topic.timestampAfterMaxMs;
      // the base is the first record's time, whoever writes batches
      const firstMs = bitIsSet ? maxTimestampMs : baseTimestampMs;
      for (const timestampMs of [firstMs, maxTimestampMs]) {
        if (timestampMs === NO_TIMESTAMP) continue;
        if (timestampMs >= oldestMs && timestampMs <= newestMs && Number.isSafeInteger(timestampMs)) continue;
        const errors = new RecordErrors("");
        errors.addTimestamp(0, timestampMs, oldestMs, newestMs);
        return errors.verdict();
      }
    }
    this.#restamp(bytes, start, topic, nowMs, maxTimestampMs);
    return ACCEPTED;
  }

  #outOfOrder(): BatchVerdict {
    const message = "The records' offset deltas do not count up from 0 by one.";
    // Kafka stores the plain ones, and trips over the compressed ones
    const isPlain = this.header.compression === Compression.NONE;
    return isPlain ? invalidRecord(message) : refuse(ErrorCode.UNKNOWN_SERVER_ERROR, message);
  }

  #restamp(bytes: Uint8Array, start: number, topic: TopicRules, nowMs: number, maxTimestampMs: number): void {
    if (topic.logAppendTime) restampTimestamps(bytes, start, TimestampType.LOG_APPEND_TIME, nowMs);
    else restampTimestamps(bytes, start, TimestampType.CREATE_TIME, maxTimestampMs);
  }
}

/** Size of the batch at `at` when all of it is before `end`, else one of the four answers above. */
function sizeOfNext(bytes: Uint8Array, at: number, end: number): number {
  const leftBytes = end - at;
  if (leftBytes < LOG_OVERHEAD_BYTES) return NO_BATCH;
  const length = readInt32(bytes, at + BATCH_AT.batchLength);
  if (length < LEAST_LENGTH) return BAD_LENGTH;
  if (leftBytes <= BATCH_AT.magic) return NO_BATCH;
  if (bytes[at + BATCH_AT.magic]! > BATCH_MAGIC) return BAD_MAGIC;
  // here the sum overflows in Kafka
  if (length > INT32_MAX - LOG_OVERHEAD_BYTES) return OVERFLOWING_LENGTH;
  const size = length + LOG_OVERHEAD_BYTES;
  return size > leftBytes ? NO_BATCH : size;
}

function unframed(answer: number, bytes: Uint8Array, at: number): BatchVerdict {
  if (answer === OVERFLOWING_LENGTH) {
    return refuse(ErrorCode.UNKNOWN_SERVER_ERROR, "The record batch's length is beyond all bounds.");
  }
  if (answer === BAD_MAGIC) {
    return corrupt(`Invalid magic found in record: ${(bytes[at + BATCH_AT.magic]! << 24) >> 24}`);
  }
  const length = readInt32(bytes, at + BATCH_AT.batchLength);
  return corrupt(`Record size ${length} is less than the minimum record overhead (${LEAST_LENGTH})`);
}
