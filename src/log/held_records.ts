/** Which of a partition's records log and objects still have, when the log has lost some. */
import type { PartitionLog } from "./partition_log.ts";

/** The offsets that objects and log have batches for: all of the partition's, unless some were lost. */
export function heldOffsets(
  { batches, objects, storedEnd, logEndOffset }: PartitionLog,
): { readonly fromOffset: number; readonly toOffset: number } {
  const row = batches.rowOf(storedEnd);
  if (row < batches.rows) {
    const fromOffset = objects.count > 0 ? objects.baseOffset : batches.baseOffset(row);
    return { fromOffset, toOffset: batches.lastOffset(batches.rows - 1) + 1 };
  }
  if (objects.count > 0) return { fromOffset: objects.baseOffset, toOffset: storedEnd };
  return { fromOffset: logEndOffset, toOffset: logEndOffset };
}

/** Where the log's first batch begins, when that is in no object; -1 when it is, or there is none. */
export function firstUnstored({ batches, storedEnd }: PartitionLog): number {
  return batches.rows > 0 && batches.rowOf(storedEnd) === 0 ? batches.baseOffset(0) : -1;
}

/** Whether the first or the last records were lost, or those where the log goes on behind the objects. */
export function lacksRecords(log: PartitionLog): boolean {
  const { fromOffset, toOffset } = heldOffsets(log);
  if (fromOffset > log.logStartOffset || toOffset < log.logEndOffset) return true;
  return firstUnstored(log) > Math.max(log.storedEnd, log.gapEndOffset);
}

/** Whether the place in the log from `fromLsn` to `toLsn`, which cannot be read, held batches that nobody else has. */
export function lacksRecordsBetween(
  { batches, storedEnd }: PartitionLog,
  fromLsn: number,
  toLsn: number,
): boolean {
  const row = batches.rowOfLsn(fromLsn);
  if (row === batches.rows || batches.lsn(row) < toLsn) return false;
  const fromOffset = row === 0 ? storedEnd : Math.max(storedEnd, batches.lastOffset(row - 1) + 1);
  return batches.baseOffset(row) > fromOffset;
}

/**
 * Leaves the batches up to and with the one that holds `offset` to the objects, if these have them all: the log's copy
 * is damaged. Answers whether they have.
 */
export function leaveToObjects({ batches, objects, storedEnd }: PartitionLog, offset: number): boolean {
  const row = batches.rowOf(offset);
  if (objects.count === 0 || row === batches.rows || batches.lastOffset(row) >= storedEnd) return false;
  batches.dropFirst(row + 1);
  return true;
}

/**
 * To be called when all has been replayed. Where the log lacks batches that objects have, for its file was damaged
 * there, those before them are left to the objects, too: what the log holds of what is stored is without a gap.
 */
export function leaveGapsToObjects({ batches, objects, storedEnd }: PartitionLog): void {
  if (objects.count === 0) return;
  for (let row = Math.min(batches.rowOf(storedEnd), batches.rows - 1); row > 0; row--) {
    const endBefore = batches.lastOffset(row - 1) + 1;
    if (endBefore < Math.min(storedEnd, batches.baseOffset(row))) return batches.dropFirst(row);
  }
}
