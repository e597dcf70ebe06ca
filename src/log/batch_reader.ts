import { assert } from "../base/assert.ts";
import { ENTRY_HEADER_BYTES, entryBytes, type Wal } from "../wal/mod.ts";
import type { BatchRange, PartitionLog } from "./partition_log.ts";

/** Foreign bytes that are read along rather than starting another read. */
const GAP_BYTES_MAX = 16 * 1024;
/** Most bytes read from the files for one partition, what lies between its batches included. */
const READ_BYTES_MAX = 2 * 1024 * 1024;
/** Most reads for one partition: the batches of a partition among many others lie far apart. */
const READS_MAX = 64;

/** A run of entries that is read in one go, and where in it the batches lie. */
interface Run {
  readonly lsn: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly places: readonly { readonly at: number; readonly length: number }[];
}

/** Batches that were read from files, in memory of their own. */
export class FileBatches {
  readonly batches: readonly Uint8Array[];
  readonly #buffers: readonly ArrayBuffer[];

  constructor(batches: readonly Uint8Array[], buffers: readonly ArrayBuffer[]) {
    this.batches = batches;
    this.#buffers = buffers;
  }

  /** Memory that is held, what lies between the batches included. */
  get heldBytes(): number {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
  }

  /** Takes the memory back sooner than the garbage collector would; the batches must not be used any more. */
  free(): void {
    for (const buffer of this.#buffers) buffer.transfer(0);
  }
}

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
   * The first batches of `range`, read from the log's files: as many as a few reads
   * and `maxBytes` allow, at least one. Neighbours are read in one go, with what
   * lies between them.
   */
  async fromFile(
    log: PartitionLog,
    range: BatchRange,
    maxBytes: number = READ_BYTES_MAX,
  ): Promise<FileBatches> {
    const runs = runsOf(log, range, Math.min(maxBytes, READ_BYTES_MAX));
    const got = await Promise.all(runs.map(({ lsn, bytes }) => this.#wal.read(lsn, bytes)));
    const batches: Uint8Array[] = [];
    for (const [index, { bytes, places }] of runs.entries()) {
      const whole = places.filter((place) => place.at + place.length <= got[index]!);
      for (const { at, length } of whole) batches.push(bytes.subarray(at, at + length));
      // A read ends with its file; what is behind a gap is of no use.
      if (whole.length < places.length) break;
    }
    assert(batches.length > 0, "the log holds what its index says");
    return new FileBatches(batches, runs.map(({ bytes }) => bytes.buffer));
  }
}

/** The runs in which the first batches of `range` are to be read; at least one batch, however large it is. */
function runsOf({ batches }: PartitionLog, range: BatchRange, maxBytes: number): Run[] {
  const runs: Run[] = [];
  let bytesLeft = maxBytes;
  for (let row = range.fromRow; row < range.toRow && runs.length < READS_MAX;) {
    const lsn = batches.lsn(row);
    const places: { readonly at: number; readonly length: number }[] = [];
    let end = lsn;
    for (; row < range.toRow; row++) {
      const at = batches.lsn(row);
      const length = batches.lengthBytes(row);
      const entryEnd = at + entryBytes(length);
      const isFirst = runs.length === 0 && places.length === 0;
      if (!isFirst && entryEnd - lsn > bytesLeft) break;
      if (places.length > 0 && at - end > GAP_BYTES_MAX) break;
      places.push({ at: at + ENTRY_HEADER_BYTES - lsn, length });
      end = entryEnd;
    }
    if (places.length === 0) break;
    runs.push({ lsn, bytes: new Uint8Array(end - lsn), places });
    bytesLeft -= end - lsn;
  }
  return runs;
}
