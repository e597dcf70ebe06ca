/** Bytes before an entry's payload. */
export const ENTRY_HEADER_BYTES = 40;

/** How much of a payload a scan below the snapshot gets to see. */
export const SCAN_PAYLOAD_BYTES = 64;

/** Bytes an entry takes in the log: header, payload, and zeros up to a multiple of 8. */
export function entryBytes(payloadBytes: number): number {
  return Math.ceil((ENTRY_HEADER_BYTES + payloadBytes) / 8) * 8;
}
