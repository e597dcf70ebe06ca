import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Histogram, type LatencySummary } from "./histogram.ts";

const ENTRY_BYTES = 4096;
const FILE_BYTES = 1024 * 1024;

/** A disk that is slower than that at its 99th percentile is given time: it has what others wrote to do, or a limit. */
const PROMPT_P99_MS = 5;
/** So many times in a row: disks that others write to, too, stall for a while now and then. */
const PROMPT_WINDOWS = 2;
const TRIES_MAX = 30;

/** {@link diskFloor}, taken again until the disk is prompt; after many tries as it is then. */
export async function promptDiskFloor(dir: string, windowMs: number): Promise<LatencySummary> {
  let promptInRow = 0;
  for (let tries = 1;; tries++) {
    const floor = await diskFloor(dir, windowMs);
    promptInRow = floor.p99Ms > PROMPT_P99_MS ? 0 : promptInRow + 1;
    if (promptInRow === PROMPT_WINDOWS || tries === TRIES_MAX) return floor;
  }
}

/**
 * How long the disk of `dir` alone takes to make durable what comes: every millisecond an entry, which waits for the
 * first sync that begins behind it. When a sync stalls, all that comes meanwhile counts, as it does in a broker.
 * The millisecond of a timer is in every figure.
 */
async function diskFloor(dir: string, windowMs: number): Promise<LatencySummary> {
  const path = join(dir, "floor");
  const latencies = new Histogram();
  using file = await Deno.open(path, { write: true, create: true });
  file.writeSync(new Uint8Array(FILE_BYTES));
  await file.sync();
  const entry = crypto.getRandomValues(new Uint8Array(ENTRY_BYTES));
  const beganMs = performance.now();
  let comesMs = beganMs;
  for (let position = 0; comesMs < beganMs + windowMs; position = (position + ENTRY_BYTES) % FILE_BYTES) {
    await sleep(1);
    const syncedFromMs = performance.now();
    file.seekSync(position, Deno.SeekMode.Start);
    file.writeSync(entry);
    await file.syncData();
    const doneMs = performance.now();
    for (; comesMs <= syncedFromMs; comesMs++) latencies.record((doneMs - comesMs) * 1000);
  }
  await Deno.remove(path);
  return latencies.summary();
}
