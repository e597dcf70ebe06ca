import type { BatchHeader, RecordCursor } from "../../records/mod.ts";

/** Records of one batch may take as much once they are decompressed; one with more counts as not to be decoded. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;

/**
 * Opens the batch at `at` of `bytes` if its records can be relied on: they decode to the last byte, and their offsets
 * ascend within the batch's. What a broker took in compressed it need not have looked into.
 */
export function openSound(cursor: RecordCursor, bytes: Uint8Array, at: number, header: BatchHeader): boolean {
  if (cursor.open(bytes, at, header, MAX_UNPACKED_BYTES) !== null) return false;
  const from = cursor.endAt;
  let last = -1;
  while (cursor.next()) {
    if (cursor.offsetDelta <= last) return false;
    last = cursor.offsetDelta;
  }
  if (cursor.fault !== null || last > header.lastOffsetDelta) return false;
  cursor.openPlain(cursor.bytes, from, cursor.endAt, header);
  return true;
}
