import type { Engine } from "../../engine/mod.ts";
import { labelled, type Metric, single } from "./metric.ts";
import type { Scrape } from "./scrape.ts";

/** The log: commits, what it takes on disk and in memory, who waits for it, snapshots. */
export const LOG_METRICS: readonly Metric[] = [
  {
    type: "histogram",
    name: "klite_log_commit_duration_seconds",
    help: "How long a commit took: writing what has gathered and syncing it to disk, in one call.",
    read: ({ serving }) =>
      serving === null ? [] : [{ labels: {}, histogram: serving.engine.wal.figures.commitSeconds }],
  },
  ofEngine(
    "counter",
    "klite_log_committed_bytes_total",
    "Bytes of the log that were made durable.",
    ({ wal }) => wal.figures.syncedBytes,
  ),
  ofEngine(
    "gauge",
    "klite_log_undurable_bytes",
    "Bytes that are in the log and not durable yet: what the next commits take.",
    ({ wal }) => wal.endLsn - wal.durableLsn,
  ),
  ofEngine(
    "gauge",
    "klite_log_disk_bytes",
    "Bytes of all files of the log, those ready to be used among them.",
    ({ wal }) => wal.figures.diskBytes,
  ),
  ofEngine(
    "gauge",
    "klite_log_live_bytes",
    "Bytes of its files that hold entries: what counts against the bound.",
    ({ wal }) => wal.liveBytes,
  ),
  single(
    "gauge",
    "klite_log_live_bytes_max",
    "The bound, --wal-max-disk-size; 0 for none.",
    ({ serving }) => serving?.logBytesMax,
  ),
  labelled(
    "gauge",
    "klite_log_files",
    "Files of the log: those with entries, and those ready to be used.",
    "state",
    ({ serving }) => {
      if (serving === null) return [];
      const { segmentCount, spareCount } = serving.engine.wal.figures;
      return [["live", segmentCount], ["spare", spareCount]];
    },
  ),
  ofEngine(
    "gauge",
    "klite_tail_memory_bytes",
    "Memory of the newest part of the log, from which its readers near the end are served; at most --chunk-pool-memory.",
    ({ wal }) => wal.figures.imageBytes,
  ),
  ofEngine(
    "gauge",
    "klite_log_waiting_appends",
    "Produce requests that wait for room in the log.",
    ({ room }) => room.waiting,
  ),
  ofEngine("gauge", "klite_log_waiting_bytes", "Bytes of these.", ({ room }) => room.waitingBytes),
  ofEngine(
    "gauge",
    "klite_log_refusing",
    "1 while the log is full and produce requests are refused.",
    ({ room }) => room.isRefusing ? 1 : 0,
  ),
  labelled(
    "counter",
    "klite_snapshots_total",
    "Snapshots of the metadata, by what became of them: saved in the data directory, failed, or stored in the bucket.",
    "outcome",
    ({ events }) => [
      ["saved", events.count("snapshot_saved")],
      ["failed", events.count("snapshot_failed")],
      ["stored", events.count("snapshot_stored")],
    ],
  ),
  single(
    "gauge",
    "klite_snapshot_age_seconds",
    "Since the last snapshot was saved in the data directory; without one since the start.",
    (scrape) => ageSeconds(scrape, scrape.events.snapshotSavedMs),
  ),
];

/** Since `sinceMs`, or since the start of the process where that is 0. */
export function ageSeconds({ nowMs, process }: Scrape, sinceMs: number): number {
  return Math.max(0, nowMs - (sinceMs === 0 ? process.startedMs : sinceMs)) / 1000;
}

function ofEngine(
  type: "counter" | "gauge",
  name: string,
  help: string,
  value: (engine: Engine) => number,
): Metric {
  return single(type, name, help, ({ serving }) => serving === null ? null : value(serving.engine));
}
