import { ErrorCode } from "../../src/base/error_codes.ts";
import {
  ATTRIBUTE,
  BATCH_AT,
  BATCH_HEADER_BYTES,
  buildControlBatch,
  Compression,
  EndMarker,
  patchBaseOffset,
  TimestampType,
} from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { type BatchKind, BOUNDED_TIME, BROKER_TIME, COMPACTED, INSIDE, kind, SMALL } from "./batch_kind.ts";
import {
  changed,
  CODECS,
  concat,
  goodBatch,
  HOUR_MS,
  resealed,
  threeRecords,
  utf8,
  withAttributes,
} from "./batch_parts.ts";

const {
  CORRUPT_MESSAGE,
  INVALID_PRODUCER_EPOCH,
  INVALID_RECORD,
  INVALID_TIMESTAMP,
  MESSAGE_TOO_LARGE,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  UNKNOWN_SERVER_ERROR,
  UNSUPPORTED_COMPRESSION_TYPE,
} = ErrorCode;

const framing: readonly BatchKind[] = [
  kind("no bytes", INVALID_RECORD, () => new Uint8Array(0)),
  kind("eleven bytes", INVALID_RECORD, (nowMs) => goodBatch(nowMs).subarray(0, 11)),
  kind("a header cut before its magic", INVALID_RECORD, (nowMs) => goodBatch(nowMs).subarray(0, 16)),
  kind("a header cut before its count", INVALID_RECORD, (nowMs) => goodBatch(nowMs).subarray(0, 57)),
  kind("a batch cut in its records", INVALID_RECORD, (nowMs) => goodBatch(nowMs).subarray(0, -1)),
  kind("two batches", INVALID_RECORD, (nowMs) => concat(goodBatch(nowMs), goodBatch(nowMs))),
  kind(
    "twenty zeros behind the batch",
    CORRUPT_MESSAGE,
    (nowMs) => concat(goodBatch(nowMs), new Uint8Array(20)),
  ),
  kind(
    "a second batch of an unknown magic",
    CORRUPT_MESSAGE,
    (nowMs) => concat(goodBatch(nowMs), changed(nowMs, (view) => view.setInt8(BATCH_AT.magic, 9))),
  ),
  kind(
    "a second batch of 26 bytes",
    INVALID_RECORD,
    (nowMs) =>
      concat(
        goodBatch(nowMs),
        changed(nowMs, (view) => view.setInt32(BATCH_AT.batchLength, 14)).subarray(0, 26),
      ),
  ),
  ...([
    ["one less than there is", CORRUPT_MESSAGE, (length) => length - 1],
    ["one more than there is", INVALID_RECORD, (length) => length + 1],
    ["2^31 - 1", UNKNOWN_SERVER_ERROR, () => 0x7fff_ffff],
    ["0", CORRUPT_MESSAGE, () => 0],
    ["-1", CORRUPT_MESSAGE, () => -1],
    ["13", CORRUPT_MESSAGE, () => 13],
    ["14", CORRUPT_MESSAGE, () => 14],
    ["48, one less than a header", CORRUPT_MESSAGE, () => 48],
  ] as readonly [string, ErrorCode, (length: number) => number][]).map(([what, errorCode, replace]) =>
    kind(
      `a batch length of ${what}`,
      errorCode,
      (nowMs) =>
        changed(
          nowMs,
          (view) => view.setInt32(BATCH_AT.batchLength, replace(view.getInt32(BATCH_AT.batchLength))),
        ),
    )
  ),
  ...[0, 1, 3, 127, -1].map((magic) =>
    kind(
      `magic ${magic}`,
      magic === 0 || magic === 1 ? INVALID_RECORD : CORRUPT_MESSAGE,
      (nowMs) => changed(nowMs, (view) => view.setInt8(BATCH_AT.magic, magic)),
    )
  ),
];

