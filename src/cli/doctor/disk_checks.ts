import { KliteError } from "../../base/klite_error.ts";
import type { Disk, DiskFile } from "../../io/disk.ts";
import { formatByteSize } from "../byte_size.ts";
import type { DoctorIo } from "../world.ts";
import { type Finding, ok, skipped, warning, wrong } from "./finding.ts";

export interface DiskSettings {
  /** 0 for none. */
  readonly walMaxDiskBytes: number;
  readonly walSegmentBytes: number;
}

const PROBE_FILE = "klite-doctor.probe";
const LOG_DIRECTORY = "wal";
const PAGE_BYTES = 4096;
const SYNCS = 40;
/** A commit that takes longer holds up every producer that waits for it. */
const SLOW_SYNC_MS = 10;
/** Less than that, and the log has hardly begun when it is full. */
const FILES_MIN = 4;

/** The data directory: whether it can be written to, how fast what is written is safe, and how much room there is. */
export async function checkDisk(settings: DiskSettings, io: DoctorIo): Promise<Finding[]> {
  const { disk } = io;
  let wasThere: boolean;
  let file: DiskFile;
  try {
    wasThere = disk.exists(".");
    disk.makeDir(".");
    file = disk.open(PROBE_FILE, { create: true });
  } catch (error) {
    if (!(error instanceof KliteError)) throw error;
    return [wrong("data-dir", `${disk.root} cannot be written to: ${error.message}`, directoryAdvice(disk))];
  }
  try {
    return [await checkWriting(file, disk), await checkSync(file, io), checkRoom(settings, io)];
  } catch (error) {
    if (!(error instanceof KliteError)) throw error;
    const isFull = error.code === "DISK_FULL";
    const advice = isFull ? "Make room, or choose another --data-dir." : directoryAdvice(disk);
    return [wrong("data-dir", `${disk.root}: ${error.message}`, advice)];
  } finally {
    file.close();
    disk.remove(PROBE_FILE);
    if (!wasThere) disk.removeDir(".");
  }
}

async function checkWriting(file: DiskFile, disk: Disk): Promise<Finding> {
  await file.writeZeros(SYNCS * PAGE_BYTES, 0);
  await file.sync();
  await disk.syncDir(".");
  return ok("data-dir", `${disk.root} can be written to`);
}

async function checkSync(file: DiskFile, { clock, disk }: DoctorIo): Promise<Finding> {
  const page = new Uint8Array(PAGE_BYTES);
  const timesMs: number[] = [];
  for (let count = 0; count < SYNCS; count++) {
    const sinceMs = clock.monotonicMs();
    await file.writeThrough(page, count * PAGE_BYTES);
    timesMs.push(clock.monotonicMs() - sinceMs);
  }
  timesMs.sort((a, b) => a - b);
  const middleMs = timesMs[SYNCS / 2] ?? 0;
  const worstMs = timesMs.at(-1) ?? 0;
  const words = `a write of 4 KiB is safe on disk after ${middleMs.toFixed(2)} ms, ${
    worstMs.toFixed(2)
  } ms at worst`;
  if (middleMs < SLOW_SYNC_MS) return ok("fsync", words);
  return warning(
    "fsync",
    `${words}: each acknowledgement takes that long`,
    `Put ${disk.root} on a faster disk (NVMe, or one with a protected write cache), not on a network file system.`,
  );
}

function checkRoom({ walMaxDiskBytes, walSegmentBytes }: DiskSettings, { disk, machine }: DoctorIo): Finding {
  const freeBytes = machine.freeBytes();
  if (freeBytes === null) return skipped("disk-room", "how much room there is cannot be found out here");
  const usedBytes = disk.list(LOG_DIRECTORY).reduce(
    (sum, name) => sum + (disk.look(`${LOG_DIRECTORY}/${name}`)?.sizeBytes ?? 0),
    0,
  );
  const words = `${formatByteSize(freeBytes)} are free, and the log has ${formatByteSize(usedBytes)}`;
  if (freeBytes + usedBytes < FILES_MIN * walSegmentBytes) {
    return wrong("disk-room", words, `Make room on the disk of ${disk.root}, or choose another --data-dir.`);
  }
  if (freeBytes + usedBytes < walMaxDiskBytes) {
    return warning(
      "disk-room",
      `${words}; it may take ${formatByteSize(walMaxDiskBytes)}`,
      "Make room, or set --wal-max-disk-size to what there is: a full disk refuses producers.",
    );
  }
  return ok("disk-room", words);
}

function directoryAdvice({ root }: Disk): string {
  return `Give the user that klite runs as the right to write to ${root} and what is in it, or choose another --data-dir.`;
}
