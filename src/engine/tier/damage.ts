import { KliteError } from "../../base/klite_error.ts";
import type { EventSink } from "../../io/events.ts";
import { leaveToObjects, type PartitionLog } from "../../log/mod.ts";
import type { ObjectJobs } from "../../objects/contract.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";
import { planRepair } from "./flush_plan.ts";
import { isStoreTrouble } from "./store_watch.ts";

/** What could not be looked at, or not be repaired, for the store's sake is tried again after so long. */
const RETRY_MS = 60_000;
/** Places named for whoever asks how the broker is. */
const NAMED_MAX = 3;

export interface DamageParts {
  readonly engine: Pick<Engine, "clock" | "deadlines" | "logs" | "wal" | "checkpoints">;
  readonly jobs: Pick<ObjectJobs, "verify" | "repair">;
  readonly events: EventSink;
  /** Whether this is the one broker that may change the cluster's objects now. */
  mayChangeObjects(): boolean;
}

/** Records that no tier has whole. */
interface Unreadable {
  readonly log: PartitionLog;
  /** `null` when they are in the log alone. */
  readonly object: StoredObject | null;
  readonly fromOffset: number;
  readonly toOffset: number;
}

/**
 * What is done about damage, whoever has found it: a read, the scrub or compaction.
 *
 * - **An object**: if the log still has its batches, it is made again, with the very bytes that it had, in its own place.
 *   So neither readers nor the metadata notice, a crash leaves the old or the new one, and the condition of the put
 *   sees to it that nothing else is written over. A new object under another name would need a record, and a restore
 *   from a snapshot that does not know it would take the damaged one. What compaction has cleaned is not in the log any
 *   more as it was.
 * - **The log**: what is in objects, too, is left to these; no restart replays that part of the log, and its file goes
 *   as soon as nothing else needs it.
 * - **What neither has** is named once, and counted until it is gone or, put back by somebody, found whole again.
 */
