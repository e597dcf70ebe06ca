/**
 * Compressing, and whole batches from records: a door of its own, for compaction, clients and tests. All else
 * in the broker only decompresses.
 */
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { unreachable } from "../base/assert.ts";
import { concatBytes } from "../base/bytes.ts";
import { Compression, NO_TIMESTAMP, writeInt32 } from "./batch.ts";
import { assembleBatch, type BatchFields, encodeRecords, type RecordInput } from "./build.ts";
import { compressLz4 } from "./lz4.ts";
import { FRAMING_HEADER_BYTES, FRAMING_MAGIC } from "./snappy.ts";
import { compressSnappyBlock } from "./snappy_block.ts";

export { compressSnappyBlock } from "./snappy_block.ts";

const FRAMING_VERSION = 1;
const FRAMING_BLOCK_BYTES = 32 * 1024;

/** Encodes records into one whole batch, CRC and all. Plain, not fast: for clients and tests. */
export function buildBatch(records: readonly RecordInput[], fields: BatchFields = {}): Uint8Array {
  const baseTimestampMs = fields.baseTimestampMs ?? records[0]?.timestampMs ?? NO_TIMESTAMP;
  let maxTimestampMs = NO_TIMESTAMP;
  for (const record of records) maxTimestampMs = Math.max(maxTimestampMs, record.timestampMs ?? NO_TIMESTAMP);
  const payload = compress(fields.compression ?? Compression.NONE, encodeRecords(records, baseTimestampMs));
  return assembleBatch(payload, {
    lastOffsetDelta: records.at(-1)?.offsetDelta ?? records.length - 1,
    maxTimestampMs,
    recordCount: records.length,
    ...fields,
    baseTimestampMs,
  });
}

/** Compresses encoded records as `codec` asks, gzip and zstd at `level`, at the codec's usual one without. */
export function compress(codec: Compression, bytes: Uint8Array, level?: number): Uint8Array {
  switch (codec) {
    case Compression.NONE:
      return bytes;
    case Compression.GZIP:
      return gzipSync(bytes, level === undefined ? {} : { level });
    case Compression.SNAPPY:
      return compressSnappy(bytes);
    case Compression.LZ4:
      return compressLz4(bytes);
    case Compression.ZSTD:
      return zstdCompressSync(
        bytes,
        level === undefined ? {} : { params: { [constants.ZSTD_c_compressionLevel]: level } },
      );
    default:
      return unreachable(codec);
  }
}

/** Compresses into Java's framing, blocks of 32 KiB, which every Kafka client reads. */
function compressSnappy(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array(FRAMING_HEADER_BYTES)];
  parts[0]!.set(FRAMING_MAGIC);
  writeInt32(parts[0]!, 8, FRAMING_VERSION);
  writeInt32(parts[0]!, 12, FRAMING_VERSION);
  for (let from = 0; from < bytes.length; from += FRAMING_BLOCK_BYTES) {
    const block = compressSnappyBlock(bytes.subarray(from, from + FRAMING_BLOCK_BYTES));
    const size = new Uint8Array(4);
    writeInt32(size, 0, block.length);
    parts.push(size, block);
  }
  return concatBytes(parts);
}
