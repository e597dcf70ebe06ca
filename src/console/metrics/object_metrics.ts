import { STORE_OPERATIONS, type StoreFigures } from "../../io/store_figures.ts";
import { ageSeconds } from "./log_metrics.ts";
import { labelled, type Metric, single } from "./metric.ts";
import type { Scrape } from "./scrape.ts";

/** Objects: what waits to become some, what was flushed, and what is asked of the store. */
export const OBJECT_METRICS: readonly Metric[] = [
  single(
    "gauge",
    "klite_unstored_bytes",
    "Bytes of batches that are in no object: with a bucket, what the loss of the disk would take.",
    ({ stored, serving }) => serving === null ? null : stored.unstoredBytes,
  ),
  single(
    "gauge",
    "klite_unstored_partitions",
    "Partitions with such batches.",
    ({ stored, serving }) => serving === null ? null : stored.unstoredPartitions,
  ),
  single(
    "gauge",
    "klite_unstored_oldest_age_seconds",
    "Since when the oldest of them waits; 0 when none does.",
    ({ stored, serving, nowMs }) =>
      serving === null ? null : Math.max(0, nowMs - Math.min(nowMs, stored.unstoredSinceMs)) / 1000,
  ),
  single(
    "gauge",
    "klite_objects",
    "Objects in use.",
    ({ stored, serving }) => serving === null ? null : stored.objects,
  ),
  single(
    "gauge",
    "klite_object_bytes",
    "Bytes of the batches in them.",
    ({ stored, serving }) => serving === null ? null : stored.objectBytes,
  ),
  single(
    "counter",
    "klite_flushes_total",
    "Rounds in which records became objects.",
    ({ events }) => events.count("flush_done"),
  ),
  single(
    "counter",
    "klite_flush_seconds_total",
    "Time that these took.",
    ({ events }) => events.flushSeconds,
  ),
  single(
    "counter",
    "klite_flushed_objects_total",
    "Objects made in them.",
    ({ events }) => events.flushedObjects,
  ),
  single(
    "counter",
    "klite_flushed_bytes_total",
    "Bytes of the batches in these.",
    ({ events }) => events.flushedBytes,
  ),
  single(
    "counter",
    "klite_flush_failures_total",
    "Partitions whose records could not be made an object for what they are, each time.",
    ({ events }) => events.count("flush_failed"),
  ),
  single(
    "counter",
    "klite_damaged_objects_total",
    "Objects that were found damaged or missing.",
    ({ events }) => events.count("object_damaged"),
  ),
  single(
    "counter",
    "klite_repaired_objects_total",
    "Those that were made again from the log.",
    ({ events }) => events.count("object_repaired"),
  ),
  single(
    "counter",
    "klite_damaged_log_batches_total",
    "Batches in files of the log that were found damaged; objects may have them whole.",
    ({ events }) => events.count("log_damaged"),
  ),
  single(
    "counter",
    "klite_unreadable_offsets_total",
    "Offsets whose records neither the log nor objects have whole.",
    ({ events }) => events.unreadableOffsets,
  ),
  single(
    "counter",
    "klite_deleted_objects_total",
    "Objects that were deleted because nobody needs them.",
    ({ events }) => events.deletedObjects,
  ),
  single(
    "counter",
    "klite_compactions_total",
    "Times that objects of a partition were written anew.",
    ({ events }) => events.count("compaction_done"),
  ),
  labelled(
    "counter",
    "klite_compaction_bytes_total",
    "Bytes of these objects before and after.",
    "side",
    ({ events }) => [["before", events.compactedBytesBefore], ["after", events.compactedBytesAfter]],
  ),
  labelled(
    "counter",
    "klite_compaction_records_total",
    "Records in them before and after, where they are counted.",
    "side",
    ({ events }) => [["before", events.compactedRecordsBefore], ["after", events.compactedRecordsAfter]],
  ),
  single(
    "gauge",
    "klite_stored_snapshot_age_seconds",
    "Since a snapshot of the metadata was stored in the bucket; only once one was.",
    (scrape) =>
      scrape.events.snapshotStoredMs === 0 ? null : ageSeconds(scrape, scrape.events.snapshotStoredMs),
  ),
  single(
    "gauge",
    "klite_object_store_away",
    "1 while nothing can be stored.",
    ({ events }) => events.isStoreAway ? 1 : 0,
  ),
  labelled(
    "counter",
    "klite_object_store_requests_total",
    "Requests to the object store, by operation; retries of one request are not told apart.",
    "operation",
    operations(({ requests }) => requests),
  ),
  labelled(
    "counter",
    "klite_object_store_failures_total",
    "Those that failed; that there is no such object is no failure.",
    "operation",
    operations(({ failures }) => failures),
  ),
  labelled(
    "counter",
    "klite_object_store_seconds_total",
    "Time that they took together.",
    "operation",
    operations(({ seconds }) => seconds),
  ),
  single(
    "counter",
    "klite_object_store_sent_bytes_total",
    "Bytes put into the object store.",
    (scrape) => storeOf(scrape)?.sentBytes,
  ),
  single(
    "counter",
    "klite_object_store_received_bytes_total",
    "Bytes read from it.",
    (scrape) => storeOf(scrape)?.receivedBytes,
  ),
];

function storeOf({ serving }: Scrape): StoreFigures | null {
  return serving?.engine.tier.storeFigures ?? null;
}

function operations(value: (figures: StoreFigures["operations"]["get"]) => number) {
  return (scrape: Scrape): (readonly [string, number])[] => {
    const figures = storeOf(scrape);
    if (figures === null) return [];
    return STORE_OPERATIONS.map((name) => [name, value(figures.operations[name])] as const);
  };
}
