/**
 * What a producer must not send, one kind at a time, and what Apache Kafka 4.3.1 answered when
 * each was sent to it: Produce to a topic with the configs that the kind names, acks −1.
 *
 * The kinds are data, so that the validator and a running broker are held to the same list.
 */
import { ErrorCode } from "../../src/base/error_codes.ts";
import {
  ATTRIBUTE,
  BATCH_AT,
  BATCH_HEADER_BYTES,
  buildBatch,
  buildControlBatch,
  compress,
  Compression,
  compressSnappyBlock,
  encodeRecords,
  EndMarker,
  patchBaseOffset,
  TimestampType,
} from "../../src/records/mod.ts";
import { xxhash32 } from "../../src/records/xxhash32.ts";
import {
  around,
  body,
  changed,
  CODECS,
  concat,
  goodBatch,
  HOUR_MS,
  LARGEST,
  lengthOf,
  MINUS_TWO,
  NULL,
  oneRecord,
  recordOf,
  resealed,
  threeRecords,
  utf8,
} from "./batch_parts.ts";

/** One kind of records field. */
export interface BatchKind {
  /** What is wrong or odd, in words; no two kinds share them. */
  readonly name: string;
  /** Apache Kafka's answer. */
  readonly errorCode: ErrorCode;
  /** The partition's records field as sent at `nowMs`. */
  readonly records: (nowMs: number) => Uint8Array | null;
  /** Configs of the topic that the answer depends on; none for the defaults. */
  readonly topicConfigs: Readonly<Record<string, string>>;
  /** Version of the Produce request. */
  readonly produceVersion: number;
  /** Whether the fault can only be seen by decompressing the records. */
  readonly isInsideCompressed: boolean;
}

type Condition = Partial<Omit<BatchKind, "name" | "errorCode" | "records">>;

const BOUNDED_TIME: Condition = {
  topicConfigs: {
    "message.timestamp.before.max.ms": `${HOUR_MS}`,
    "message.timestamp.after.max.ms": `${HOUR_MS}`,
  },
};
const COMPACTED: Condition = { topicConfigs: { "cleanup.policy": "compact" } };
const BROKER_TIME: Condition = { topicConfigs: { "message.timestamp.type": "LogAppendTime" } };
const SMALL: Condition = { topicConfigs: { "max.message.bytes": "1000" } };
const INSIDE: Condition = { isInsideCompressed: true };

const { CORRUPT_MESSAGE, INVALID_PRODUCER_EPOCH, INVALID_RECORD, INVALID_TIMESTAMP } = ErrorCode;
const { MESSAGE_TOO_LARGE, NONE, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, UNKNOWN_SERVER_ERROR } = ErrorCode;
const { UNSUPPORTED_COMPRESSION_TYPE } = ErrorCode;

function kind(
  name: string,
  errorCode: ErrorCode,
  records: BatchKind["records"],
  ...conditions: readonly Condition[]
): BatchKind {
  const defaults = { topicConfigs: {}, produceVersion: 9, isInsideCompressed: false };
  return Object.assign({ name, errorCode, records, ...defaults }, ...conditions);
}

/** A good batch with one number of its header replaced, and the CRC made to fit. */
function withAttributes(attributes: number): BatchKind["records"] {
  return (nowMs) => resealed(nowMs, (view) => view.setInt16(BATCH_AT.attributes, attributes));
}

const encodedRecords = (nowMs: number) => encodeRecords(threeRecords(nowMs), nowMs);

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
    (nowMs) => changed(nowMs, (view) => view.setBigInt64(0, 1n)),
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

