import { ErrorCode } from "../../src/base/error_codes.ts";
import { Compression } from "../../src/records/mod.ts";
import { buildBatch, compress, compressSnappyBlock } from "../../src/records/compress.ts";
import { xxhash32 } from "../../src/records/xxhash32.ts";
import { type BatchKind, COMPACTED, INSIDE, kind } from "./batch_kind.ts";
import {
  around,
  body,
  CODECS,
  concat,
  encodedRecords,
  LARGEST,
  lengthOf,
  MINUS_TWO,
  NULL,
  oneRecord,
  recordOf,
  threeRecords,
  utf8,
} from "./batch_parts.ts";

const { INVALID_RECORD, UNKNOWN_SERVER_ERROR } = ErrorCode;

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
export const lyingLengths: readonly (readonly [string, readonly number[]])[] = [
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

/** Faults in records, plain and compressed, and in how they are compressed. */
export const malformedRecords: readonly BatchKind[] = [...records, ...insideCompressed, ...codecFormats];
