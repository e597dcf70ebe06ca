import type { BatchReader, PartitionLog } from "../../log/mod.ts";
import { BatchHeader, findByTimestamp, findMaxTimestamp, RecordCursor } from "../../records/mod.ts";

/**
 * Decompressed records of one batch at most, when looking into it. A few compressed kilobytes can hold gigabytes,
 * and nobody else is served meanwhile; beyond this the batch as a whole is the answer.
 */
const DECOMPRESSED_BYTES_MAX = 16 * 1024 * 1024;

export interface FoundOffset {
  readonly offset: number;
  readonly timestampMs: number;
}

/**
 * Finds offsets by time, below the offset up to which the asker reads. The index tells which batch; only that one is looked
 * into. "unreadable" is a compressed batch whose inside is no batch. Of one that
 * is too large to look into, the offset is one from which nothing is missed: its
 * first where records since a time are sought, its last for the largest time.
 */
export class OffsetLookup {
  readonly #reader: BatchReader;
  readonly #log: PartitionLog;
  readonly #endOffset: number;

  constructor(reader: BatchReader, log: PartitionLog, endOffset: number = log.highWatermark) {
    this.#reader = reader;
    this.#log = log;
    this.#endOffset = endOffset;
  }

  /** The first record with a timestamp of at least `timestampMs`; `null` when there is none, or it is not readable yet. */
  firstSince(timestampMs: number): Promise<FoundOffset | null | "unreadable"> {
    const { batches } = this.#log;
    const row = batches.rowOfTimestamp(timestampMs);
    return this.#lookInto(
      row,
      (cursor) => findByTimestamp(cursor, timestampMs),
      (header) => header.baseOffset,
    );
  }

  /** The first record with the largest timestamp (KIP-734); `null` when there is no record, or it is not readable yet. */
  maxTimestamp(): Promise<FoundOffset | null | "unreadable"> {
    const { batches, highWatermark } = this.#log;
    let best = 0;
    for (let row = 1; row < batches.rows && batches.baseOffset(row) < highWatermark; row++) {
      if (batches.maxTimestampMs(row) > batches.maxTimestampMs(best)) best = row;
    }
    return this.#lookInto(best, findMaxTimestamp, (header) => header.lastOffset);
  }

  async #lookInto(
    row: number,
    find: (cursor: RecordCursor) => FoundOffset | null,
    roughOffset: (header: BatchHeader) => number,
  ): Promise<FoundOffset | null | "unreadable"> {
    const { batches } = this.#log;
    if (row >= batches.rows || batches.baseOffset(row) >= this.#endOffset) return null;
    const range = { fromRow: row, toRow: row + 1, bytes: batches.lengthBytes(row) };
    const inMemory = this.#reader.inMemory(this.#log, range);
    const [batch] = inMemory ?? (await this.#reader.fromFile(this.#log, range)).batches;
    if (batch === undefined) return "unreadable";
    const cursor = new RecordCursor();
    const header = new BatchHeader().read(batch, 0);
    const fault = cursor.open(batch, 0, header, DECOMPRESSED_BYTES_MAX);
    if (fault === "too large") return { offset: roughOffset(header), timestampMs: header.maxTimestampMs };
    if (fault !== null) return "unreadable";
    const found = find(cursor);
    const isUnreadable = found === null && cursor.fault !== null;
    cursor.close();
    return isUnreadable ? "unreadable" : found;
  }
}
