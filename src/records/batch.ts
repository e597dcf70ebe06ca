import { crc32c } from "../base/crc32c.ts";

/** Where each field of a record batch (magic 2) lies, in bytes from the batch's first byte. */
export const BATCH_AT = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

/** Bytes of a batch before its first record. */
export const BATCH_HEADER_BYTES = BATCH_AT.records;

/** Bytes that `batchLength` does not count: the base offset and the length itself. */
export const LOG_OVERHEAD_BYTES = BATCH_AT.leaderEpoch;

/** The only record format that is stored; 0 and 1 left Kafka with version 4. */
export const BATCH_MAGIC = 2;

/** Bits of `attributes`. The lowest three are the {@link Compression}. */
export const ATTRIBUTE = {
  compressionMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

/** Whether the batch at `start` says that it belongs to a transaction. */
export function isTransactionalAt(bytes: Uint8Array, start: number): boolean {
  return ((bytes[start + BATCH_AT.attributes + 1] ?? 0) & ATTRIBUTE.transactional) !== 0;
}

/** Codec of a batch's records, as the lowest three bits of its attributes; 5 to 7 are not defined. */
export const Compression = { NONE: 0, GZIP: 1, SNAPPY: 2, LZ4: 3, ZSTD: 4 } as const;
export type Compression = (typeof Compression)[keyof typeof Compression];

/** Whose clock a batch's timestamps are: the producer's, or the broker's at the append. */
export const TimestampType = { CREATE_TIME: 0, LOG_APPEND_TIME: 1 } as const;
export type TimestampType = (typeof TimestampType)[keyof typeof TimestampType];

/** Values that say "there is none". */
export const NO_TIMESTAMP = -1;
export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;

/** Big-endian int32 at `at`; the caller has checked the bounds. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Big-endian int64 at `at`, rounded to the nearest double beyond ±2^53. */
export function readInt64(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) * 0x1_0000_0000 + (readInt32(bytes, at + 4) >>> 0);
}

/** Writes a big-endian int32. */
export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}

/** Writes a big-endian int64 of a safe integer. */
export function writeInt64(bytes: Uint8Array, at: number, value: number): void {
  writeInt32(bytes, at, Math.floor(value / 0x1_0000_0000));
  writeInt32(bytes, at + 4, value | 0);
}

/** Writes a big-endian int16. */
export function writeInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

/**
 * A batch's header, copied out of its bytes by {@link BatchHeader.read}.
 *
 * Made once and reused: reading allocates nothing, and the values stay what they were
 * when the bytes below change. 64-bit fields are doubles: exact up to 2^53, which
 * {@link BatchHeader.isExact} tells of.
 */
export class BatchHeader {
  /** Offset of the batch's first record; 0 in what a producer sends. */
  baseOffset = 0;
  /** Size of the whole batch, with the 12 bytes that the length field leaves out. */
  lengthBytes = 0;
  leaderEpoch = 0;
  magic = 0;
  crc = 0;
  attributes = 0;
  lastOffsetDelta = 0;
  /** Base of the records' timestamp deltas; the delete horizon when that attribute is set. */
  baseTimestampMs = 0;
  maxTimestampMs = 0;
  producerId = 0;
  producerEpoch = 0;
  baseSequence = 0;
  recordCount = 0;

  /** Reads the header at `at`. The caller has checked that 61 bytes are there ({@link batchAt}). */
  read(bytes: Uint8Array, at: number): this {
    this.baseOffset = readInt64(bytes, at);
    this.lengthBytes = readInt32(bytes, at + BATCH_AT.batchLength) + LOG_OVERHEAD_BYTES;
    this.leaderEpoch = readInt32(bytes, at + BATCH_AT.leaderEpoch);
    this.magic = (bytes[at + BATCH_AT.magic]! << 24) >> 24;
    this.crc = readInt32(bytes, at + BATCH_AT.crc) >>> 0;
    this.attributes = (bytes[at + BATCH_AT.attributes]! << 8) | bytes[at + BATCH_AT.attributes + 1]!;
    this.lastOffsetDelta = readInt32(bytes, at + BATCH_AT.lastOffsetDelta);
    this.baseTimestampMs = readInt64(bytes, at + BATCH_AT.baseTimestamp);
    this.maxTimestampMs = readInt64(bytes, at + BATCH_AT.maxTimestamp);
    this.producerId = readInt64(bytes, at + BATCH_AT.producerId);
    this.producerEpoch = ((bytes[at + BATCH_AT.producerEpoch]! << 24) >> 16) |
      bytes[at + BATCH_AT.producerEpoch + 1]!;
    this.baseSequence = readInt32(bytes, at + BATCH_AT.baseSequence);
    this.recordCount = readInt32(bytes, at + BATCH_AT.recordCount);
    return this;
  }