/** Bytes that are not a record, and Kafka's answer to a batch of them. */
const brokenRecords: readonly (readonly [string, ErrorCode, readonly number[]])[] = [
  ["a record length of six bytes", UNKNOWN_SERVER_ERROR, [
    0x8c,
    0x80,
    0x80,
    0x80,
    0x80,
    0,
    ...body(NULL, NULL, 0),
  ]],
  ["a record length that does not end", INVALID_RECORD, [0x8c, 0x80]],
  ...([
    ["a record of no bytes", []],
    ["a record that ends behind its attributes", [0]],
    ["a record that ends behind its deltas", [0, 0, 0]],
    ["a record that ends behind its key", body(NULL)],
    ["a record without a header count", body(NULL, NULL)],
    ["a key longer than its record", body(lengthOf(9), 65, NULL, 0)],
    ["a key of 2^31 - 1 bytes", body(...LARGEST, 65, NULL, 0)],
    ["a value longer than its record", body(NULL, lengthOf(9), 65, 0)],
    ["a value of 2^31 - 1 bytes", body(NULL, ...LARGEST, 65, 0)],
    ["a header count of -1", body(NULL, NULL, NULL)],
    ["more headers than bytes", body(NULL, NULL, lengthOf(9))],
    ["2^31 - 1 headers", body(NULL, NULL, ...LARGEST)],
    ["a header without a key", body(NULL, NULL, lengthOf(1), NULL, NULL)],
    ["a header key of length -2", body(NULL, NULL, lengthOf(1), MINUS_TWO, NULL)],
    ["a header key longer than its record", body(NULL, NULL, lengthOf(1), lengthOf(9), 65, NULL)],
    [
      "a header value longer than its record",
      body(NULL, NULL, lengthOf(1), lengthOf(1), 65, lengthOf(9), 65),
    ],
    ["a header that ends behind its key", body(NULL, NULL, lengthOf(1), lengthOf(1), 65)],
    ["fewer headers than announced", body(NULL, NULL, lengthOf(2), lengthOf(1), 65, NULL)],
    ["bytes behind a record's last header", body(NULL, NULL, 0, 65, 66)],
    ["a timestamp delta of eleven bytes", [0, ...Array(10).fill(0x80), 1, 0, NULL, NULL, 0]],
    ["an offset delta of six bytes", [0, 0, ...Array(5).fill(0x80), 1, NULL, NULL, 0]],
  ] as readonly [string, readonly number[]][]).map(([what, content]) =>
    [what, INVALID_RECORD, recordOf(content)] as const
  ),
];

/** Records whose length field lies: Kafka sees it in plain records only. */
const lyingLengths: readonly (readonly [string, readonly number[]])[] = [
  ["a record length of -1", [NULL, ...body(NULL, NULL, 0)]],
  ["a record length beyond the last record", [lengthOf(7), ...body(NULL, NULL, 0)]],
  ["a record length one too small", [lengthOf(5), ...body(NULL, NULL, 0)]],
  ["a record length of 2^31 - 1", [...LARGEST, ...body(NULL, NULL, 0)]],
];

const records: readonly BatchKind[] = [
  ...brokenRecords.map(([what, errorCode, bytes]) =>
    kind(what, errorCode, (nowMs) => oneRecord(bytes, nowMs))
  ),
  ...lyingLengths.map(([what, bytes]) => kind(what, INVALID_RECORD, (nowMs) => oneRecord(bytes, nowMs))),
  kind(
    "a byte behind the last record",
    INVALID_RECORD,
    (nowMs) => around(concat(encodedRecords(nowMs), new Uint8Array(1)), nowMs, 3),
  ),
  kind(
    "a record without a key for a compacted topic",
    INVALID_RECORD,
    (nowMs) => buildBatch([{ value: utf8("v"), timestampMs: nowMs }]),
    COMPACTED,
  ),
  kind(
    "a middle record without a key for a compacted topic",
    INVALID_RECORD,
    (nowMs) =>
      buildBatch(threeRecords(nowMs).map((record, index) => index === 1 ? { ...record, key: null } : record)),
    COMPACTED,
  ),
  kind(
    "no record with a key for a compacted topic",
    INVALID_RECORD,
    (nowMs) => buildBatch(threeRecords(nowMs).map((record) => ({ ...record, key: null }))),
    COMPACTED,
  ),
];

const insideCompressed: readonly BatchKind[] = CODECS.flatMap(([name, compression]) => {
  const payload = (change: (compressed: Uint8Array) => Uint8Array): BatchKind["records"] => (nowMs) =>
    around(change(compress(compression, encodedRecords(nowMs))), nowMs, 3, { compression });
  const content =
    (recordCount: number, change: (plain: Uint8Array) => Uint8Array): BatchKind["records"] => (nowMs) =>
      around(compress(compression, change(encodedRecords(nowMs))), nowMs, recordCount, { compression });
  const isZstd = compression === Compression.ZSTD;
  return [
    ...brokenRecords.map(([what, , bytes]) =>
      kind(`${what}, ${name}`, INVALID_RECORD, (nowMs) => oneRecord(bytes, nowMs, compression), INSIDE)
    ),
    kind(
      `no payload, ${name}`,
      isZstd ? INVALID_RECORD : UNKNOWN_SERVER_ERROR,
      payload(() => new Uint8Array(0)),
      INSIDE,
    ),
    kind(
      `words for a payload, ${name}`,
      UNKNOWN_SERVER_ERROR,
      payload(() => utf8("these words are no compressed records")),
      INSIDE,
    ),
    kind(
      `records that are not compressed, ${name}`,
      UNKNOWN_SERVER_ERROR,
      (nowMs) => around(encodedRecords(nowMs), nowMs, 3, { compression }),
      INSIDE,
    ),
    kind(
      `a payload cut by its last byte, ${name}`,
      UNKNOWN_SERVER_ERROR,
      payload((bytes) => bytes.slice(0, -1)),
      INSIDE,
    ),
    kind(
      `a payload cut in half, ${name}`,
      UNKNOWN_SERVER_ERROR,
      payload((bytes) => bytes.slice(0, bytes.length >> 1)),
      INSIDE,
    ),
    kind(`no records in the payload, ${name}`, INVALID_RECORD, content(3, () => new Uint8Array(0)), INSIDE),
    kind(`one record too many announced, ${name}`, INVALID_RECORD, content(4, (plain) => plain), INSIDE),
    kind(`one record too few announced, ${name}`, INVALID_RECORD, content(2, (plain) => plain), INSIDE),
    kind(
      `a byte behind the last record, ${name}`,
      INVALID_RECORD,
      content(3, (plain) => concat(plain, new Uint8Array(1))),
      INSIDE,
    ),
    kind(
      `offset deltas of zero, ${name}`,
      UNKNOWN_SERVER_ERROR,
      (nowMs) =>
        buildBatch(threeRecords(nowMs).map((record) => ({ ...record, offsetDelta: 0 })), {
          compression,
          lastOffsetDelta: 2,
        }),
      INSIDE,
    ),
    kind(
      `a record without a key for a compacted topic, ${name}`,
      INVALID_RECORD,
      (nowMs) => buildBatch([{ value: utf8("v"), timestampMs: nowMs }], { compression }),
      INSIDE,
      COMPACTED,
    ),
  ];
});

