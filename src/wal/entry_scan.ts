import {
  emptyHeader,
  ENTRY_HEADER_BYTES,
  entryBytes,
  type EntryHeader,
  type EntrySeal,
  headerIsPlausible,
  KIND_RUN,
  readHeader,
  readOwnLsn,
  readOwnLsnLow,
  RUN_PAYLOAD_BYTES,
} from "./entry.ts";
import { FIRST_LSN, SEGMENT_HEADER_BYTES } from "./segment_header.ts";
import type { SegmentReader } from "./segment_reader.ts";

/** Reads and verifies entries of one segment file. */
export class EntryScan {
  /** The entry verified last. */
  readonly header: EntryHeader = emptyHeader();
  readonly #reader: SegmentReader;
  readonly #seal: EntrySeal;

  constructor(reader: SegmentReader, seal: EntrySeal) {
    this.#reader = reader;
    this.#seal = seal;
  }

  /**
   * Whether a valid entry with that LSN lies at `position`: header and prefix, with `payloadBytes` of
   * the payload in the reader's window; the body too, and all of the payload, when that is `Infinity`.
   */
  async verify(position: number, lsn: number, payloadBytes: number): Promise<boolean> {
    const { header } = this;
    const reader = this.#reader;
    if (!await this.#has(position, ENTRY_HEADER_BYTES)) return false;
    readHeader(reader.data, reader.at(position), header);
    if (header.lsn !== lsn || header.durableLsn > lsn || !headerIsPlausible(header)) return false;
    if (position + entryBytes(header.payloadLength) > reader.sizeBytes) return false;
    const wanted = Math.max(header.prefixBytes, Math.min(payloadBytes, header.payloadLength));
    if (!await this.#has(position, ENTRY_HEADER_BYTES + wanted)) return false;
    const at = reader.at(position);
    if (!this.#seal.headerHolds(reader.bytes, reader.data, at, header.prefixBytes)) return false;
    return payloadBytes !== Infinity || this.#seal.bodyHolds(reader.bytes, at, header);
  }

  /** Whether the file ends within what is, or may be, the entry of that LSN. */
  async endsWithin(position: number, lsn: number): Promise<boolean> {
    const reader = this.#reader;
    if (!await this.#has(position, ENTRY_HEADER_BYTES)) return true;
    const { header } = this;
    readHeader(reader.data, reader.at(position), header);
    return header.lsn === lsn && position + entryBytes(header.payloadLength) > reader.sizeBytes;
  }

  /**
   * The position of the first entry at or behind `from` with a valid header, the LSN that its place
   * demands, and `durableLsn > durableAbove`; -1 when there is none. It is then in {@link header}.
   */
  async find(from: number, lsnAtFrom: number, durableAbove: number): Promise<number> {
    const reader = this.#reader;
    let position = from;
    let lsn = lsnAtFrom;
    while (await this.#has(position, ENTRY_HEADER_BYTES)) {
      const skipped = skipUnlike(reader.data, reader.at(position), reader.at(reader.windowEnd), lsn);
      position += skipped;
      lsn += skipped;
      if (!reader.has(position, ENTRY_HEADER_BYTES)) continue;
      if (await this.verify(position, lsn, 0) && this.header.durableLsn > durableAbove) return position;
      position += 8;
      lsn += 8;
    }
    return -1;
  }

  /**
   * The same in a file whose base is not known: the position of an entry with a valid header, an LSN
   * above `lsn` and `durableLsn > lsn`; -1 when there is none.
   */
  async findAnywhere(from: number, lsn: number): Promise<number> {
    const reader = this.#reader;
    let position = from;
    while (await this.#has(position, ENTRY_HEADER_BYTES)) {
      const own = readOwnLsn(reader.data, reader.at(position));
      const plausible = own > lsn && own % 8 === 0 && Number.isSafeInteger(own);
      if (plausible && await this.verify(position, own, 0) && this.header.durableLsn > lsn) return position;
      position += 8;
    }
    return -1;
  }

  /**
   * The secret of a log of which no segment header can be read, taken from the log's very first
   * entry; `null` when that is not here. It is a guess until an entry holds under it.
   */
  async guessSecret(): Promise<number | null> {
    const reader = this.#reader;
    if (!await this.#has(SEGMENT_HEADER_BYTES, entryBytes(RUN_PAYLOAD_BYTES))) return null;
    const at = reader.at(SEGMENT_HEADER_BYTES);
    readHeader(reader.data, at, this.header);
    const { lsn, kind, prefixBytes } = this.header;
    if (lsn !== FIRST_LSN || kind !== KIND_RUN || prefixBytes !== RUN_PAYLOAD_BYTES) return null;
    return this.#seal.secretOf(reader.bytes, reader.data, at, prefixBytes);
  }

  async #has(position: number, length: number): Promise<boolean> {
    return this.#reader.has(position, length) || await this.#reader.load(position, length);
  }
}

/**
 * Bytes from `at` to the next place before `end` where the low half of an entry's own LSN could be
 * that of its place, `lsn` being that of `at`. This passes over a whole segment at each start.
 */
function skipUnlike(data: DataView, at: number, end: number, lsn: number): number {
  const last = end - ENTRY_HEADER_BYTES;
  let expected = lsn >>> 0;
  let candidate = at;
  while (candidate <= last && readOwnLsnLow(data, candidate) !== expected) {
    candidate += 8;
    expected = (expected + 8) >>> 0;
  }
  return candidate - at;
}
