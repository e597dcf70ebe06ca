import {
  ATTRIBUTE,
  BATCH_AT,
  BATCH_HEADER_BYTES,
  type BatchHeader,
  type Compression,
  LOG_OVERHEAD_BYTES,
  recomputeCrc,
  writeInt32,
} from "./batch.ts";
import { freeBytes } from "./bounded_output.ts";
import { compress } from "./compress.ts";
import { decompress } from "./compression.ts";
import type { CompressionFault } from "./compression_fault.ts";

/**
 * The batch at the beginning of `batch` with its records compressed as `codec` asks (`compression.type`), and all that
 * follows from it: attributes, length, CRC. What the records say, their times, offsets and producer, stays as it is.
 * They may have `maxBytes` at most. Synchronous, on the calling thread.
 */
export function recompressed(
  batch: Uint8Array,
  { lengthBytes, compression }: BatchHeader,
  codec: Compression,
  options: { readonly level?: number; readonly maxBytes: number },
): Uint8Array | CompressionFault {
  const packed = batch.subarray(BATCH_HEADER_BYTES, lengthBytes);
  const plain = decompress(compression as Compression, packed, options.maxBytes);
  if (typeof plain === "string") return plain;
  const payload = compress(codec, plain, options.level);
  const result = new Uint8Array(BATCH_HEADER_BYTES + payload.length);
  result.set(batch.subarray(0, BATCH_HEADER_BYTES));
  result.set(payload, BATCH_HEADER_BYTES);
  if (plain.buffer !== batch.buffer) freeBytes(plain);
  writeInt32(result, BATCH_AT.batchLength, result.length - LOG_OVERHEAD_BYTES);
  const low = BATCH_AT.attributes + 1;
  result[low] = (result[low]! & ~ATTRIBUTE.compressionMask) | codec;
  recomputeCrc(result, 0);
  return result;
}