/** A batch whose payload is compressed by `compression` and then changed. */
function changedPayload(
  compression: Compression,
  change: (payload: Uint8Array) => void,
): BatchKind["records"] {
  return (nowMs) => {
    const payload = compress(compression, encodedRecords(nowMs)).slice();
    change(payload);
    return around(payload, nowMs, 3, { compression });
  };
}

/** An LZ4 frame with its flags changed, and their checksum made to fit. */
function changedFlags(flags: number): BatchKind["records"] {
  return changedPayload(Compression.LZ4, (frame) => {
    frame[4]! ^= flags;
    frame[6] = xxhash32(frame, 4, 6) >>> 8;
  });
}

const codecFormats: readonly BatchKind[] = [
  kind(
    "a gzip trailer with a wrong CRC",
    UNKNOWN_SERVER_ERROR,
    changedPayload(Compression.GZIP, (payload) => {
      payload[payload.length - 8]! ^= 1;
    }),
    INSIDE,
  ),
  kind(
    "a gzip trailer with a wrong size",
    UNKNOWN_SERVER_ERROR,
    changedPayload(Compression.GZIP, (payload) => {
      payload[payload.length - 1]! ^= 1;
    }),
    INSIDE,
  ),
  kind(
    "a wrong header checksum, lz4",
    UNKNOWN_SERVER_ERROR,
    changedPayload(Compression.LZ4, (frame) => {
      frame[6]! ^= 1;
    }),
    INSIDE,
  ),
  kind("dependent blocks, lz4", UNKNOWN_SERVER_ERROR, changedFlags(0x20), INSIDE),
  kind("version 2, lz4", UNKNOWN_SERVER_ERROR, changedFlags(0xc0), INSIDE),
  kind(
    "a raw snappy block cut by its last byte",
    UNKNOWN_SERVER_ERROR,
    (nowMs) =>
      around(compressSnappyBlock(encodedRecords(nowMs)).slice(0, -1), nowMs, 3, {
        compression: Compression.SNAPPY,
      }),
    INSIDE,
  ),
  ...CODECS.filter(([name]) => name === "snappy" || name === "zstd").map(([name, compression]) =>
    kind(
      `five zeros behind the payload, ${name}`,
      UNKNOWN_SERVER_ERROR,
      (nowMs) =>
        around(concat(compress(compression, encodedRecords(nowMs)), new Uint8Array(5)), nowMs, 3, {
          compression,
        }),
      INSIDE,
    )
  ),
];

/** Apache Kafka refuses these, and klite gives the same answer. */
export const malformedBatches: readonly BatchKind[] = [
  ...framing,
  ...header,
  ...times,
  ...sizes,
  ...records,
  ...insideCompressed,
  ...codecFormats,
];

