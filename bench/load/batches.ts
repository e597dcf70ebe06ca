/** Batches that the load sends over and over, built once. */
import { BATCH_HEADER_BYTES, Compression } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import type { BatchShape } from "./job.ts";

/** What Kafka's producer makes with a linger: its batch.size. */
export const LINGER_BATCH_BYTES = 16 * 1024;

/** Most bytes that a record takes beside its value: sizes, deltas, no key, no headers. */
const RECORD_OVERHEAD_BYTES = 12;

/** Who an idempotent producer is, by InitProducerId. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A batch as it is sent over and over, and what it carries. */
export interface RepeatedBatch {
  readonly bytes: Uint8Array;
  readonly records: number;
  /** Bytes of the record values, before compression. */
  readonly payloadBytes: number;
}

/** How many records with values of `recordBytes` fit into a batch of at most `batchBytes`; at least one. */
export function recordsPerBatch(batchBytes: number, recordBytes: number): number {
  return Math.max(1, Math.floor((batchBytes - BATCH_HEADER_BYTES) / (recordBytes + RECORD_OVERHEAD_BYTES)));
}

/**
 * A batch of records without keys. Values are random bytes, which nothing can be saved on; where
 * they are to be compressed they are text of common words instead, which shrinks to about a third.
 */
export function repeatedBatch(shape: BatchShape, identity: ProducerIdentity | null = null): RepeatedBatch {
  const { recordsPerBatch: records, recordBytes, compression } = shape;
  const timestampMs = Date.now();
  const value = compression === null ? randomBytes : randomText;
  const bytes = buildBatch(
    Array.from({ length: records }, () => ({ value: value(recordBytes), timestampMs })),
    {
      leaderEpoch: 0,
      compression: compression === "lz4" ? Compression.LZ4 : Compression.NONE,
      ...(identity === null ? {} : { ...identity, baseSequence: 0 }),
    },
  );
  return { bytes, records, payloadBytes: records * recordBytes };
}

function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  // The generator gives at most 64 KB at a time.
  for (let at = 0; at < count; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

const WORDS =
  "order customer status shipped pending total currency amount address country warehouse item quantity price created updated"
    .split(" ");

function randomText(count: number): Uint8Array {
  let text = "";
  for (let [number] = crypto.getRandomValues(new Uint32Array(1)); text.length < count;) {
    number = Math.imul(number!, 1_664_525) + 1_013_904_223 >>> 0;
    text += `"${WORDS[(number >>> 16) % WORDS.length]}":${(number >>> 8) % 10_000},`;
  }
  return new TextEncoder().encode(text).subarray(0, count);
}
