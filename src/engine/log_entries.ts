import { assert } from "../base/assert.ts";
import type { MetadataRecord } from "../cluster/mod.ts";

/** What an entry of the write-ahead log holds. Numbers on disk: never reuse one. */
export const EntryKind = {
  /** A JSON array of metadata records that take effect together; stream 0. */
  METADATA: 1,
  /** One record batch as consumers get it; the stream is its partition's. */
  BATCH: 2,
} as const;

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