const header: readonly BatchKind[] = [
  kind(
    "a CRC of zero",
    CORRUPT_MESSAGE,
    (nowMs) => changed(nowMs, (view) => view.setUint32(BATCH_AT.crc, 0)),
  ),
  kind(
    "a CRC with one bit flipped",
    CORRUPT_MESSAGE,
    (nowMs) => changed(nowMs, (view) => view.setUint32(BATCH_AT.crc, view.getUint32(BATCH_AT.crc) ^ 1)),
  ),
  kind(
    "an attribute changed behind the CRC",
    CORRUPT_MESSAGE,
    (nowMs) => changed(nowMs, (view) => view.setInt16(BATCH_AT.attributes, 1)),
  ),
  kind(
    "a record's byte changed behind the CRC",
    CORRUPT_MESSAGE,
    (nowMs) => changed(nowMs, (view) => view.setInt8(BATCH_HEADER_BYTES + 20, 0)),
  ),
  ...[1, -1].map((offset) =>
    kind(`a base offset of ${offset}`, INVALID_RECORD, (nowMs) => {
      const batch = goodBatch(nowMs);
      patchBaseOffset(batch, 0, offset);
      return batch;
    })
  ),
  kind(
    "a base offset of 1, a wrong CRC too",
    INVALID_RECORD,
    (nowMs) =>
      changed(nowMs, (view) => {
        view.setBigInt64(BATCH_AT.baseOffset, 1n);
        view.setUint32(BATCH_AT.crc, 0);
      }),
  ),
  ...[5, 6, 7].map((codec) => kind(`codec ${codec}`, UNKNOWN_SERVER_ERROR, withAttributes(codec))),
  kind("codec 5 and no records", UNKNOWN_SERVER_ERROR, (nowMs) =>
    resealed(nowMs, (view) => {
      view.setInt16(BATCH_AT.attributes, 5);
      view.setInt32(BATCH_AT.recordCount, 0);
    })),
  kind("the control bit on ordinary records", INVALID_RECORD, withAttributes(ATTRIBUTE.control)),
  kind("the end of a transaction", TRANSACTIONAL_ID_AUTHORIZATION_FAILED, (timestampMs) =>
    buildControlBatch({
      marker: EndMarker.COMMIT,
      coordinatorEpoch: 0,
      producerId: 4000,
      producerEpoch: 0,
      timestampMs,
    })),
  kind(
    "the transactional bit in a plain request",
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    (nowMs) =>
      goodBatch(nowMs, { isTransactional: true, producerId: 4000, producerEpoch: 0, baseSequence: 0 }),
  ),
  kind(
    "the transactional bit without a producer",
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    (nowMs) => goodBatch(nowMs, { isTransactional: true }),
  ),
  kind(
    "a producer without a sequence",
    INVALID_RECORD,
    (nowMs) => goodBatch(nowMs, { producerId: 4002, producerEpoch: 0 }),
  ),
  kind(
    "a producer with sequence -2",
    INVALID_RECORD,
    (nowMs) => goodBatch(nowMs, { producerId: 4003, producerEpoch: 0, baseSequence: -2 }),
  ),
  kind(
    "a producer with epoch -2",
    INVALID_PRODUCER_EPOCH,
    (nowMs) => goodBatch(nowMs, { producerId: 4004, producerEpoch: -2, baseSequence: 0 }),
  ),
  ...([
    ["no records, and none announced", 0, -1, 0],
    ["no records, with a last offset delta of 0", 0, 0, 0],
    ["records where none is announced", 3, 2, 0],
    ["-1 records announced", 3, 2, -1],
    ["2^31 - 1 records announced", 3, 0x7fff_fffe, 0x7fff_ffff],
    ["one record too many announced", 3, 3, 4],
    ["one record too few announced", 3, 1, 2],
    ["a last offset delta too large", 3, 3, 3],
    ["a last offset delta too small", 3, 1, 3],
    ["a last offset delta of -1", 3, -1, 3],
    ["a last offset delta of 2^31 - 1", 3, 0x7fff_ffff, 3],
    ["a last offset delta of -2^31", 3, -0x8000_0000, 3],
  ] as const).map(([what, there, lastOffsetDelta, recordCount]) =>
    kind(
      what,
      INVALID_RECORD,
      (nowMs) =>
        buildBatch(threeRecords(nowMs).slice(0, there), {
          lastOffsetDelta,
          recordCount,
          baseTimestampMs: nowMs,
        }),
    )
  ),
];

