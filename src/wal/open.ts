import { assert } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import type { Random } from "../io/random.ts";
import { PAGE_BYTES } from "./committer.ts";
import type { Checksum, FoundSegment, Mend, RecoveredLog, Wal, WalOptions } from "./contract.ts";
import { ENTRY_HEADER_BYTES, EntrySeal, KIND_RUN, RUN_PAYLOAD_BYTES } from "./entry.ts";
import { Segment, SegmentFiles } from "./segment.ts";
import { LOG_ID_BYTES, SEGMENT_HEADER_BYTES, writeSegmentHeader } from "./segment_header.ts";
import { LogWriter } from "./writer.ts";

const SEGMENT_BYTES_MIN = 64 << 10;
const SEGMENT_BYTES_MAX = 1 << 30;
/** Bytes of one write when what lies behind a cut is wiped. */
const WIPE_BYTES = 1 << 20;

/**
 * Opens a recovered log, or a new one, for writing. Resolves once all that recovery told is durable
 * and a new run has begun; crashing on the way is harmless.
 *
 * Throws `BAD_CONFIG` for sizes that make no sense and `DISK_FULL` when a segment is needed and has
 * no room.
 */
export async function openWal(recovered: RecoveredLog, options: WalOptions): Promise<Wal> {
  checkOptions(options);
  const files = new SegmentFiles(options.disk);
  try {
    return await beginRun(files, recovered, options);
  } catch (error) {
    files.closeAll();
    throw error;
  }
}

async function beginRun(files: SegmentFiles, recovered: RecoveredLog, options: WalOptions): Promise<Wal> {
  const { found } = recovered;
  await makeDirectory(options);
  for (const path of found.discard) options.disk.remove(path);
  // A file that an earlier process made, too, has a name only once its directory is durable.
  await options.disk.syncDir(options.directory);
  for (const mend of found.mends) await apply(mend, found.secret ?? 0, options);
  const live = found.live.map((segment) => adopt(segment, files));
  const newest = live.at(-1);
  if (newest !== undefined) {
    if (found.wipe) await wipeBehind(newest);
    await reaffirm(newest, found.provenDurableLsn);
  }
  const writer = new LogWriter(options, {
    files,
    live,
    spare: found.spare.map((segment) => adopt(segment, files)),
    nextSlot: found.nextSlot,
    secret: found.secret ?? randomU32(options.random),
    previousRun: found.run,
    run: otherRun(found.run, options.random),
    endLsn: recovered.endLsn,
    startLsn: recovered.startLsn,
  });
  try {
    await writer.open();
  } catch (error) {
    await writer.close();
    throw error;
  }
  return writer;
}

function checkOptions(options: WalOptions): void {
  const { segmentBytes, maxDiskBytes, logId } = options;
  assert(logId.length === LOG_ID_BYTES, "a log's id has 16 bytes");
  if (
    segmentBytes % PAGE_BYTES !== 0 || segmentBytes < SEGMENT_BYTES_MIN || segmentBytes > SEGMENT_BYTES_MAX
  ) {
    throw new KliteError(
      "BAD_CONFIG",
      `a log segment of ${segmentBytes} bytes: give a multiple of ${PAGE_BYTES} from 64 KiB to 1 GiB`,
    );
  }
  if (maxDiskBytes !== 0 && maxDiskBytes < 2 * segmentBytes) {
    throw new KliteError(
      "BAD_CONFIG",
      `a log of ${maxDiskBytes} bytes has no room for two segments of ${segmentBytes}`,
    );
  }
}

/** Its name is made durable even if it exists: an earlier process may not have come so far. */
async function makeDirectory({ disk, directory }: WalOptions): Promise<void> {
  disk.makeDir(directory);
  const slash = directory.lastIndexOf("/");
  await disk.syncDir(slash === -1 ? "." : directory.slice(0, slash));
}

function adopt(found: FoundSegment, files: SegmentFiles): Segment {
  const segment = new Segment(found.path, found.capacityBytes, files);
  segment.baseLsn = found.baseLsn;
  segment.endPosition = segment.positionOf(found.endLsn);
  segment.durablePosition = segment.endPosition;
  return segment;
}

/**
 * After an accepted loss the LSNs behind the cut are used again, and what is left there might prove,
 * at a later recovery, a durability that concerned the lost entries.
 */
async function wipeBehind(segment: Segment): Promise<void> {
  const file = segment.hold();
  try {
    for (let position = segment.endPosition; position < segment.capacityBytes; position += WIPE_BYTES) {
      await file.writeAt(new Uint8Array(Math.min(WIPE_BYTES, segment.capacityBytes - position)), position);
    }
    await file.sync();
  } finally {
    segment.release();
  }
}

async function apply(mend: Mend, secret: number, { disk, checksum }: WalOptions): Promise<void> {
  const file = disk.open(mend.path);
  try {
    if (mend.kind === "fill") await file.writeAt(fillingEntry(mend, secret, checksum), mend.position);
    else {
      const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
      writeSegmentHeader(bytes, mend.header, checksum);
      await file.writeAt(bytes, 0);
    }
    await file.sync();
  } finally {
    file.close();
  }
}

/** An entry of the log's own that opens the run behind the place as one that continues the run before it. */
function fillingEntry(
  { lsn, endLsn, run, nextRun }: Mend & { kind: "fill" },
  secret: number,
  checksum: Checksum,
): Uint8Array {
  const bytes = new Uint8Array(endLsn - lsn);
  const data = new DataView(bytes.buffer);
  data.setUint32(ENTRY_HEADER_BYTES, run, true);
  new EntrySeal(checksum, secret).write(bytes, data, 0, {
    payloadLength: bytes.length - ENTRY_HEADER_BYTES,
    stream: 0,
    lsn,
    durableLsn: lsn,
    run: nextRun,
    kind: KIND_RUN,
    prefixBytes: RUN_PAYLOAD_BYTES,
    bodyStart: RUN_PAYLOAD_BYTES,
    bodyCrc: checksum(bytes, ENTRY_HEADER_BYTES + RUN_PAYLOAD_BYTES, bytes.length),
  });
  return bytes;
}

/**
 * Makes durable what was read but may live in the system's cache only, by writing it again: after a
 * failed sync in an earlier process the cache may hold as clean what never reached the disk.
 */
async function reaffirm(segment: Segment, provenDurableLsn: number): Promise<void> {
  const proven = segment.positionOf(Math.max(provenDurableLsn, segment.baseLsn));
  const from = Math.floor(proven / PAGE_BYTES) * PAGE_BYTES;
  if (segment.endPosition === from) return;
  const bytes = new Uint8Array(segment.endPosition - from);
  const file = segment.hold();
  try {
    await file.readAt(bytes, from);
    await file.writeAt(bytes, from);
    await file.sync();
  } finally {
    segment.release();
  }
}

function randomU32(random: Random): number {
  return new DataView(random.bytes(4).buffer).getUint32(0);
}

function otherRun(previous: number, random: Random): number {
  for (;;) {
    const run = randomU32(random);
    if (run !== previous && run !== 0) return run;
  }
}
