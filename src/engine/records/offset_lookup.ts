import type { BatchReader, PartitionLog } from "../../log/mod.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
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
 * Finds offsets by time, below the offset up to which the asker reads. Objects and the log's index tell which batches
 * may have what is sought; only these are looked into, in the order of their offsets, until one has it. "unreadable"
 * is a compressed batch whose inside is no batch. Of one that is too large to look into, the offset is one from
 * which nothing is missed: its first where records since a time are sought, its last for the largest time.
 *
 * Throws what {@link BatchReader.read} throws.
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
  async firstSince(timestampMs: number): Promise<FoundOffset | null | "unreadable"> {
    let offset = this.#log.logStartOffset;
    for (;;) {
      const batch = await this.#firstBatchSince(offset, timestampMs);
      if (batch === null) {
        if (offset >= this.#log.logStartOffset) return null;
        // It has been deleted meanwhile.
        offset = this.#log.logStartOffset;
        continue;
      }
      const header = new BatchHeader().read(batch, 0);
      if (header.baseOffset >= this.#endOffset) return null;
      // Only the log start lies within a batch.
      const found = lookInto(batch, header, header.baseOffset, (cursor) => {
        for (;;) {
          const found = findByTimestamp(cursor, timestampMs);
          if (found === null || found.offset >= offset) return found;
        }
      });
      if (found !== null) return found;
      // Its header had promised what no record keeps.
      offset = header.lastOffset + 1;
    }
  }

  /** The first record with the largest timestamp (KIP-734); `null` when there is no record, or it is not readable yet. */
  async maxTimestamp(): Promise<FoundOffset | null | "unreadable"> {
    for (;;) {
      const batch = await this.#batchOfMaxTimestamp();
      if (batch === "moved") continue;
      if (batch === null) return null;
      const header = new BatchHeader().read(batch, 0);
      if (header.baseOffset >= this.#endOffset) return null;
      return lookInto(batch, header, header.lastOffset, findMaxTimestamp);
    }
  }

  /** The first batch that says it has such a record, and has it at or behind `fromOffset` if at all. */
  async #firstBatchSince(fromOffset: number, timestampMs: number): Promise<Uint8Array | null> {
    const log = this.#log;
    let offset = Math.max(fromOffset, log.logStartOffset);
    while (log.isStoredOnly(offset)) {
      const index = log.objects.indexOfTimestamp(timestampMs, log.objects.indexOf(offset));
      if (index === log.objects.count) break;
      const object = log.objects.at(index);
      // What the log has, too, is found there.
      if (!log.isStoredOnly(object.baseOffset)) break;
      offset = Math.max(offset, object.baseOffset);
      const batch = await this.#reader.find(log, object, offset, timestampMs);
      if (batch === "moved") continue;
      if (batch !== null) return batch;
      offset = object.endOffset;
    }
    const { batches } = log;
    const row = batches.rowOfTimestamp(timestampMs, batches.rowOf(offset));
    return row === batches.rows ? null : await this.#batchAt(Math.max(offset, batches.baseOffset(row)));
  }

  /** The first of the batches that say they have the largest timestamp. */
  async #batchOfMaxTimestamp(): Promise<Uint8Array | null | "moved"> {
    const { batches, objects, highWatermark, storedEnd, logStartOffset } = this.#log;
    let newest: StoredObject | undefined;
    for (const object of objects) {
      if (object.maxTimestampMs > (newest?.maxTimestampMs ?? -Infinity)) newest = object;
    }
    let best = -1;
    let bestMs = newest?.maxTimestampMs ?? -Infinity;
    const first = objects.count === 0 ? 0 : batches.rowOf(storedEnd);
    for (let row = first; row < batches.rows && batches.baseOffset(row) < highWatermark; row++) {
      if (batches.maxTimestampMs(row) <= bestMs) continue;
      best = row;
      bestMs = batches.maxTimestampMs(row);
    }
    if (best !== -1) return await this.#batchAt(Math.max(logStartOffset, batches.baseOffset(best)));
    if (newest === undefined) return null;
    return await this.#reader.find(this.#log, newest, Math.max(logStartOffset, newest.baseOffset), "max");
  }

  /** The batch that holds `offset`, or the first behind it. */
  async #batchAt(offset: number): Promise<Uint8Array | null> {
    const log = this.#log;
    const range = log.range(offset, offset + 1, 0, true);
    const [inMemory] = range.bytes > 0 ? this.#reader.inMemory(log, range) ?? [] : [];
    if (inMemory !== undefined) return inMemory.slice();
    const { batches: [batch] } = await this.#reader.read(log, offset, log.logEndOffset, 1);
    return batch ?? null;
  }
}

function lookInto(
  batch: Uint8Array,
  header: BatchHeader,
  roughOffset: number,
  find: (cursor: RecordCursor) => FoundOffset | null,
): FoundOffset | null | "unreadable" {
  const cursor = new RecordCursor();
  const fault = cursor.open(batch, 0, header, DECOMPRESSED_BYTES_MAX);
  if (fault === "too large") return { offset: roughOffset, timestampMs: header.maxTimestampMs };
  if (fault !== null) return "unreadable";
  const found = find(cursor);
  const isUnreadable = found === null && cursor.fault !== null;
  cursor.close();
  return isUnreadable ? "unreadable" : found;
}
