import type { EventSink } from "../io/events.ts";
import type { Engine, EngineParts } from "./engine.ts";
import {
  type BrokerSnapshot,
  SNAPSHOT_FORMAT,
  type SnapshotFile,
  type SnapshotStore,
} from "./snapshot_store.ts";

/**
 * Snapshots of the state on disk: when one is taken, and what the log can let go of because of them. A restart begins
 * with one, and needs the log from there on.
 */
export class Checkpoints {
  readonly #engine: Pick<Engine, "clock" | "state" | "logs" | "wal" | "isClosing" | "execute">;
  readonly #events: EventSink;
  readonly #snapshots: SnapshotStore;
  readonly #everyBytes: number;
  readonly #producerExpiryMs: number;
  /** What the log keeps of records that are stored, too, for those who read them soon. */
  readonly #cacheBytes: number;
  /** Of the newest snapshot, and of the newest one that was begun. */
  #savedLsn: number;
  #snapshotLsn: number;
  /** Below it the log is damaged somewhere. */
  #condemnedLsn = 0;
  #savingSnapshot: Promise<void> | null = null;

  constructor(
    engine: Pick<Engine, "clock" | "state" | "logs" | "wal" | "isClosing" | "execute">,
    parts: EngineParts,
  ) {
    this.#engine = engine;
    this.#events = parts.events;
    this.#snapshots = parts.snapshots;
    this.#savedLsn = this.#snapshotLsn = parts.snapshotLsn;
    this.#everyBytes = parts.snapshotEveryBytes;
    this.#producerExpiryMs = parts.producerExpiryMs;
    this.#cacheBytes = parts.tier.settings.logCacheBytes;
  }

  /** To be told how far the log is durable: now and then a snapshot is due. */
  noteDurable(lsn: number): void {
    const isDue = lsn - this.#snapshotLsn >= this.#everyBytes;
    if (isDue && this.#savingSnapshot === null && !this.#engine.isClosing) void this.#startSnapshot();
  }

  /** Sees to it that there is a snapshot of all that is in the log. That it cannot be written is an event. */
  async snapshot(): Promise<void> {
    await this.#savingSnapshot;
    if (this.#engine.wal.endLsn > this.#savedLsn) await this.#startSnapshot();
  }

  /** The newest snapshot on disk; `null` when there is none. */
  newestSnapshot(): SnapshotFile | null {
    const known = new Set(this.#snapshots.damaged);
    const newest = this.#snapshots.newestFile();
    for (const path of this.#snapshots.damaged) {
      if (!known.has(path)) this.#events({ type: "snapshot_damaged", path });
    }
    return newest;
  }

  /**
   * Lets go of what the log needs no more: all that a snapshot covers and that is stored or gone, but for the newest
   * part of what is stored, which is kept for readers.
   */
  async freeLog(): Promise<void> {
    const lsn = this.#engine.wal.endLsn;
    const oldest = this.#engine.logs.oldestLsns(lsn);
    // What is stored is known as such only once that is durable.
    await this.#engine.wal.whenDurable(lsn);
    this.#free(oldest);
  }

  /** Sees to it that the log below `lsn` is needed by none of the snapshots that a restart may begin with. */
  async coverLog(lsn: number): Promise<void> {
    await this.snapshot();
    if (this.#snapshots.oldestLsn() >= lsn) return;
    // There is one to fall back on, so it takes two; and each needs something new to tell of.
    await this.#engine.execute(
      (state) => ({ records: [{ type: "producer_ids_allocated", next: state.nextProducerId }] }),
      undefined,
      { urgency: "beyond_bound" },
    );
    await this.snapshot();
  }

  /**
   * Does without the log below `lsn` as far as it can: something there is damaged. Restarts replay nothing of it, and its
   * files go as soon as objects have all that is in them.
   */
  async condemnLog(lsn: number): Promise<void> {
    if (lsn <= this.#condemnedLsn) return;
    this.#condemnedLsn = lsn;
    await this.coverLog(lsn);
    await this.freeLog();
  }

  /** Looks whether the snapshots on disk are what was written; makes new ones for those that are not. */
  async checkSnapshots(): Promise<void> {
    await this.#savingSnapshot;
    const damaged = this.#snapshots.check();
    for (const path of damaged) this.#events({ type: "snapshot_damaged", path });
    if (damaged.length > 0) await this.coverLog(this.#engine.wal.endLsn);
  }

  #startSnapshot(): Promise<void> {
    return this.#savingSnapshot = this.#trySnapshot().finally(() => this.#savingSnapshot = null);
  }

  async #trySnapshot(): Promise<void> {
    try {
      await this.#saveSnapshot();
    } catch (error) {
      this.#events({ type: "snapshot_failed", error });
    }
  }

  #free({ neededLsn, heldLsn }: { readonly neededLsn: number; readonly heldLsn: number }): void {
    const before = this.#engine.wal.oldestLsn;
    const keptLsn = Math.max(heldLsn, this.#engine.wal.endLsn - this.#cacheBytes, this.#condemnedLsn);
    this.#engine.wal.free(Math.min(this.#snapshots.oldestLsn(), neededLsn, keptLsn));
    if (this.#engine.wal.oldestLsn > before) this.#engine.logs.dropFreed(this.#engine.wal.oldestLsn);
  }

  /** Takes the state as it is now, and writes it once the log up to here is durable. */
  async #saveSnapshot(): Promise<void> {
    const lsn = this.#engine.wal.endLsn;
    const changedExpiry = this.#engine.state.configs.brokerValue("producer.id.expiration.ms");
    const expireBefore = this.#engine.clock.nowMs() - Number(changedExpiry ?? this.#producerExpiryMs);
    const snapshot: BrokerSnapshot = {
      format: SNAPSHOT_FORMAT,
      lsn,
      cluster: this.#engine.state.snapshot(),
      logs: this.#engine.logs.snapshot(expireBefore),
    };
    // What is deleted from here on may come back with a crash until that, too, is durable.
    const oldest = this.#engine.logs.oldestLsns(lsn);
    // Counted from here even if saving fails: a full disk is asked again after as many bytes.
    this.#snapshotLsn = lsn;
    await this.#engine.wal.whenDurable(lsn);
    await this.#snapshots.save(
      snapshot,
      () => new Promise((resolve) => this.#engine.clock.setTimer(0, resolve)),
    );
    this.#savedLsn = lsn;
    this.#free(oldest);
    this.#events({ type: "snapshot_saved", lsn });
  }
}