  /** Offset of the batch's last record. Compaction may have removed that record, never the offset. */
  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta;
  }

  /** Sequence of the last record, which wraps from 2^31 - 1 to 0; -1 without a producer. */
  get lastSequence(): number {
    if (this.baseSequence === NO_SEQUENCE) return NO_SEQUENCE;
    return (this.baseSequence + this.lastOffsetDelta) % 0x8000_0000;
  }

  get hasProducerId(): boolean {
    return this.producerId > NO_PRODUCER_ID;
  }

  get isTransactional(): boolean {
    return (this.attributes & ATTRIBUTE.transactional) !== 0;
  }

  get isControl(): boolean {
    return (this.attributes & ATTRIBUTE.control) !== 0;
  }

  /** Codec number, which may be one that {@link Compression} does not know. */
  get compression(): number {
    return this.attributes & ATTRIBUTE.compressionMask;
  }

  get timestampType(): TimestampType {
    return (this.attributes & ATTRIBUTE.logAppendTime) === 0
      ? TimestampType.CREATE_TIME
      : TimestampType.LOG_APPEND_TIME;
  }

  /** Whether offset, producer id and timestamps are what the bytes say, to the last bit. */
  get isExact(): boolean {
    return Number.isSafeInteger(this.baseOffset) && Number.isSafeInteger(this.producerId) &&
      Number.isSafeInteger(this.baseTimestampMs) && Number.isSafeInteger(this.maxTimestampMs);
  }
}

/**
 * Size in bytes of the whole batch at `at`, or -1 when [at, end) does not hold all of it
 * or its length is less than a header.
 */
export function batchAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < BATCH_HEADER_BYTES) return -1;
  const lengthBytes = readInt32(bytes, at + BATCH_AT.batchLength) + LOG_OVERHEAD_BYTES;
  return lengthBytes < BATCH_HEADER_BYTES || lengthBytes > end - at ? -1 : lengthBytes;
}

/** CRC-32C of the batch's body, computed: everything behind the CRC field. */
export function bodyCrc(bytes: Uint8Array, at: number, lengthBytes: number): number {
  return crc32c(bytes, at + BATCH_AT.attributes, at + lengthBytes);
}

/** Gives the batch its place in the log. The CRC does not cover this field. */
export function patchBaseOffset(bytes: Uint8Array, at: number, offset: number): void {
  writeInt64(bytes, at, offset);
}

/** Stamps the epoch of the leader that appended the batch. The CRC does not cover this field. */
export function patchLeaderEpoch(bytes: Uint8Array, at: number, epoch: number): void {
  writeInt32(bytes, at + BATCH_AT.leaderEpoch, epoch);
}

/**
 * Sets the batch's timestamp type and maximum, as Kafka does for a batch whose producer got
 * them wrong or whose topic stamps its own time, and recomputes the CRC. The attribute bits
 * that Kafka does not define for a producer are cleared. Nothing is written when both
 * already are what is asked for.
 */
export function restampTimestamps(
  bytes: Uint8Array,
  at: number,
  type: TimestampType,
  maxTimestampMs: number,
): void {
  const attributesAt = at + BATCH_AT.attributes;
  const low = bytes[attributesAt + 1]!;
  const typeBit = type === TimestampType.LOG_APPEND_TIME ? ATTRIBUTE.logAppendTime : 0;
  const isSame = (low & ATTRIBUTE.logAppendTime) === typeBit &&
    readInt64(bytes, at + BATCH_AT.maxTimestamp) === maxTimestampMs;
  if (isSame) return;
  const kept = ATTRIBUTE.compressionMask | ATTRIBUTE.transactional | ATTRIBUTE.control;
  writeInt16(bytes, attributesAt, (low & kept) | typeBit);
  writeInt64(bytes, at + BATCH_AT.maxTimestamp, maxTimestampMs);
  recomputeCrc(bytes, at);
}

/** Makes the CRC field fit the body, after the body was changed or first written. */
export function recomputeCrc(bytes: Uint8Array, at: number): void {
  const lengthBytes = readInt32(bytes, at + BATCH_AT.batchLength) + LOG_OVERHEAD_BYTES;
  writeInt32(bytes, at + BATCH_AT.crc, bodyCrc(bytes, at, lengthBytes));
}
