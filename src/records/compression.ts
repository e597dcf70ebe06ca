import { unreachable } from "../base/assert.ts";
import { Compression } from "./batch.ts";
import type { CompressionFault } from "./compression_fault.ts";
import { gunzip } from "./gzip/gunzip.ts";
import { decompressLz4 } from "./lz4.ts";
import { decompressSnappy } from "./snappy.ts";
import { decompressZstd } from "./zstd/frame.ts";

/** Whether `codec`, the number in a batch's attributes, is one that Kafka defines. */
export function isCompression(codec: number): codec is Compression {
  return codec >= Compression.NONE && codec <= Compression.ZSTD;
}

/**
 * Expands a batch's compressed records. Total and bounded: whatever the bytes are, the answer is
 * at most `maxBytes` of data or a fault. Synchronous, on the calling thread.
 */
export function decompress(
  codec: Compression,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array | CompressionFault {
  switch (codec) {
    case Compression.NONE:
      return bytes.length > maxBytes ? "too large" : bytes;
    case Compression.GZIP:
      return gunzip(bytes, maxBytes);
    case Compression.SNAPPY:
      return decompressSnappy(bytes, maxBytes);
    case Compression.LZ4:
      return decompressLz4(bytes, maxBytes);
    case Compression.ZSTD:
      return decompressZstd(bytes, maxBytes);
    default:
      return unreachable(codec);
  }
}
