import { BATCH_MAGIC, batchAt, type BatchHeader, bodyCrc } from "./batch.ts";

/**
 * What is wrong with the batch at `at` that must take `lengthBytes`, its CRC included; `null` when nothing is.
 * Leaves its header in `header`, unless it is too short for one.
 */
export function batchFault(
  header: BatchHeader,
  bytes: Uint8Array,
  at: number,
  lengthBytes: number,
): string | null {
  if (batchAt(bytes, at, at + lengthBytes) !== lengthBytes) {
    return `it is not a batch of ${lengthBytes} bytes`;
  }
  header.read(bytes, at);
  if (header.magic !== BATCH_MAGIC) return `its magic is ${header.magic}`;
  if (header.lastOffsetDelta < 0 || header.recordCount < 0) return "its offsets or counts cannot be";
  return bodyCrc(bytes, at, lengthBytes) === header.crc ? null : "its checksum does not fit";
}
