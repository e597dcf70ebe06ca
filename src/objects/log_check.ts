import { KliteError } from "../base/klite_error.ts";
import type { Clock } from "../io/clock.ts";
import type { Disk, DiskFile } from "../io/disk.ts";
import { BatchHeader } from "../records/outside.ts";
import { batchFault } from "../records/whole_batch.ts";
import { CHECKED_PLACE_NUMBERS, type LogFault, type VerifyLogJob } from "./contract.ts";
import { ReadPace } from "./read_pace.ts";

/** Bytes read in one go, and read along between two batches. */
const PIECE_BYTES = 1024 * 1024;
/** What is answered of a file that is damaged all over. */
const FAULTS_MAX = 1000;

/** See `ObjectJobs.verifyLog`. Holds one piece in memory, or the largest batch. */
export async function checkLogFile(job: VerifyLogJob, disk: Disk, clock: Clock): Promise<LogFault[]> {
  const pace = new ReadPace(clock, job.readRateBytes);
  const header = new BatchHeader();
  const faults: LogFault[] = [];
  const rows = job.places.length / CHECKED_PLACE_NUMBERS;
  const file = disk.open(job.file, { isReadOnce: true });
  try {
    for (let row = 0; row < rows && faults.length < FAULTS_MAX;) {
      const toRow = pieceFrom(job, row);
      const start = placeAt(job, row).position;
      const last = placeAt(job, toRow - 1);
      const bytes = new Uint8Array(last.position + last.lengthBytes - start);
      const got = await readUpTo(file, bytes, start);
      await pace.read(bytes.length);
      for (; row < toRow; row++) {
        const problem = faultOf(header, bytes.subarray(0, got), start, placeAt(job, row));
        if (problem !== null) faults.push({ row, problem });
      }
    }
  } finally {
    file.close();
  }
  return faults;
}

interface CheckedPlace {
  readonly position: number;
  readonly lengthBytes: number;
  readonly baseOffset: number;
  /** −1 when not known. */
  readonly leaderEpoch: number;
}

function placeAt({ places }: VerifyLogJob, row: number): CheckedPlace {
  const at = row * CHECKED_PLACE_NUMBERS;
  return {
    position: places[at]!,
    lengthBytes: places[at + 1]!,
    baseOffset: places[at + 2]!,
    leaderEpoch: places[at + 3]!,
  };
}

/** The row behind those that are read with `fromRow`. */
function pieceFrom(job: VerifyLogJob, fromRow: number): number {
  const limit = placeAt(job, fromRow).position + PIECE_BYTES;
  const rows = job.places.length / CHECKED_PLACE_NUMBERS;
  let row = fromRow + 1;
  for (; row < rows; row++) {
    const { position, lengthBytes } = placeAt(job, row);
    if (position + lengthBytes > limit) break;
  }
  return row;
}

/** Answers how many bytes could be read; a place that the disk itself refuses is as bad as one that is not there. */
async function readUpTo(file: DiskFile, into: Uint8Array, position: number): Promise<number> {
  try {
    return await file.readAt(into, position);
  } catch (error) {
    if (error instanceof KliteError && error.code === "DISK_FAILED") return 0;
    throw error;
  }
}

function faultOf(header: BatchHeader, bytes: Uint8Array, start: number, place: CheckedPlace): string | null {
  const at = place.position - start;
  if (at + place.lengthBytes > bytes.length) return "it cannot be read to its end";
  const fault = batchFault(header, bytes, at, place.lengthBytes);
  if (fault !== null) return fault;
  if (header.baseOffset !== place.baseOffset) return `its offset is ${header.baseOffset}`;
  const isEpoch = place.leaderEpoch === -1 || place.leaderEpoch === header.leaderEpoch;
  return isEpoch ? null : `its leader epoch is ${header.leaderEpoch}`;
}