/** Apache Kafka stores these, or gives no answer at all; klite refuses them with `kliteErrorCode`. */
export const stricterBatches: readonly (BatchKind & { readonly kliteErrorCode: ErrorCode })[] = [
  { ...kind("null for records: Kafka never answers", NONE, () => null), kliteErrorCode: INVALID_RECORD },
  {
    ...kind("three bytes behind the batch", NONE, (nowMs) => concat(goodBatch(nowMs), new Uint8Array(3))),
    kliteErrorCode: INVALID_RECORD,
  },
  {
    ...kind(
      "a cut second batch",
      NONE,
      (nowMs) => concat(goodBatch(nowMs), goodBatch(nowMs).subarray(0, -1)),
    ),
    kliteErrorCode: INVALID_RECORD,
  },
  {
    ...kind(
      "a producer without an epoch",
      NONE,
      (nowMs) => goodBatch(nowMs, { producerId: 4005, baseSequence: 0 }),
    ),
    kliteErrorCode: INVALID_PRODUCER_EPOCH,
  },
  ...([
    ["offset deltas of zero", (_index) => 0],
    ["offset deltas that count down", (index) => 2 - index],
    ["offset deltas below zero", (index) => index - 5],
  ] as readonly [string, (index: number) => number][]).map(([what, offsetDelta]) => ({
    ...kind(
      what,
      NONE,
      (nowMs) =>
        buildBatch(
          threeRecords(nowMs).map((record, index) => ({ ...record, offsetDelta: offsetDelta(index) })),
          {
            lastOffsetDelta: 2,
          },
        ),
    ),
    kliteErrorCode: INVALID_RECORD,
  })),
  ...CODECS.flatMap(([name, compression]) =>
    lyingLengths.map(([what, bytes]) => ({
      ...kind(`${what}, ${name}`, NONE, (nowMs) => oneRecord(bytes, nowMs, compression), INSIDE),
      kliteErrorCode: INVALID_RECORD,
    }))
  ),
];

/** Odd, and stored by both. */
export const oddBatches: readonly BatchKind[] = [
  kind(
    "a batch exactly as large as allowed",
    NONE,
    (nowMs) => buildBatch([{ value: new Uint8Array(1000 - 61 - 9), timestampMs: nowMs }]),
    SMALL,
  ),
  kind(
    "a leader epoch of 99",
    NONE,
    (nowMs) => changed(nowMs, (view) => view.setInt32(BATCH_AT.leaderEpoch, 99)),
  ),
  kind("undefined attribute bits", NONE, withAttributes(-0x80)),
  kind("the delete horizon bit", NONE, withAttributes(ATTRIBUTE.deleteHorizon)),
  kind(
    "producer id -2",
    NONE,
    (nowMs) => goodBatch(nowMs, { producerId: -2, producerEpoch: 0, baseSequence: 0 }),
  ),
  kind(
    "epoch and sequence without a producer",
    NONE,
    (nowMs) => goodBatch(nowMs, { producerEpoch: 3, baseSequence: 5 }),
  ),
  kind("a timestamp of -2", NONE, () => buildBatch([{ timestampMs: -2 }])),
  kind(
    "timestamps in two hours where the broker's time counts",
    NONE,
    (nowMs) => goodBatch(nowMs + 2 * HOUR_MS),
    BROKER_TIME,
  ),
  kind(
    "the broker's timestamp type where the producer's time counts",
    NONE,
    (nowMs) => goodBatch(nowMs, { timestampType: TimestampType.LOG_APPEND_TIME }),
  ),
  kind(
    "a maximum timestamp in two hours that no record has",
    NONE,
    (nowMs) => goodBatch(nowMs, { maxTimestampMs: nowMs + 2 * HOUR_MS }),
  ),
  kind(
    "a maximum timestamp of 5 that no record has",
    NONE,
    (nowMs) => goodBatch(nowMs, { maxTimestampMs: 5 }),
  ),
  kind("a key of length -2", NONE, (nowMs) => oneRecord(recordOf(body(MINUS_TWO, NULL, 0)), nowMs)),
  kind("a value of length -2", NONE, (nowMs) => oneRecord(recordOf(body(NULL, MINUS_TWO, 0)), nowMs)),
  kind(
    "a header value of length -2",
    NONE,
    (nowMs) => oneRecord(recordOf(body(NULL, NULL, lengthOf(1), lengthOf(1), 65, MINUS_TWO)), nowMs),
  ),
  kind(
    "a header key that is not UTF-8",
    NONE,
    (nowMs) => oneRecord(recordOf(body(NULL, NULL, lengthOf(1), lengthOf(1), 0xff, NULL)), nowMs),
  ),
  kind(
    "a record's attributes of 0xff",
    NONE,
    (nowMs) => oneRecord(recordOf([0xff, 0, 0, NULL, NULL, 0]), nowMs),
  ),
  kind(
    "a raw snappy block",
    NONE,
    (nowMs) =>
      around(compressSnappyBlock(encodedRecords(nowMs)), nowMs, 3, { compression: Compression.SNAPPY }),
  ),
  ...CODECS.filter(([name]) => name === "gzip" || name === "lz4").map(([name, compression]) =>
    kind(
      `five zeros behind the payload, ${name}`,
      NONE,
      (nowMs) =>
        around(concat(compress(compression, encodedRecords(nowMs)), new Uint8Array(5)), nowMs, 3, {
          compression,
        }),
    )
  ),
  kind("zstd in Produce version 7", NONE, (nowMs) => goodBatch(nowMs, { compression: Compression.ZSTD }), {
    produceVersion: 7,
  }),
];
