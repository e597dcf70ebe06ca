import { assert } from "../base/assert.ts";
import { ENTRY_HEADER_BYTES, entryBytes, type Wal } from "../wal/mod.ts";
import type { BatchRange, PartitionLog } from "./partition_log.ts";

/** Foreign bytes that are read along rather than starting another read. */
const GAP_BYTES_MAX = 16 * 1024;
/** Most bytes of one read from a log file, what lies between the batches included. */
const READ_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Fetches the bytes of batches from the tier where they are: the log's memory
 * image (views, no copy) or its segment files.
 */
export class BatchReader {
  readonly #wal: Wal;

  constructor(wal: Wal) {
    this.#wal = wal;
  }

  /**
   * The batches of `range` as views of the log's memory, valid until the log is
   * appended to; `null` when its first batch is not in memory any more.
   */
  inMemory(log: PartitionLog, range: BatchRange): readonly Uint8Array[] | null {
    const { batches } = log;
    const views: Uint8Array[] = [];
    for (let row = range.fromRow; row < range.toRow; row++) {
      const view = this.#wal.view(batches.lsn(row) + ENTRY_HEADER_BYTES, batches.lengthBytes(row));
      if (view === null) return null;
      views.push(view);
    }
    return views;
  }

  /** Whether the first batch of `range` must be read from a file. */
  isCold(log: PartitionLog, range: BatchRange): boolean {
    const { batches } = log;
    const row = range.fromRow;
    return this.#wal.view(batches.lsn(row) + ENTRY_HEADER_BYTES, batches.lengthBytes(row)) === null;
  }

  /**
   * The first batches of `range`, read from the log's files into memory of their
   * own: as many as come with one run of neighbouring entries, at least one.
   * Neighbours are read in one go, with what lies between them. {@link free} takes
   * the memory back sooner than the garbage collector would.
   */
  async fromFile(log: PartitionLog, range: BatchRange): Promise<readonly Uint8Array[]> {
    const { batches } = log;
    const places: { readonly at: number; readonly length: number }[] = [];
    const start = batches.lsn(range.fromRow);
    let end = start;
    for (let row = range.fromRow; row < range.toRow; row++) {
      const lsn = batches.lsn(row);
      const length = batches.lengthBytes(row);
      const entryEnd = lsn + entryBytes(length);
      if (row > range.fromRow && (lsn - end > GAP_BYTES_MAX || entryEnd - start > READ_BYTES_MAX)) break;
      places.push({ at: lsn + ENTRY_HEADER_BYTES - start, length });
      end = entryEnd;
    }
    const bytes = new Uint8Array(end - start);
    const got = await this.#wal.read(start, bytes);
    const whole = places.filter((place) => place.at + place.length <= got);
    assert(whole.length > 0, "the log holds what its index says");
    return whole.map((place) => bytes.subarray(place.at, place.at + place.length));
  }

  /** Frees what {@link fromFile} read: its batches must not be used any more. */
  free([first]: readonly Uint8Array[]): void {
    if (first?.buffer instanceof ArrayBuffer) first.buffer.transfer(0);
  }
}
