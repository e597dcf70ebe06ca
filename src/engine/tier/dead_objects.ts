import { KliteError } from "../../base/klite_error.ts";
import type { MetadataRecord } from "../../cluster/mod.ts";
import type { Clock } from "../../io/clock.ts";
import type { EventSink } from "../../io/events.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import { objectKey, topicFolder } from "../../objects/object_keys.ts";
import type { Deadline, Deadlines } from "../deadlines.ts";
import type { DeadObjects } from "../partition_logs.ts";

/**
 * How long an object outlives its death. A fetch that was planned before may still be waiting for its turn to read, and
 * a client gives up on a fetch after 30 s by default; Kafka keeps deleted segments for as long (`file.delete.delay.ms`).
 */
export const DELETE_DELAY_MS = 60_000;
/** Objects and topics that may wait, some 200 bytes each; the orphan sweep finds what had no room. */
const WAITING_MAX = 20_000;
/** What S3 deletes in one call. */
const KEYS_PER_CALL = 1000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 5 * 60_000;

/** What {@link DeadObjectQueue} needs of the world. */
export interface DeadObjectParts {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly events: EventSink;
  /**
   * Deaths whose records end at or below it in the log cannot be undone: neither a crash nor the loss of the disk gives
   * back metadata that names what has died.
   */
  settledLsn(): number;
  readonly store: Pick<ObjectStore, "delete" | "list">;
  readonly clusterId: string;
  /** Whether this is the one broker that may change the cluster's objects now: nobody else has taken its lease. */
  mayChangeObjects(): boolean;
}

interface Waiting {
  /** The record that says that it is dead ends there in the log. */
  readonly lsn: number;
  /** By the monotonic clock. */
  readonly dueMs: number;
}

/**
 * Deletes objects that nobody needs any more from the store: those below a moved log start, those that compaction
 * has replaced, those of deleted topics.
 *
 * An object is deleted no sooner than the record of its death is durable, and in a snapshot beside the objects where
 * these outlive the disk: or a crash, or a restore, could bring back metadata that names it. No name is given twice,
 * so a delete that takes effect late, even after its time-out, meets nobody else's object (`orphan_sweep.ts` says why).
 * What waits is in memory only: a crash leaves orphans to the sweep.
 */
export class DeadObjectQueue {
  readonly #parts: DeadObjectParts;
  readonly #next: Deadline;
  /** Keys, and folders (which end with `/`), in the order in which they died. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #maxWaiting: number;
  #backoffMs = 0;
  #isDeleting = false;
  #closed = false;

  constructor(parts: DeadObjectParts, options: { readonly maxWaiting?: number } = {}) {
    this.#parts = parts;
    this.#maxWaiting = options.maxWaiting ?? WAITING_MAX;
    this.#next = parts.deadlines.create(() => void this.#step());
  }

  /** Objects and folders that are still to be deleted. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether the object, or the folder, is going to be deleted from here, in its time. */
  holds(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** To be called with each record that has ended the life of objects; it ends at `lsn` in the log. */
  died(record: MetadataRecord, dead: readonly DeadObjects[], lsn: number): void {
    const { clusterId } = this.#parts;
    for (const { partition, objects } of dead) {
      if (record.type === "topic_deleted") {
        this.#add(topicFolder(clusterId, partition.topicName, partition.topicId), lsn);
      } else {
        for (const object of objects) this.#add(objectKey(clusterId, partition, object), lsn);
      }
    }
  }

  /** Begins nothing any more. */
  close(): void {
    this.#closed = true;
    this.#next.clear();
  }

  #add(key: string, lsn: number): void {
    if (this.#closed || this.#waiting.has(key) || this.#waiting.size >= this.#maxWaiting) return;
    this.#waiting.set(key, { lsn, dueMs: this.#parts.clock.monotonicMs() + DELETE_DELAY_MS });
    if (this.#waiting.size === 1) this.#next.set(DELETE_DELAY_MS);
  }

  async #step(): Promise<void> {
    if (this.#isDeleting) return;
    this.#isDeleting = true;
    try {
      await this.#deleteDue();
      this.#backoffMs = 0;
    } catch (error) {
      if (!(error instanceof KliteError)) throw error;
      this.#backoffMs = Math.min(LONGEST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, this.#backoffMs * 2));
      this.#parts.events({
        type: "objects_not_deleted",
        waiting: this.#waiting.size,
        error,
        retryInMs: this.#backoffMs,
      });
    } finally {
      this.#isDeleting = false;
    }
    const [first] = this.#waiting.values();
    if (first === undefined || this.#closed) return;
    // What is due and was left is not settled yet, or not this broker's to delete for now.
    const inMs = Math.max(FIRST_BACKOFF_MS, this.#backoffMs, first.dueMs - this.#parts.clock.monotonicMs());
    this.#next.set(inMs);
  }

  async #deleteDue(): Promise<void> {
    for (;;) {
      const due = this.#due();
      if (due.length === 0) return;
      const folder = due.find((key) => key.endsWith("/"));
      if (folder === undefined) await this.#delete(due);
      else {
        for await (const page of this.#parts.store.list(folder)) {
          if (!this.#mayDelete()) return;
          await this.#delete(page.map(({ key }) => key));
        }
        this.#waiting.delete(folder);
      }
    }
  }

  async #delete(keys: readonly string[]): Promise<void> {
    await this.#parts.store.delete(keys);
    for (const key of keys) this.#waiting.delete(key);
    if (keys.length > 0) this.#parts.events({ type: "objects_deleted", count: keys.length });
  }

  /** The first keys that may go now, or one folder. */
  #due(): readonly string[] {
    if (!this.#mayDelete()) return [];
    const nowMs = this.#parts.clock.monotonicMs();
    const settledLsn = this.#parts.settledLsn();
    const due: string[] = [];
    for (const [key, { lsn, dueMs }] of this.#waiting) {
      if (dueMs > nowMs || lsn > settledLsn || due.length === KEYS_PER_CALL) break;
      if (key.endsWith("/")) return due.length > 0 ? due : [key];
      due.push(key);
    }
    return due;
  }

  #mayDelete(): boolean {
    return !this.#closed && this.#parts.mayChangeObjects();
  }
}
