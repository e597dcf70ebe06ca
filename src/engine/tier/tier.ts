import type { EventSink } from "../../io/events.ts";
import type { PartitionLog } from "../../log/mod.ts";
import type { ObjectJobs, PartitionPlace } from "../../objects/contract.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import type { Engine } from "../engine.ts";
import type { TierParts } from "../tier_gate.ts";
import { Compaction } from "./compaction.ts";
import { Damage } from "./damage.ts";
import { DeadObjectQueue } from "./dead_objects.ts";
import { Flusher } from "./flusher.ts";
import { LogRoom } from "./log_room.ts";
import { OrphanSweep } from "./orphan_sweep.ts";
import { Retention } from "./retention.ts";
import { Scrub } from "./scrub.ts";
import { isStoreTrouble, StoreWatch } from "./store_watch.ts";
import { StoredSnapshots } from "./stored_snapshots.ts";

/** So long a stop waits for the last records to be stored. What is left is in the data directory. */
const FLUSH_ALL_MS = 120_000;
/** How often a stop says how far it is. */
const PROGRESS_MS = 1000;

/** The object tier of a broker, put together; it begins to work with that. */
export class Tier {
  readonly jobs: ObjectJobs;
  readonly dead: DeadObjectQueue;
  readonly damage: Damage;
  readonly flusher: Flusher;
  readonly #engine: Engine;
  readonly #events: EventSink;
  readonly #room: LogRoom;
  readonly #store: StoreWatch;
  readonly #snapshots: StoredSnapshots | null;
  readonly #sweep: OrphanSweep;
  readonly #compaction: Compaction;
  readonly #scrub: Scrub;

  constructor(engine: Engine, jobs: ObjectJobs, parts: TierParts, events: EventSink) {
    const { settings, clusterId } = parts;
    const { clock, deadlines } = engine;
    const mayChangeObjects = () => parts.mayChangeObjects();
    const confirmLease = () => parts.confirmLease();
    const world = { events, clusterId, store: jobs.store, mayChangeObjects };
    this.jobs = jobs;
    this.#engine = engine;
    this.#events = events;
    this.#room = new LogRoom(engine, settings, events);
    this.#store = new StoreWatch(clock, events);
    this.#snapshots = settings.isRemote ? new StoredSnapshots({ ...world, engine, confirmLease }) : null;
    this.dead = new DeadObjectQueue({ ...world, clock, deadlines, settledLsn: () => this.#settledLsn });
    const isStoring = (log: PartitionLog) => this.flusher.isStoring(log);
    this.#sweep = new OrphanSweep({
      ...world,
      engine,
      dead: this.dead,
      settled: () => this.#settled(),
      isStoring,
    });
    new Retention(engine, { intervalMs: settings.retentionCheckIntervalMs });
    this.damage = new Damage({ engine, jobs, events, mayChangeObjects });
    const { damage } = this;
    this.#compaction = new Compaction({ engine, jobs, events, settings, damage, mayChangeObjects });
    const checkSnapshots = async () => {
      await engine.checkpoints.checkSnapshots();
      if (mayChangeObjects()) await this.#snapshots?.check();
    };
    const { scrubIntervalMs: intervalMs } = settings;
    this.#scrub = new Scrub({ engine, jobs, events, damage, checkSnapshots, intervalMs });
    this.flusher = new Flusher({
      engine,
      jobs,
      settings,
      events,
      room: this.#room,
      snapshots: this.#snapshots,
      store: this.#store,
      clusterId,
      mayChangeObjects,
      confirmLease,
    });
  }

  troubles(): readonly string[] {
    const parts = [this.#room, this.#store, this.flusher, this.damage];
    return parts.flatMap((part) => part.troubles());
  }

  /** To be told of an object that did not read back. */
  suspect({ topicId, index }: PartitionPlace, object: StoredObject): void {
    const partition = this.#engine.state.topicById(topicId)?.partitions[index];
    if (partition !== undefined) this.damage.suspect(this.#engine.log(partition), object);
  }

  /** Stores all that is in no object, and the metadata, within two minutes; says how far it is, and what is left. */
  async flushAll(): Promise<void> {
    const { clock } = this.#engine;
    const untilMs = clock.monotonicMs() + FLUSH_ALL_MS;
    const isOver = Promise.withResolvers<boolean>();
    const over = clock.setTimer(FLUSH_ALL_MS, () => isOver.resolve(false));
    let progress = clock.setTimer(PROGRESS_MS, () => sayProgress());
    const sayProgress = () => {
      this.#events({ type: "flush_progress", ...this.#unstored() });
      progress = clock.setTimer(PROGRESS_MS, sayProgress);
    };
    try {
      if (await Promise.race([this.#storeAll(untilMs), isOver.promise])) return;
      this.#events({ type: "flush_incomplete", ...this.#unstored() });
    } finally {
      over.cancel();
      progress.cancel();
    }
  }

  /** Ends what is under way. Answers whether no metadata is on its way to the store any more. */
  async close(): Promise<boolean> {
    this.dead.close();
    this.#sweep.close();
    this.#compaction.close();
    await Promise.all([this.#scrub.close(), this.damage.close(), this.flusher.close()]);
    return await this.#snapshots?.close() ?? true;
  }

  /** Metadata below it in the log survives whatever the objects survive. */
  get #settledLsn(): number {
    return Math.min(this.#engine.wal.durableLsn, this.#snapshots?.storedLsn ?? Infinity);
  }

  async #settled(): Promise<void> {
    const lsn = this.#engine.wal.endLsn;
    await this.#engine.wal.whenDurable(lsn);
    if (this.#settledLsn < lsn) await this.#snapshots?.cover();
  }

  async #storeAll(untilMs: number): Promise<boolean> {
    if (!await this.flusher.flushAll(untilMs)) return false;
    try {
      await this.#snapshots?.upload();
      return this.#unstored().partitions === 0;
    } catch (error) {
      if (!isStoreTrouble(error)) throw error;
      this.#store.failed(error);
      return false;
    }
  }

  #unstored(): { readonly partitions: number; readonly bytes: number } {
    const unstored = this.#engine.tier.unstored.values().filter((log) => log.unstoredBytes > 0).toArray();
    return { partitions: unstored.length, bytes: unstored.reduce((sum, log) => sum + log.unstoredBytes, 0) };
  }
}
