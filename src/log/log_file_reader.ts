import { KliteError } from "../base/klite_error.ts";
import { batchFault } from "../records/whole_batch.ts";
import { BatchHeader } from "../records/outside.ts";
import { ENTRY_HEADER_BYTES, entryBytes, type Wal } from "../wal/mod.ts";
import { ColdBatches } from "./cold_batches.ts";
import type { PartitionLog } from "./partition_log.ts";

/** Foreign bytes that are read along rather than starting another read. */
const GAP_BYTES_MAX = 16 * 1024;
/** Most reads for one partition: the batches of a partition among many others lie far apart. */
const READS_MAX = 64;

/** What of the log its readers need. Who looks at a log that nobody runs has its files only. */
export type LogBytes = Pick<Wal, "view" | "read" | "hold">;

/** Where a batch lies in the log, and what the partition's index knows of it. */
interface Place {
  readonly lsn: number;
  readonly lengthBytes: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** -1 when not known. */
  readonly leaderEpoch: number;
}

/** Neighbours in the log, read in one go with what lies between them. */
interface Run {
  readonly lsn: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly places: readonly Place[];
}

/** What {@link readLogFiles} found. */
export interface FileReading {
  readonly found: ColdBatches;
  /** Why the batch behind those found cannot be served, if that is where the reading ended. */
  readonly fault: KliteError | null;
}

/**
 * The batches of rows [fromRow, toRow), read from the log's files: as many as a few reads and `maxBytes` allow, at
 * least one. Each is checked as a whole before it is handed out; the first that does not hold ends the reading.
 */
export async function readLogFiles(
  wal: LogBytes,
  log: PartitionLog,
  fromRow: number,
  toRow: number,
  maxBytes: number,
): Promise<FileReading> {
  const runs = runsOf(log, fromRow, toRow, maxBytes);
  const got = await Promise.allSettled(runs.map(({ lsn, bytes }) => wal.read(lsn, bytes)));
  const header = new BatchHeader();
  const batches: Uint8Array[] = [];
  let nextOffset = runs[0]!.places[0]!.baseOffset;
  let fault: KliteError | null = null;
  reading: for (const [index, { lsn, bytes, places }] of runs.entries()) {
    const result = got[index]!;
    if (result.status === "rejected") {
      fault = asFault(result.reason);
      break;
    }
    for (const place of places) {
      const at = place.lsn + ENTRY_HEADER_BYTES - lsn;
      // A read ends with its file.
      if (at + place.lengthBytes > result.value) break reading;
      const wrong = faultOf(header, bytes, at, place);
      if (wrong !== null) {
        fault = damaged(wal, place, wrong);
        break reading;
      }
      batches.push(bytes.subarray(at, at + place.lengthBytes));
      nextOffset = place.lastOffset + 1;
    }
  }
  const own = runs.map(({ bytes }) => bytes.buffer);
  return { found: new ColdBatches(batches, nextOffset, own), fault };
}

/**
 * The runs in which the first of the rows are to be read; at least one batch, however large it is. What lies between
 * the batches comes on top of `maxBytes` up to a gap's size, so that a few small batches come all at once.
 */
function runsOf({ batches, epochs }: PartitionLog, fromRow: number, toRow: number, maxBytes: number): Run[] {
  const runs: Run[] = [];
  let batchBytesLeft = maxBytes;
  let bytesLeft = maxBytes + GAP_BYTES_MAX;
  for (let row = fromRow; row < toRow && runs.length < READS_MAX;) {
    const lsn = batches.lsn(row);
    const places: Place[] = [];
    let end = lsn;
    for (; row < toRow; row++) {
      const at = batches.lsn(row);
      const lengthBytes = batches.lengthBytes(row);
      const entryEnd = at + entryBytes(lengthBytes);
      const isFirst = runs.length === 0 && places.length === 0;
      if (!isFirst && (lengthBytes > batchBytesLeft || entryEnd - lsn > bytesLeft)) break;
      if (places.length > 0 && at - end > GAP_BYTES_MAX) break;
      const baseOffset = batches.baseOffset(row);
      const leaderEpoch = epochs.epochAt(baseOffset);
      places.push({ lsn: at, lengthBytes, baseOffset, lastOffset: batches.lastOffset(row), leaderEpoch });
      end = entryEnd;
      batchBytesLeft -= lengthBytes;
    }
    if (places.length === 0) break;
    runs.push({ lsn, bytes: new Uint8Array(end - lsn), places });
    bytesLeft -= end - lsn;
  }
  return runs;
}

/** What is wrong with a batch that was read; `null` when nothing is. Its own sum leaves out what the index knows. */
function faultOf(header: BatchHeader, bytes: Uint8Array, at: number, place: Place): string | null {
  const fault = batchFault(header, bytes, at, place.lengthBytes);
  if (fault !== null) return fault;
  if (header.baseOffset !== place.baseOffset) return `its offset is ${header.baseOffset}`;
  const { leaderEpoch } = place;
  return leaderEpoch === -1 || leaderEpoch === header.leaderEpoch
    ? null
    : `its leader epoch is ${header.leaderEpoch}`;
}

/** Names the file and the place in it; if that has been freed meanwhile, says so, for then the batch lies elsewhere. */
function damaged(wal: LogBytes, { lsn, lengthBytes, baseOffset }: Place, fault: string): KliteError {
  try {
    const segment = wal.hold(lsn);
    const position = segment.positionOf(lsn + ENTRY_HEADER_BYTES);
    segment.release();
    return new KliteError(
      "DATA_DAMAGED",
      `${segment.path}, bytes ${position} to ${
        position + lengthBytes
      }: the batch at offset ${baseOffset} does not ` +
        `read back as it was written; ${fault}`,
    );
  } catch (error) {
    return asFault(error);
  }
}

/** Trouble of the disk; anything else is a fault in klite. */
function asFault(error: unknown): KliteError {
  if (error instanceof KliteError) return error;
  throw error;
}
