/** Pieces to make batches of, good ones and others, for tests of the validator and of a running broker. */
import { concatBytes } from "../../src/base/bytes.ts";
import {
  assembleBatch,
  BATCH_AT,
  type BatchFields,
  Compression,
  encodeRecords,
  recomputeCrc,
  type RecordInput,
} from "../../src/records/mod.ts";
import { buildBatch, compress } from "../../src/records/compress.ts";

export const HOUR_MS = 3_600_000;

/** The compressing codecs, by the names of `compression.type`. */
export const CODECS: readonly (readonly [string, Compression])[] = [
  ["gzip", Compression.GZIP],
  ["snappy", Compression.SNAPPY],
  ["lz4", Compression.LZ4],
  ["zstd", Compression.ZSTD],
];

/** Some one-byte varints of a record, and one of five bytes, by what they say. */
export const NULL = 1;
export const MINUS_TWO = 3;
export const LARGEST: readonly number[] = [0xfe, 0xff, 0xff, 0xff, 0x0f];
export const lengthOf = (count: number): number => count * 2;

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Three ordinary records, 10 ms apart, the last one now. */
export function threeRecords(nowMs: number): RecordInput[] {
  return [0, 1, 2].map((index) => ({
    key: utf8(`key-${index}`),
    value: utf8(`value number ${index}, value number ${index}`),
    headers: [{ key: "trace", value: utf8(`${index}`) }],
    timestampMs: nowMs - 20 + 10 * index,
  }));
}

/** A good batch of three records, unless `fields` say otherwise. */
export function goodBatch(nowMs: number, fields: BatchFields = {}): Uint8Array {
  return buildBatch(threeRecords(nowMs), fields);
}

/** A good batch after `change`, with the CRC that it had before. */
export function changed(nowMs: number, change: (view: DataView) => void): Uint8Array {
  const batch = goodBatch(nowMs);
  change(new DataView(batch.buffer, batch.byteOffset));
  return batch;
}

/** A good batch after `change`, with a CRC that fits again. */
export function resealed(nowMs: number, change: (view: DataView) => void): Uint8Array {
  const batch = changed(nowMs, change);
  recomputeCrc(batch, 0);
  return batch;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(parts);
}

/** A batch around payload bytes as they are, which says that they are `recordCount` records. */
export function around(
  payload: Uint8Array,
  nowMs: number,
  recordCount: number,
  fields: BatchFields = {},
): Uint8Array {
  return assembleBatch(payload, {
    recordCount,
    lastOffsetDelta: recordCount - 1,
    baseTimestampMs: nowMs,
    maxTimestampMs: nowMs,
    ...fields,
  });
}

/** A batch that says it has one record, whose bytes are these. */
export function oneRecord(
  record: readonly number[],
  nowMs: number,
  compression: Compression = Compression.NONE,
): Uint8Array {
  return around(compress(compression, Uint8Array.from(record)), nowMs, 1, { compression });
}

/** The body of a record: attributes, timestamp delta 0, offset delta 0, then `rest`. */
export function body(...rest: readonly number[]): readonly number[] {
  return [0, 0, 0, ...rest];
}

/** A record: its body behind the body's length. */
export function recordOf(content: readonly number[]): readonly number[] {
  return [lengthOf(content.length), ...content];
}

/** A good batch with these attributes, and a CRC that fits them. */
export function withAttributes(attributes: number): (nowMs: number) => Uint8Array {
  return (nowMs) => resealed(nowMs, (view) => view.setInt16(BATCH_AT.attributes, attributes));
}

/** The records of a good batch, not compressed. */
export function encodedRecords(nowMs: number): Uint8Array {
  return encodeRecords(threeRecords(nowMs), nowMs);
}
