import { concatBytes } from "../base/bytes.ts";
import { assert } from "../base/assert.ts";
import {
  ATTRIBUTE,
  BATCH_AT,
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  Compression,
  LOG_OVERHEAD_BYTES,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  recomputeCrc,
  TimestampType,
  writeInt16,
  writeInt32,
  writeInt64,
} from "./batch.ts";
import { varintBytes, varlongBytes, writeVarint, writeVarlong } from "./varint.ts";

/** A record header to be encoded. */
export interface HeaderInput {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record to be encoded. What is left out is null, absent or the default said. */
export interface RecordInput {
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
  readonly headers?: readonly HeaderInput[];
  /** Milliseconds since the epoch; default -1, no timestamp. */
  readonly timestampMs?: number;
  /** Default: the record's index. */
  readonly offsetDelta?: number;
}

/** The header fields of a batch to be encoded; defaults are those of a plain producer. */
export interface BatchFields {
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
  readonly compression?: Compression;
  readonly timestampType?: TimestampType;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly lastOffsetDelta?: number;
  readonly baseTimestampMs?: number;
  readonly maxTimestampMs?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly recordCount?: number;
}

const encoder = new TextEncoder();
const noHeaders: readonly HeaderInput[] = [];

/** Puts a header, with its CRC, before records that are already encoded and compressed. */
export function assembleBatch(payload: Uint8Array, fields: BatchFields): Uint8Array {
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + payload.length);
  writeInt64(bytes, BATCH_AT.baseOffset, fields.baseOffset ?? 0);
  writeInt32(bytes, BATCH_AT.batchLength, bytes.length - LOG_OVERHEAD_BYTES);
  writeInt32(bytes, BATCH_AT.leaderEpoch, fields.leaderEpoch ?? -1);
  bytes[BATCH_AT.magic] = BATCH_MAGIC;
  writeInt16(bytes, BATCH_AT.attributes, attributesOf(fields));
  writeInt32(bytes, BATCH_AT.lastOffsetDelta, fields.lastOffsetDelta ?? 0);
  writeInt64(bytes, BATCH_AT.baseTimestamp, fields.baseTimestampMs ?? NO_TIMESTAMP);
  writeInt64(bytes, BATCH_AT.maxTimestamp, fields.maxTimestampMs ?? NO_TIMESTAMP);
  writeInt64(bytes, BATCH_AT.producerId, fields.producerId ?? NO_PRODUCER_ID);
  writeInt16(bytes, BATCH_AT.producerEpoch, fields.producerEpoch ?? NO_PRODUCER_EPOCH);
  writeInt32(bytes, BATCH_AT.baseSequence, fields.baseSequence ?? NO_SEQUENCE);
  writeInt32(bytes, BATCH_AT.recordCount, fields.recordCount ?? 1);
  bytes.set(payload, BATCH_HEADER_BYTES);
  recomputeCrc(bytes, 0);
  return bytes;
}

function attributesOf(fields: BatchFields): number {
  return (fields.compression ?? Compression.NONE) |
    (fields.timestampType === TimestampType.LOG_APPEND_TIME ? ATTRIBUTE.logAppendTime : 0) |
    (fields.isTransactional === true ? ATTRIBUTE.transactional : 0) |
    (fields.isControl === true ? ATTRIBUTE.control : 0);
}

/** The records of a batch, one after another, not compressed. */
export function encodeRecords(records: readonly RecordInput[], baseTimestampMs: number): Uint8Array {
  return concatBytes(records.map((record, index) => encodeRecord(record, index, baseTimestampMs)));
}

/**
 * An encoded record with another timestamp delta, all else being what it was, byte for byte. The record is
 * `bytes[from, end)` and well-formed.
 */
export function withTimestampDelta(
  bytes: Uint8Array,
  from: number,
  end: number,
  deltaMs: number,
): Uint8Array {
  const attributesAt = behindVarint(bytes, from);
  const restAt = behindVarint(bytes, attributesAt + 1);
  const bodyBytes = 1 + varlongBytes(deltaMs) + end - restAt;
  const record = new Uint8Array(varintBytes(bodyBytes) + bodyBytes);
  let at = writeVarint(record, 0, bodyBytes);
  record[at++] = bytes[attributesAt]!;
  at = writeVarlong(record, at, deltaMs);
  assert(at + end - restAt === record.length, "a record's size was foreseen wrongly");
  record.set(bytes.subarray(restAt, end), at);
  return record;
}

function behindVarint(bytes: Uint8Array, at: number): number {
  while (bytes[at]! >= 0x80) at++;
  return at + 1;
}

function encodeRecord(record: RecordInput, index: number, baseTimestampMs: number): Uint8Array {
  const timestampDelta = (record.timestampMs ?? NO_TIMESTAMP) - baseTimestampMs;
  const offsetDelta = record.offsetDelta ?? index;
  const key = record.key ?? null;
  const value = record.value ?? null;
  const headers = (record.headers ?? noHeaders).map((header) => ({
    key: encoder.encode(header.key),
    value: header.value,
  }));
  let bodyBytes = 1 + varlongBytes(timestampDelta) + varintBytes(offsetDelta) + fieldBytes(key) +
    fieldBytes(value) + varintBytes(headers.length);
  for (const header of headers) bodyBytes += fieldBytes(header.key) + fieldBytes(header.value);

  const bytes = new Uint8Array(varintBytes(bodyBytes) + bodyBytes);
  let at = writeVarint(bytes, 0, bodyBytes) + 1;
  at = writeVarlong(bytes, at, timestampDelta);
  at = writeVarint(bytes, at, offsetDelta);
  at = writeField(bytes, at, key);
  at = writeField(bytes, at, value);
  at = writeVarint(bytes, at, headers.length);
  for (const header of headers) at = writeField(bytes, writeField(bytes, at, header.key), header.value);
  assert(at === bytes.length, "a record's size was foreseen wrongly");
  return bytes;
}

function fieldBytes(field: Uint8Array | null): number {
  return field === null ? 1 : varintBytes(field.length) + field.length;
}

function writeField(bytes: Uint8Array, at: number, field: Uint8Array | null): number {
  if (field === null) return writeVarint(bytes, at, -1);
  at = writeVarint(bytes, at, field.length);
  bytes.set(field, at);
  return at + field.length;
}
