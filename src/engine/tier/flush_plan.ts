import type { PartitionLog } from "../../log/mod.ts";
import type { StoreJob } from "../../objects/contract.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import { ENTRY_HEADER_BYTES, type HeldSegment, type Wal } from "../../wal/mod.ts";

/** What the footer of an object has for each batch. */
const FOOTER_BYTES_PER_BATCH = 32;
/** Batches of one object: their places are held in memory while it is stored, 24 bytes each. */
const BATCHES_MAX = 100_000;

/** A partition's next object, and the files of the log that have its bytes, held until {@link release}. */
export interface FlushPlan {
  readonly job: StoreJob;
  readonly bytes: number;
  release(): void;
}

/** The batches of a plan, and where they lie. */
interface Gathered {
  readonly toRow: number;
  readonly bytes: number;
  readonly places: Float64Array<ArrayBuffer>;
  /** More would have been there. */
  readonly isFull: boolean;
}

/**
 * The partition's next object: the first batches that are in none, below `endOffset`, so many as `targetBytes` allow
 * and one at least. `null` when there are none, and with `onlyFull` when there are not as many.
 */
export function planObject(
  log: PartitionLog,
  wal: Wal,
  endOffset: number,
  targetBytes: number,
  onlyFull: boolean,
): FlushPlan | null {
  const { batches, storedEnd } = log;
  const firstRow = batches.rowOf(storedEnd);
  const held: HeldSegment[] = [];
  const release = () => {
    for (const segment of held.splice(0)) segment.release();
  };
  try {
    const { toRow, bytes, places, isFull } = gather(log, firstRow, endOffset, targetBytes, wal, held);
    if (toRow === firstRow || (onlyFull && !isFull)) {
      release();
      return null;
    }
    const job: StoreJob = {
      partition: log.place,
      // The first one may begin within a batch, where the log was made to start.
      baseOffset: log.objects.count > 0 ? storedEnd : Math.min(storedEnd, batches.baseOffset(firstRow)),
      endOffset: batches.lastOffset(toRow - 1) + 1,
      files: held.map(({ path }) => path),
      places,
    };
    return { job, bytes, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** What makes an object again that is damaged: all of its batches, where they lie in the log; `null` if it lacks some. */
export function planRepair(log: PartitionLog, wal: Wal, object: StoredObject): FlushPlan | null {
  const firstRow = log.batches.rowOf(object.baseOffset);
  const held: HeldSegment[] = [];
  const release = () => {
    for (const segment of held.splice(0)) segment.release();
  };
  try {
    const { toRow, bytes, places } = gather(log, firstRow, object.endOffset, Infinity, wal, held);
    if (toRow - firstRow !== object.batchCount || toRow === firstRow) {
      release();
      return null;
    }
    const { baseOffset, endOffset, seal } = object;
    const job: StoreJob = {
      ...{ partition: log.place, baseOffset, endOffset, places },
      files: held.map(({ path }) => path),
      ...(seal !== undefined && { leaderEpochs: [seal.fromLeaderEpoch, seal.toLeaderEpoch] }),
    };
    return { job, bytes, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Takes batches from `firstRow` on, and holds the files that they lie in. */
function gather(
  { batches }: PartitionLog,
  firstRow: number,
  endOffset: number,
  targetBytes: number,
  wal: Wal,
  held: HeldSegment[],
): Gathered {
  const places: number[] = [];
  let row = firstRow;
  let bytes = 0;
  let isFull = false;
  for (; row < batches.rows && batches.lastOffset(row) < endOffset; row++) {
    const lengthBytes = batches.lengthBytes(row);
    const nextBytes = bytes + lengthBytes + FOOTER_BYTES_PER_BATCH;
    isFull = row > firstRow && (nextBytes > targetBytes || row - firstRow === BATCHES_MAX);
    if (isFull) break;
    bytes = nextBytes;
    const lsn = batches.lsn(row);
    if (lsn >= (held.at(-1)?.endLsn ?? -Infinity)) held.push(wal.hold(lsn));
    const position = held.at(-1)!.positionOf(lsn) + ENTRY_HEADER_BYTES;
    places.push(held.length - 1, position, lengthBytes);
  }
  return { toRow: row, bytes, places: Float64Array.from(places), isFull };
}
