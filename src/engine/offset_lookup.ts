import type { BatchReader, PartitionLog } from "../log/mod.ts";
import { BatchHeader, findByTimestamp, findMaxTimestamp, RecordCursor } from "../records/mod.ts";

/** Decompressed records of one batch at most, when looking into it. */
const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;

export interface FoundOffset {
  readonly offset: number;
  readonly timestampMs: number;
}

/**
 * Finds offsets by time. The index tells which batch; only that one is looked
 * into. "unreadable" is a compressed batch whose inside is no batch.
 */
export class OffsetLookup {
  readonly #reader: BatchReader;
  readonly #log: PartitionLog;

  constructor(reader: BatchReader, log: PartitionLog) {
    this.#reader = reader;
    this.#log = log;
  }

  /** The first visible record with a timestamp of at least `timestampMs`; `null` when there is none. */
  firstSince(timestampMs: number): Promise<FoundOffset | null | "unreadable"> {
    const { batches } = this.#log;
    const row = batches.rowOfTimestamp(timestampMs);
    return this.#lookInto(row, (cursor) => findByTimestamp(cursor, timestampMs));
  }

  /** The first visible record with the largest timestamp (KIP-734); `null` when there is no record. */
  maxTimestamp(): Promise<FoundOffset | null | "unreadable"> {
    const { batches, highWatermark } = this.#log;
    let best = 0;
    for (let row = 1; row < batches.rows && batches.baseOffset(row) < highWatermark; row++) {
      if (batches.maxTimestampMs(row) > batches.maxTimestampMs(best)) best = row;
    }
    return this.#lookInto(best, findMaxTimestamp);
  }

  async #lookInto(
    row: number,
    find: (cursor: RecordCursor) => FoundOffset | null,
  ): Promise<FoundOffset | null | "unreadable"> {
    const { batches, highWatermark } = this.#log;
    if (row >= batches.rows || batches.baseOffset(row) >= highWatermark) return null;
    const range = { fromRow: row, toRow: row + 1, bytes: batches.lengthBytes(row) };
    const held = this.#reader.inMemory(this.#log, range) ?? await this.#reader.fromFile(this.#log, range);
    const batch = held[0];
    if (batch === undefined) return "unreadable";
    const cursor = new RecordCursor();
    const fault = cursor.open(batch, 0, new BatchHeader().read(batch, 0), DECOMPRESSED_BYTES_MAX);
    if (fault !== null) return "unreadable";
    const found = find(cursor);
    return found === null && cursor.fault !== null ? "unreadable" : found;
  }
}
