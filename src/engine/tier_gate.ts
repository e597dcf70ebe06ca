import { KliteError } from "../base/klite_error.ts";
import type { MetadataRecord } from "../cluster/mod.ts";
import type { EventSink } from "../io/events.ts";
import type { StoreFigures } from "../io/store_figures.ts";
import type { PartitionLog, StoredReader } from "../log/mod.ts";
import type { FindJob, ObjectJobs, ReadBatches, ReadJob } from "../objects/contract.ts";
import type { Deadline } from "./deadlines.ts";
import type { Engine } from "./engine.ts";
import type { DeadObjects } from "./partition_logs.ts";
import { loadTier } from "./tier/load.ts";
import type { Tier } from "./tier/tier.ts";

/** When records become objects, and how these are cleaned: what the operator decides. */
export interface TierSettings {
  /** Whether objects are what survives the loss of the disk: then records go there soon, else for lack of room only. */
  readonly isRemote: boolean;
  readonly flushIntervalMs: number;
  readonly flushCheckIntervalMs: number;
  readonly targetObjectBytes: number;
  /** The log's bound on disk; 0 for none. */
  readonly logBytesMax: number;
  /** What the log keeps of records that are stored, too, for those who read them soon. */
  readonly logCacheBytes: number;
  readonly retentionCheckIntervalMs: number;
  readonly compactionCheckIntervalMs: number;
  readonly compactionMinDirtyObjects: number;
  /** 0 for no limit. */
  readonly compactionReadRateBytes: number;
  /** 0 for never. */
  readonly scrubIntervalMs: number;
}

/** What the tier needs beyond the engine. */
export interface TierParts {
  readonly settings: TierSettings;
  readonly clusterId: string;
  /** What does the heavy work; whoever hands it in closes it, behind the engine. */
  openJobs(): Promise<ObjectJobs>;
  /** Whether this is the one broker that may change the cluster's objects now. */
  mayChangeObjects(): boolean;
  /** Asks the store whether it still is: then nothing that was seen there before is another broker's. */
  confirmLease(): Promise<boolean>;
}

/** Part of the log's bound at which records become objects, whatever their age. */
export const LOW_ROOM_SHARE = 0.75;

/**
 * What a broker has loaded of the object tier while that has nothing to do: who has records that are in no object, and
 * whether it is time. Costs a few numbers for each commit, and one timer.
 */
export class TierGate implements StoredReader {
  /** Partitions with records that only the log has. It may name some that were stored since. */
  readonly unstored = new Set<PartitionLog>();
  readonly #engine: Engine;
  readonly #parts: TierParts;
  readonly #events: EventSink;
  readonly #firstLook: Deadline;
  /** What a partition gathers before it is looked at. */
  readonly #flushBytes: number;
  /** What the log takes before it is looked at. */
  readonly #lowBytes: number;
  #opening: Promise<Tier> | null = null;
  #tier: Tier | null = null;
  #mayStillPut = false;

  constructor(engine: Engine, parts: TierParts, events: EventSink) {
    this.#engine = engine;
    this.#parts = parts;
    this.#events = events;
    const { isRemote, targetObjectBytes, logBytesMax } = parts.settings;
    this.#flushBytes = isRemote ? targetObjectBytes : Infinity;
    this.#lowBytes = logBytesMax === 0 ? Infinity : logBytesMax * LOW_ROOM_SHARE;
    this.#firstLook = engine.deadlines.create(() => this.#lookForRecords());
  }

  /** Begins; to be called once clients are served. */
  start(): void {
    for (const log of this.#engine.logs) if (log.unstoredBytes > 0) this.unstored.add(log);
    const { isRemote, scrubIntervalMs } = this.#parts.settings;
    if (isRemote || scrubIntervalMs > 0 || this.#engine.logs.haveObjects) this.#openSoon();
    else this.#firstLook.set(this.#parts.settings.retentionCheckIntervalMs);
    // A log that is full takes nothing whose commit would have it looked at.
    this.committed();
  }

  /** To be called for each batch that has become durable. */
  visible(log: PartitionLog): void {
    this.unstored.add(log);
    if (log.unstoredBytes < this.#flushBytes) return;
    if (this.#tier !== null) this.#tier.flusher.enough(log);
    else this.#openSoon();
  }

  /** To be called with each commit of the log. */
  committed(): void {
    if (this.#engine.wal.liveBytes >= this.#lowBytes) this.#look();
  }

  /** To be called with each record that has ended the life of objects; it ends at `lsn` in the log. */
  died(record: MetadataRecord, dead: readonly DeadObjects[], lsn: number): void {
    if (this.#tier !== null) this.#tier.dead.died(record, dead, lsn);
    else void this.open().then((tier) => tier.dead.died(record, dead, lsn));
  }

  /** The tier, loaded when first asked for. */
  open(): Promise<Tier> {
    return this.#opening ??= this.#load();
  }

  async read(job: ReadJob): Promise<ReadBatches> {
    return await this.#watched(job, (jobs) => jobs.read(job));
  }

  async find(job: FindJob): Promise<Uint8Array<ArrayBuffer> | null> {
    return await this.#watched(job, (jobs) => jobs.find(job));
  }

  logDamaged(log: PartitionLog, offset: number, { message }: KliteError): void {
    if (!this.#engine.isClosing) {
      void this.open().then((tier) => tier.damage.logDamaged(log, offset, message));
    }
  }

  /** What has been asked of the object store; `null` while there was nothing to ask. */
  get storeFigures(): StoreFigures | null {
    return this.#tier?.jobs.storeFigures ?? null;
  }

  /** What is not as it should be although clients are served, in words. */
  troubles(): readonly string[] {
    return this.#tier?.troubles() ?? [];
  }

  /** What a stop needs to be over in time: all records in objects, where these survive the disk. */
  async flushAll(): Promise<void> {
    if (this.#parts.settings.isRemote) await (await this.open()).flushAll();
  }

  /** Ends what is under way and begins nothing any more. */
  async close(): Promise<void> {
    this.#firstLook.clear();
    const tier = await this.#opening;
    if (tier !== null) this.#mayStillPut = !await tier.close();
  }

  /** Whether, although all is closed, metadata may still arrive at the store: then nobody else may have the cluster yet. */
  get mayStillPut(): boolean {
    return this.#mayStillPut;
  }

  /** Whether there is anything to be cleaned; while nothing was ever written there is not. */
  #lookForRecords(): void {
    if (this.unstored.size > 0) this.#openSoon();
    else this.#firstLook.set(this.#parts.settings.retentionCheckIntervalMs);
  }

  #look(): void {
    if (this.#tier !== null) this.#tier.flusher.look();
    else this.#openSoon();
  }

  /** Whoever is opened looks for itself. A failure to load is nobody's to handle: it ends the process. */
  #openSoon(): void {
    if (!this.#engine.isClosing) void this.open();
  }

  /** A read of an object; one that does not read back is looked at. */
  async #watched<T>(
    { partition, object }: Pick<ReadJob, "partition" | "object">,
    use: (jobs: ObjectJobs) => Promise<T>,
  ): Promise<T> {
    const tier = await this.open();
    try {
      return await use(tier.jobs);
    } catch (error) {
      const isBad = error instanceof KliteError &&
        (error.code === "DATA_DAMAGED" || error.code === "NOT_FOUND");
      if (isBad) tier.suspect(partition, object);
      throw error;
    }
  }

  async #load(): Promise<Tier> {
    const [{ Tier }, jobs] = await Promise.all([loadTier(), this.#parts.openJobs()]);
    return this.#tier = new Tier(this.#engine, jobs, this.#parts, this.#events);
  }
}
