import { assert } from "../base/assert.ts";
import type { Checksum } from "./contract.ts";

/** Bytes before an entry's payload. */
export const ENTRY_HEADER_BYTES = 40;

/** How much of a payload a scan below the snapshot gets to see. */
export const SCAN_PAYLOAD_BYTES = 64;

/** Most bytes of a payload that the header's checksum can cover. */
export const MAX_PREFIX_BYTES = 255;

/** The log's own entry: opens a run. Its payload is the id of the run that it continues (u32, then zeros). */
export const KIND_RUN = 0;

/** Payload size of a {@link KIND_RUN} entry. */
export const RUN_PAYLOAD_BYTES = 8;

const HEADER_CRC = 0;
const BODY_CRC = 4;
const PAYLOAD_LENGTH = 8;
const STREAM = 12;
const LSN = 16;
const DURABLE_LSN = 24;
const RUN = 32;
const KIND = 36;
const PREFIX_BYTES = 37;
const BODY_START = 38;
const RESERVED = 39;

const TWO_TO_32 = 0x1_0000_0000;

/** What an entry says about itself, without its payload. */
export interface EntryHeader {
  payloadLength: number;
  stream: number;
  lsn: number;
  durableLsn: number;
  run: number;
  kind: number;
  prefixBytes: number;
  bodyStart: number;
  bodyCrc: number;
}

/** Bytes an entry takes in the log: header, payload, and zeros up to a multiple of 8. */
export function entryBytes(payloadBytes: number): number {
  return Math.ceil((ENTRY_HEADER_BYTES + payloadBytes) / 8) * 8;
}

/** Reads an LSN: 8 bytes, little-endian. More than a safe integer comes out as more than a safe integer. */
export function getLsn(data: DataView, position: number): number {
  return data.getUint32(position, true) + data.getUint32(position + 4, true) * TWO_TO_32;
}

export function setLsn(data: DataView, position: number, lsn: number): void {
  data.setUint32(position, lsn >>> 0, true);
  data.setUint32(position + 4, Math.floor(lsn / TWO_TO_32), true);
}

/** An empty header to read into. */
export function emptyHeader(): EntryHeader {
  return {
    payloadLength: 0,
    stream: 0,
    lsn: 0,
    durableLsn: 0,
    run: 0,
    kind: 0,
    prefixBytes: 0,
    bodyStart: 0,
    bodyCrc: 0,
  };
}

/** Reads the header at `position` into `header`, verifying nothing. */
export function readHeader(data: DataView, position: number, header: EntryHeader): void {
  header.bodyCrc = data.getUint32(position + BODY_CRC, true);
  header.payloadLength = data.getUint32(position + PAYLOAD_LENGTH, true);
  header.stream = data.getUint32(position + STREAM, true);
  header.lsn = getLsn(data, position + LSN);
  header.durableLsn = getLsn(data, position + DURABLE_LSN);
  header.run = data.getUint32(position + RUN, true);
  header.kind = data.getUint8(position + KIND);
  header.prefixBytes = data.getUint8(position + PREFIX_BYTES);
  header.bodyStart = data.getUint8(position + BODY_START);
}

/** Only the entry's own LSN: the cheapest way to tell that something is not an entry. */
export function readOwnLsn(data: DataView, position: number): number {
  return getLsn(data, position + LSN);
}

/** The low 32 bits of the same. */
export function readOwnLsnLow(data: DataView, position: number): number {
  return data.getUint32(position + LSN, true);
}

/** Whether the header's lengths agree with each other: the check before any of them is used. */
export function headerIsPlausible(header: EntryHeader): boolean {
  return header.prefixBytes <= header.payloadLength && header.bodyStart <= header.prefixBytes;
}

/**
 * Writes and reads the checksums of one log. They begin with the log's secret, so that bytes which
 * a client sends, or another log's bytes, are never taken for an entry.
 */
export class EntrySeal {
  readonly #checksum: Checksum;
  /** What the secret changes in a sum: it stands in for a seed, which the checksum does not take. */
  readonly #mask: number;

  constructor(checksum: Checksum, secret: number) {
    this.#checksum = checksum;
    this.#mask = secret;
  }

  /** Writes a whole header in front of a payload that is in place, and zeros behind it. */
  write(bytes: Uint8Array, data: DataView, position: number, header: EntryHeader): void {
    assert(headerIsPlausible(header), "an entry's prefix and body lie within its payload");
    data.setUint32(position + BODY_CRC, header.bodyCrc, true);
    data.setUint32(position + PAYLOAD_LENGTH, header.payloadLength, true);
    data.setUint32(position + STREAM, header.stream, true);
    setLsn(data, position + LSN, header.lsn);
    setLsn(data, position + DURABLE_LSN, header.durableLsn);
    data.setUint32(position + RUN, header.run, true);
    data.setUint8(position + KIND, header.kind);
    data.setUint8(position + PREFIX_BYTES, header.prefixBytes);
    data.setUint8(position + BODY_START, header.bodyStart);
    data.setUint8(position + RESERVED, 0);
    const payloadEnd = position + ENTRY_HEADER_BYTES + header.payloadLength;
    const end = position + entryBytes(header.payloadLength);
    for (let at = payloadEnd; at < end; at++) bytes[at] = 0;
    this.#sum(bytes, data, position, header.prefixBytes);
  }

  /** Replaces the durable LSN of an entry that has not been written to disk yet. */
  restamp(bytes: Uint8Array, data: DataView, position: number, durableLsn: number): void {
    setLsn(data, position + DURABLE_LSN, durableLsn);
    this.#sum(bytes, data, position, data.getUint8(position + PREFIX_BYTES));
  }

  /** Whether the sum over the header and the prefix holds; both must lie within `bytes`. */
  headerHolds(bytes: Uint8Array, data: DataView, position: number, prefixBytes: number): boolean {
    return data.getUint32(position + HEADER_CRC, true) === this.#headerCrc(bytes, position, prefixBytes);
  }

  /** Whether the body's sum holds; the whole payload must lie within `bytes`. */
  bodyHolds(bytes: Uint8Array, position: number, header: EntryHeader): boolean {
    const payload = position + ENTRY_HEADER_BYTES;
    return this.#checksum(bytes, payload + header.bodyStart, payload + header.payloadLength) ===
      header.bodyCrc;
  }

  /** The secret under which the header at `position` would hold. */
  secretOf(bytes: Uint8Array, data: DataView, position: number, prefixBytes: number): number {
    const stored = data.getUint32(position + HEADER_CRC, true);
    return (stored ^ this.#headerCrc(bytes, position, prefixBytes) ^ this.#mask) >>> 0;
  }

  #sum(bytes: Uint8Array, data: DataView, position: number, prefixBytes: number): void {
    data.setUint32(position + HEADER_CRC, this.#headerCrc(bytes, position, prefixBytes), true);
  }

  #headerCrc(bytes: Uint8Array, position: number, prefixBytes: number): number {
    const crc = this.#checksum(bytes, position + BODY_CRC, position + ENTRY_HEADER_BYTES + prefixBytes);
    return (crc ^ this.#mask) >>> 0;
  }
}
