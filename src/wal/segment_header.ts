import type { Checksum } from "./contract.ts";
import { getLsn, setLsn } from "./entry.ts";

/** Bytes before the first entry of a segment file. */
export const SEGMENT_HEADER_BYTES = 64;

/** The LSN of the first entry ever; not 0, so that zeroed bytes are never an entry. */
export const FIRST_LSN = 64;

/** Bytes of a log's id. */
export const LOG_ID_BYTES = 16;

const MAGIC = 0x4c57_4c4b; // "KLWL"
const FORMAT_VERSION = 1;

const STATE_LIVE = 1;
const STATE_SPARE = 2;

const VERSION = 4;
const STATE = 6;
const BASE_LSN = 8;
const PREVIOUS_END_LSN = 16;
const LOG_ID = 24;
const SECRET = 40;
const RUN = 44;
const CAPACITY = 48;
const CRC = 60;

export interface SegmentHeader {
  /** Whether the segment holds entries; a spare one only waits to be used. */
  readonly live: boolean;
  /** LSN of the first entry. */
  readonly baseLsn: number;
  /** Where the segment before ends. It is `baseLsn`, unless a loss was accepted between them. */
  readonly previousEndLsn: number;
  readonly logId: Uint8Array;
  /** Drawn when the log was created, the same in all its segments. See `EntrySeal`. */
  readonly secret: number;
  /** The run in force before the first entry. */
  readonly run: number;
  /** Size of the file. */
  readonly capacityBytes: number;
}

/** What stands at a segment file's start. */
export type HeaderReading =
  | { readonly kind: "header"; readonly header: SegmentHeader }
  | { readonly kind: "unreadable" }
  | { readonly kind: "other_version"; readonly version: number };

export function writeSegmentHeader(bytes: Uint8Array, header: SegmentHeader, checksum: Checksum): void {
  const data = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  bytes.fill(0, 0, SEGMENT_HEADER_BYTES);
  data.setUint32(0, MAGIC, true);
  data.setUint16(VERSION, FORMAT_VERSION, true);
  data.setUint8(STATE, header.live ? STATE_LIVE : STATE_SPARE);
  setLsn(data, BASE_LSN, header.baseLsn);
  setLsn(data, PREVIOUS_END_LSN, header.previousEndLsn);
  bytes.set(header.logId, LOG_ID);
  data.setUint32(SECRET, header.secret, true);
  data.setUint32(RUN, header.run, true);
  data.setUint32(CAPACITY, header.capacityBytes, true);
  data.setUint32(CRC, checksum(bytes, 0, CRC), true);
}

export function readSegmentHeader(bytes: Uint8Array, checksum: Checksum): HeaderReading {
  if (bytes.length < SEGMENT_HEADER_BYTES) return { kind: "unreadable" };
  const data = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  if (data.getUint32(0, true) !== MAGIC || data.getUint32(CRC, true) !== checksum(bytes, 0, CRC)) {
    return { kind: "unreadable" };
  }
  const version = data.getUint16(VERSION, true);
  if (version !== FORMAT_VERSION) return { kind: "other_version", version };
  const header: SegmentHeader = {
    live: data.getUint8(STATE) === STATE_LIVE,
    baseLsn: getLsn(data, BASE_LSN),
    previousEndLsn: getLsn(data, PREVIOUS_END_LSN),
    logId: bytes.slice(LOG_ID, LOG_ID + LOG_ID_BYTES),
    secret: data.getUint32(SECRET, true),
    run: data.getUint32(RUN, true),
    capacityBytes: data.getUint32(CAPACITY, true),
  };
  return { kind: "header", header };
}
