import type { Clock } from "../io/clock.ts";
import type { EventSink, KliteEvent } from "../io/events.ts";

/** What events tell in numbers: sums since the start, and when something happened last (wall clock; 0 for never). */
export class EventFigures {
  readonly counts = new Map<KliteEvent["type"], number>();
  flushedObjects = 0;
  flushedBytes = 0;
  flushSeconds = 0;
  deletedObjects = 0;
  unreadableOffsets = 0;
  compactedBytesBefore = 0;
  compactedBytesAfter = 0;
  compactedRecordsBefore = 0;
  compactedRecordsAfter = 0;
  snapshotSavedMs = 0;
  snapshotStoredMs = 0;
  isStoreAway = false;
  failedHandshakes = 0;
  /** 0 without TLS. */
  certificateExpiresMs = 0;

  /** Takes an event in, at the wall clock's `nowMs`. */
  note(event: KliteEvent, nowMs: number): void {
    this.counts.set(event.type, this.count(event.type) + 1);
    switch (event.type) {
      case "flush_done":
        this.flushedObjects += event.objects;
        this.flushedBytes += event.bytes;
        this.flushSeconds += event.durationMs / 1000;
        return;
      case "objects_deleted":
        this.deletedObjects += event.count;
        return;
      case "records_unreadable":
        this.unreadableOffsets += event.toOffset - event.fromOffset;
        return;
      case "compaction_done":
        this.compactedBytesBefore += event.bytesBefore;
        this.compactedBytesAfter += event.bytesAfter;
        this.compactedRecordsBefore += event.recordsBefore;
        this.compactedRecordsAfter += event.recordsAfter;
        return;
      case "snapshot_saved":
        this.snapshotSavedMs = nowMs;
        return;
      case "snapshot_stored":
        this.snapshotStoredMs = nowMs;
        return;
      case "store_away":
        this.isStoreAway = true;
        return;
      case "store_back":
        this.isStoreAway = false;
        return;
      case "tls_handshake_failed":
        // Of those that were left out, too.
        this.failedHandshakes += 1 + event.suppressed;
        return;
      case "certificate_loaded":
        this.certificateExpiresMs = event.expiresAtMs;
    }
  }

  /** How often an event has happened. */
  count(type: KliteEvent["type"]): number {
    return this.counts.get(type) ?? 0;
  }
}

/** Counts events on their way to `sink`. */
export function counting(sink: EventSink, figures: EventFigures, clock: Clock): EventSink {
  return (event) => {
    figures.note(event, clock.nowMs());
    sink(event);
  };
}