export class Damage {
  readonly #parts: DamageParts;
  readonly #retry: Deadline;
  /** Objects that are to be looked at, by partition and name. */
  readonly #suspects = new Map<string, { readonly log: PartitionLog; readonly object: StoredObject }>();
  readonly #unreadable = new Map<string, Unreadable>();
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #condemning: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: DamageParts) {
    this.#parts = parts;
    this.#retry = parts.engine.deadlines.create(() => this.#run());
  }

  /** Whether the object is known to be damaged for good. */
  isBeyondRepair(log: PartitionLog, object: StoredObject): boolean {
    return this.#unreadable.has(nameOf(log, object));
  }

  /** To be told that an object has met a read as one that is damaged or missing. It is looked at by and by. */
  suspect(log: PartitionLog, object: StoredObject): void {
    const name = nameOf(log, object);
    if (this.#closed || this.#unreadable.has(name)) return;
    this.#suspects.set(name, { log, object });
    this.#run();
  }

  /**
   * Reads an object from end to end, and does what can be done if it is damaged. Answers whether it was.
   * @throws KliteError the store's, when it cannot be looked at.
   */
  async check(log: PartitionLog, object: StoredObject, readRateBytes?: number): Promise<boolean> {
    const problem = await this.#verify(log, object, readRateBytes);
    const name = nameOf(log, object);
    if (problem === null || !this.#isLive(log, object)) {
      this.#unreadable.delete(name);
      return false;
    }
    const isNew = !this.#unreadable.has(name);
    const place = { ...placeOf(log), fromOffset: object.baseOffset, toOffset: object.endOffset };
    if (isNew) this.#parts.events({ type: "object_damaged", ...place, problem });
    if (await this.#repair(log, object)) {
      this.#unreadable.delete(name);
      this.#parts.events({ type: "object_repaired", ...place });
    } else if (isNew && this.#isLive(log, object)) {
      this.#noteUnreadable(name, { log, object, ...place });
    }
    return true;
  }

  /** To be told of a damaged batch of the log, once it is known whether objects have it whole. */
  logDamaged(log: PartitionLog, offset: number, problem: string): void {
    const { batches } = log;
    const row = batches.rowOf(offset);
    if (this.#closed || row === batches.rows || batches.baseOffset(row) > offset) return;
    const lsn = batches.lsn(row);
    const range = { fromOffset: batches.baseOffset(row), toOffset: batches.lastOffset(row) + 1 };
    const hasOther = leaveToObjects(log, offset);
    const name = `${log.stream}@${lsn}`;
    if (this.#unreadable.has(name)) return;
    this.#parts.events({ type: "log_damaged", ...placeOf(log), ...range, hasOther, problem });
    if (hasOther) this.#condemning = this.#condemning.then(() => this.#condemn(lsn));
    else this.#noteUnreadable(name, { log, object: null, ...range });
  }

  /** What cannot be read any more, in words. */
  troubles(): string[] {
    for (const [name, { log, object, toOffset }] of this.#unreadable) {
      const isGone = object === null
        ? !this.#isThere(log) || toOffset <= log.logStartOffset
        : !this.#isLive(log, object);
      if (isGone) this.#unreadable.delete(name);
    }
    if (this.#unreadable.size === 0) return [];
    const named = this.#unreadable.values().take(NAMED_MAX).map(({ log, fromOffset, toOffset }) => {
      const { topic, partition } = placeOf(log);
      return `${topic}-${partition} from ${fromOffset} to ${toOffset - 1}`;
    });
    return [`${this.#unreadable.size} places with records are damaged: ${named.toArray().join(", ")}`];
  }

  /** Begins nothing any more, and resolves when what is under way is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retry.clear();
    await Promise.all([this.#running, this.#condemning]);
  }

  #run(): void {
    if (this.#isRunning || this.#closed) return;
    this.#isRunning = true;
    this.#running = this.#checkSuspects().finally(() => this.#isRunning = false);
  }

  async #checkSuspects(): Promise<void> {
    for (const [name, { log, object }] of this.#suspects) {
      if (this.#closed) return;
      try {
        await this.check(log, object);
        this.#suspects.delete(name);
      } catch (error) {
        if (!isStoreTrouble(error)) throw error;
        if (!this.#closed) this.#retry.set(RETRY_MS);
        return;
      }
    }
  }

  #verify(log: PartitionLog, object: StoredObject, readRateBytes?: number): Promise<string | null> {
    const job = { partition: log.place, object };
    return this.#parts.jobs.verify(readRateBytes === undefined ? job : { ...job, readRateBytes });
  }

  /** Answers whether the object is whole again. */
  async #repair(log: PartitionLog, object: StoredObject): Promise<boolean> {
    const { engine, jobs } = this.#parts;
    if (object.isClean || this.#closed || !this.#parts.mayChangeObjects()) return false;
    const plan = planRepair(log, engine.wal, object);
    if (plan === null) return false;
    try {
      return await jobs.repair({ object, source: plan.job }) && await this.#verify(log, object) === null;
    } catch (error) {
      const isHopeless = error instanceof KliteError &&
        (error.code === "DATA_DAMAGED" || error.code === "CONFLICT");
      if (isHopeless) return false;
      throw error;
    } finally {
      plan.release();
    }
  }

  async #condemn(lsn: number): Promise<void> {
    const { engine } = this.#parts;
    const held = engine.wal.coldSegments().find(({ baseLsn, endLsn }) => lsn >= baseLsn && lsn < endLsn);
    if (held !== undefined && !this.#closed) await engine.checkpoints.condemnLog(held.endLsn);
  }

  #noteUnreadable(name: string, place: Unreadable): void {
    const { log, fromOffset, toOffset } = place;
    this.#unreadable.set(name, place);
    this.#parts.events({ type: "records_unreadable", ...placeOf(log), fromOffset, toOffset });
  }

  #isThere(log: PartitionLog): boolean {
    return this.#parts.engine.logs.find(log.stream) === log;
  }

  /** It may have been replaced or dropped while it was read. */
  #isLive(log: PartitionLog, { baseOffset, generation }: StoredObject): boolean {
    const { objects } = log;
    const index = objects.indexOf(baseOffset);
    if (index === objects.count || !this.#isThere(log)) return false;
    const now = objects.at(index);
    return now.baseOffset === baseOffset && now.generation === generation;
  }
}

function placeOf(log: PartitionLog): { readonly topic: string; readonly partition: number } {
  const { topicName, index } = log.place;
  return { topic: topicName, partition: index };
}

function nameOf({ stream }: PartitionLog, { baseOffset, generation }: StoredObject): string {
  return `${stream}/${baseOffset}-${generation}`;
}
