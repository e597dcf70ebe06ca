import { KliteError } from "../../base/klite_error.ts";
import type { EventSink } from "../../io/events.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import { metaFolder, parseSnapshotName, snapshotKey } from "../../objects/object_keys.ts";
import type { Engine } from "../engine.ts";
import { assertLease } from "./store_watch.ts";
import { isWholeSnapshot } from "../snapshot_store.ts";

/** The newest, and two to fall back on. */
const SNAPSHOTS_KEPT = 3;
/** So long the end waits for one that is on its way. */
const CLOSE_MS = 15_000;

export interface StoredSnapshotsParts {
  readonly engine: Engine;
  readonly store: ObjectStore;
  readonly clusterId: string;
  readonly events: EventSink;
  confirmLease(): Promise<boolean>;
}

/**
 * Snapshots of the metadata in the object store, the same bytes as those in the data directory: with the objects they
 * bring a cluster back whose disk is lost. So no object is put of a topic that none of them knows, and none behind a gap
 * that none of them knows: records that were deleted before they were stored are not taken for lost ones.
 */
export class StoredSnapshots {
  readonly #engine: Engine;
  readonly #store: ObjectStore;
  readonly #clusterId: string;
  readonly #events: EventSink;
  readonly #confirmLease: () => Promise<boolean>;
  /** Of all that are stored, ascending; `null` until they have been listed. */
  #lsns: number[] | null = null;
  /** What the newest one knows: the topics, the gaps between objects, and all that is below this in the log. */
  #topicsVersion = -1;
  #skips = -1;
  #lsn = 0;
  #storedMs = -Infinity;
  #uploading: Promise<void> = Promise.resolve();
  #closed = false;

  constructor({ engine, store, clusterId, events, confirmLease }: StoredSnapshotsParts) {
    this.#engine = engine;
    this.#store = store;
    this.#clusterId = clusterId;
    this.#events = events;
    this.#confirmLease = confirmLease;
  }

  /** Whether there are topics that no stored snapshot knows. */
  get lacksTopics(): boolean {
    return this.#topicsVersion !== this.#engine.state.topicsVersion;
  }

  /** A restore from here knows all that is below it in the log; 0 until one is stored. */
  get storedLsn(): number {
    return this.#lsn;
  }

  /** Whether objects may have gaps between them that no stored snapshot knows to be meant. */
  get lacksGaps(): boolean {
    return this.#skips !== this.#engine.logs.skips;
  }

  /** Whether something has changed that no stored snapshot knows, and none was stored for so long. */
  isDue(intervalMs: number): boolean {
    return this.#engine.wal.endLsn > this.#lsn &&
      this.#engine.clock.monotonicMs() - this.#storedMs >= intervalMs;
  }

  /**
   * Stores the metadata as it is now. That there is no snapshot to be had is an event.
   * @throws KliteError of the store; STORE_UNAVAILABLE without the lease.
   */
  upload(): Promise<void> {
    // One after the other: a round of flushes and a sweep may want it at once.
    const uploading = this.#uploading.then(() => this.#upload());
    const done = (): void => {};
    this.#uploading = uploading.then(done, done);
    return uploading;
  }

  /**
   * Stores the metadata: all that it says now survives the loss of the disk.
   * @throws KliteError of the store; STORE_UNAVAILABLE also while there is no snapshot to be had.
   */
  async cover(): Promise<void> {
    const { endLsn } = this.#engine.wal;
    await this.upload();
    if (this.#lsn >= endLsn) return;
    throw new KliteError("STORE_UNAVAILABLE", "there is no snapshot to be stored", { retriable: true });
  }

  /** Begins nothing more, and waits, not for long, for what is on its way to the store. Answers whether none is left. */
  async close(): Promise<boolean> {
    this.#closed = true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#engine.clock.setTimer(CLOSE_MS, () => resolve(false));
    try {
      return await Promise.race([this.#uploading.then(() => true), promise]);
    } finally {
      timer.cancel();
    }
  }

  async #upload(): Promise<void> {
    const { topicsVersion } = this.#engine.state;
    const { skips } = this.#engine.logs;
    const { endLsn } = this.#engine.wal;
    await this.#engine.checkpoints.snapshot();
    const newest = this.#engine.checkpoints.newestSnapshot();
    if (newest === null) return;
    const lsns = this.#lsns ??= await this.#list();
    // Another broker's metadata must not be taken for older than this; and a machine that was suspended has a clock that
    // does not tell it for how long.
    assertLease(!this.#closed && await this.#confirmLease());
    if (!lsns.includes(newest.lsn)) {
      await this.#store.put(snapshotKey(this.#clusterId, newest.lsn), newest.bytes);
      lsns.push(newest.lsn);
      this.#events({ type: "snapshot_stored", lsn: newest.lsn, bytes: newest.bytes.length });
    }
    this.#storedMs = this.#engine.clock.monotonicMs();
    this.#lsn = newest.lsn;
    if (newest.lsn >= endLsn) {
      this.#topicsVersion = topicsVersion;
      this.#skips = skips;
    }
    const outdated = lsns.slice(0, -SNAPSHOTS_KEPT);
    if (outdated.length === 0) return;
    await this.#store.delete(outdated.map((lsn) => snapshotKey(this.#clusterId, lsn)));
    lsns.splice(0, outdated.length);
  }

  /** Reads those that are stored; stores the metadata anew when one is not what was put. @throws KliteError of the store. */
  async check(): Promise<void> {
    const lsns = this.#lsns ??= await this.#list();
    const damaged: number[] = [];
    for (const lsn of [...lsns]) {
      const key = snapshotKey(this.#clusterId, lsn);
      // It may have been outdated meanwhile.
      if (await this.#isWhole(key) || !lsns.includes(lsn)) continue;
      this.#events({ type: "stored_snapshot_damaged", key });
      damaged.push(lsn);
    }
    if (damaged.length === 0) return;
    for (const lsn of damaged) lsns.splice(lsns.indexOf(lsn), 1);
    await this.upload();
    // Nobody can make use of them, but that they are there keeps others from being kept.
    const left = damaged.filter((lsn) => !lsns.includes(lsn));
    await this.#store.delete(left.map((lsn) => snapshotKey(this.#clusterId, lsn)));
  }

  async #isWhole(key: string): Promise<boolean> {
    try {
      return isWholeSnapshot((await this.#store.get(key)).bytes);
    } catch (error) {
      if (error instanceof KliteError && error.code === "NOT_FOUND") return false;
      throw error;
    }
  }

  async #list(): Promise<number[]> {
    const folder = metaFolder(this.#clusterId);
    const lsns: number[] = [];
    for await (const page of this.#store.list(folder)) {
      for (const { key } of page) {
        const lsn = parseSnapshotName(key.slice(folder.length));
        if (lsn !== null) lsns.push(lsn);
      }
    }
    return lsns.sort((a, b) => a - b);
  }
}
