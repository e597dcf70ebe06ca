import { assert } from "../base/assert.ts";
import type { MetadataRecord } from "../cluster/mod.ts";
import { batchAt } from "../records/outside.ts";

/** What an entry of the write-ahead log holds. Numbers on disk: never reuse one. */
export const EntryKind = {
  /** A JSON array of metadata records that take effect together; stream 0. */
  METADATA: 1,
  /** One record batch as consumers get it; the stream is its partition's. */
  BATCH: 2,
  /**
   * Metadata records, and control batches in any partitions, that take effect together; stream 0. The length
   * of the JSON (u32, little-endian), the JSON, then for each batch its stream (u32) and its bytes.
   */
  MARKS: 3,
} as const;

/** A batch that stands within an entry. */
export interface PlacedBatch {
  readonly stream: number;
  /** Where it begins in the payload. */
  readonly at: number;
}

const UINT32_BYTES = 4;

/** The stream of metadata entries. */
export const METADATA_STREAM = 0;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function encodeMetadata(records: readonly MetadataRecord[]): Uint8Array {
  return encoder.encode(JSON.stringify(records));
}

/** The records of an entry whose checksum was right, so they are what was written. */
export function decodeMetadata(payload: Uint8Array): readonly MetadataRecord[] {
  const records: unknown = JSON.parse(decoder.decode(payload));
  assert(Array.isArray(records), "a metadata entry holds an array of records");
  return records;
}

/** The payload of a {@link EntryKind.MARKS} entry, and where its batches are. */
export function encodeMarks(
  records: readonly MetadataRecord[],
  batches: readonly { readonly stream: number; readonly bytes: Uint8Array }[],
): { readonly payload: Uint8Array; readonly places: readonly PlacedBatch[] } {
  const json = encodeMetadata(records);
  const batchesBytes = batches.reduce((sum, { bytes }) => sum + UINT32_BYTES + bytes.length, 0);
  const payload = new Uint8Array(UINT32_BYTES + json.length + batchesBytes);
  const data = new DataView(payload.buffer);
  data.setUint32(0, json.length, true);
  payload.set(json, UINT32_BYTES);
  let at = UINT32_BYTES + json.length;
  const places = batches.map(({ stream, bytes }) => {
    data.setUint32(at, stream, true);
    payload.set(bytes, at + UINT32_BYTES);
    const place = { stream, at: at + UINT32_BYTES };
    at += UINT32_BYTES + bytes.length;
    return place;
  });
  return { payload, places };
}

/** What {@link encodeMarks} has put together. */
export function decodeMarks(
  payload: Uint8Array,
): { readonly records: readonly MetadataRecord[]; readonly places: readonly PlacedBatch[] } {
  const data = new DataView(payload.buffer, payload.byteOffset, payload.length);
  let at = UINT32_BYTES + data.getUint32(0, true);
  const records = decodeMetadata(payload.subarray(UINT32_BYTES, at));
  const places: PlacedBatch[] = [];
  while (at < payload.length) {
    const place = { stream: data.getUint32(at, true), at: at + UINT32_BYTES };
    const lengthBytes = batchAt(payload, place.at, payload.length);
    assert(lengthBytes > 0, "an entry with marks holds whole batches");
    places.push(place);
    at = place.at + lengthBytes;
  }
  return { records, places };
}
