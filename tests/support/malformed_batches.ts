/**
 * What a producer must not send, one kind at a time, and what Apache Kafka 4.3.1 answered when
 * each was sent to it: Produce to a topic with the configs that the kind names, acks −1.
 *
 * The kinds are data, so that the validator and a running broker are held to the same list.
 */
import { ErrorCode } from "../../src/base/error_codes.ts";
import { ATTRIBUTE, BATCH_AT, Compression, TimestampType } from "../../src/records/mod.ts";
import { buildBatch, compress, compressSnappyBlock } from "../../src/records/compress.ts";
import { type BatchKind, BROKER_TIME, INSIDE, kind, SMALL } from "./batch_kind.ts";
import {
  around,
  body,
  changed,
  CODECS,
  concat,
  encodedRecords,
  goodBatch,
  HOUR_MS,
  lengthOf,
  MINUS_TWO,
  NULL,
  oneRecord,
  recordOf,
  threeRecords,
  withAttributes,
} from "./batch_parts.ts";
import { malformedHeaders } from "./malformed_headers.ts";
import { lyingLengths, malformedRecords } from "./malformed_records.ts";

const { INVALID_PRODUCER_EPOCH, INVALID_RECORD, NONE, UNKNOWN_SERVER_ERROR } = ErrorCode;

export type { BatchKind };

/** Apache Kafka refuses these, and klite gives the same answer. */
export const malformedBatches: readonly BatchKind[] = [...malformedHeaders, ...malformedRecords];

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
  {
    ...kind(
      "five zeros behind the payload, gzip",
      NONE,
      (nowMs) => zerosBehind(nowMs, Compression.GZIP),
      INSIDE,
    ),
    kliteErrorCode: UNKNOWN_SERVER_ERROR,
  },
];

/** A good batch with five zeros behind its compressed records. */
function zerosBehind(nowMs: number, compression: Compression): Uint8Array {
  const payload = concat(compress(compression, encodedRecords(nowMs)), new Uint8Array(5));
  return around(payload, nowMs, 3, { compression });
}

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
  kind("five zeros behind the payload, lz4", NONE, (nowMs) => zerosBehind(nowMs, Compression.LZ4)),
  kind("zstd in Produce version 7", NONE, (nowMs) => goodBatch(nowMs, { compression: Compression.ZSTD }), {
    produceVersion: 7,
  }),
];