const times: readonly BatchKind[] = [
  kind("timestamps in two hours", INVALID_TIMESTAMP, (nowMs) => goodBatch(nowMs + 2 * HOUR_MS)),
  kind(
    "a last record in two hours",
    INVALID_TIMESTAMP,
    (nowMs) => buildBatch([...threeRecords(nowMs), { timestampMs: nowMs + 2 * HOUR_MS }]),
  ),
  kind(
    "timestamps of two hours ago where one is allowed",
    INVALID_TIMESTAMP,
    (nowMs) => goodBatch(nowMs - 2 * HOUR_MS),
    BOUNDED_TIME,
  ),
  kind(
    "a middle record of two hours ago where one is allowed",
    INVALID_TIMESTAMP,
    (nowMs) =>
      buildBatch([{ timestampMs: nowMs }, { timestampMs: nowMs - 2 * HOUR_MS }, { timestampMs: nowMs }]),
    BOUNDED_TIME,
  ),
  kind(
    "a wrong timestamp and a missing key",
    INVALID_TIMESTAMP,
    (nowMs) => buildBatch([{ timestampMs: nowMs }, { key: utf8("k"), timestampMs: nowMs + 2 * HOUR_MS }]),
    COMPACTED,
  ),
  ...([["plain", Compression.NONE], ...CODECS] as typeof CODECS).flatMap(([name, compression]) => [
    kind(
      `the broker's timestamp type without a time, ${name}`,
      INVALID_TIMESTAMP,
      (nowMs) =>
        goodBatch(nowMs, { compression, timestampType: TimestampType.LOG_APPEND_TIME, maxTimestampMs: -1 }),
    ),
    kind(`the broker's timestamp type in two hours, ${name}`, INVALID_TIMESTAMP, (nowMs) =>
      goodBatch(nowMs, {
        compression,
        timestampType: TimestampType.LOG_APPEND_TIME,
        maxTimestampMs: nowMs + 2 * HOUR_MS,
      })),
    kind(
      `the broker's timestamp type where the broker's time counts, ${name}`,
      INVALID_TIMESTAMP,
      (nowMs) => goodBatch(nowMs, { compression, timestampType: TimestampType.LOG_APPEND_TIME }),
      BROKER_TIME,
    ),
  ]),
  ...CODECS.flatMap(([name, compression]) => [
    kind(
      `timestamps in two hours, ${name}`,
      INVALID_TIMESTAMP,
      (nowMs) => goodBatch(nowMs + 2 * HOUR_MS, { compression }),
    ),
    kind(
      `timestamps of two hours ago where one is allowed, ${name}`,
      INVALID_TIMESTAMP,
      (nowMs) => goodBatch(nowMs - 2 * HOUR_MS, { compression }),
      BOUNDED_TIME,
    ),
    kind(
      `a last record in two hours that the header does not tell of, ${name}`,
      INVALID_TIMESTAMP,
      (nowMs) =>
        buildBatch([...threeRecords(nowMs), { timestampMs: nowMs + 2 * HOUR_MS }], {
          compression,
          maxTimestampMs: nowMs,
        }),
      INSIDE,
    ),
  ]),
];

/** Bytes that no codec makes smaller. */
const noise = Uint8Array.from(
  { length: 3000 },
  (_, index) => (Math.imul(index, 0x9e3779b1) >>> 24) ^ (index * 7),
);

const sizes: readonly BatchKind[] = [
  kind(
    "a batch one byte larger than allowed",
    MESSAGE_TOO_LARGE,
    (nowMs) => buildBatch([{ value: new Uint8Array(1001 - 61 - 9), timestampMs: nowMs }]),
    SMALL,
  ),
  kind(
    "a batch larger than allowed, a wrong CRC too",
    MESSAGE_TOO_LARGE,
    (nowMs) =>
      buildBatch([{ value: noise, timestampMs: nowMs }]).with(BATCH_AT.crc, 0).with(BATCH_AT.crc + 1, 0),
    SMALL,
  ),
  ...CODECS.map(([name, compression]) =>
    kind(
      `a batch larger than allowed, ${name}`,
      MESSAGE_TOO_LARGE,
      (nowMs) => buildBatch([{ value: noise, timestampMs: nowMs }], { compression }),
      SMALL,
    )
  ),
  kind(
    "zstd before Produce version 7",
    UNSUPPORTED_COMPRESSION_TYPE,
    (nowMs) => goodBatch(nowMs, { compression: Compression.ZSTD }),
    { produceVersion: 6 },
  ),
];

/** Faults in how batches lie in the field, in their headers, their times and their sizes. */
export const malformedHeaders: readonly BatchKind[] = [...framing, ...header, ...times, ...sizes];
