import { KliteError } from "../../base/klite_error.ts";
import type { EventSink } from "../../io/events.ts";
import type { PartitionLog } from "../../log/mod.ts";
import type { ObjectJobs } from "../../objects/contract.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import { ENTRY_HEADER_BYTES, type LsnRange } from "../../wal/mod.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";
import { Pauses } from "../pauses.ts";
import type { Damage } from "./damage.ts";
import { isStoreTrouble } from "./store_watch.ts";

/** Read of a store or a disk at most: a tenth of what a slow one gives. */
const RATE_BYTES = 16 * 2 ** 20;
/** After each object or file it rests for so many times as long as that one took: others come first. */
const REST_FACTOR = 4;
const SHORTEST_REST_MS = 10;
/** Batches of the log that are handed over at a time, 32 bytes each. */
const PLACES_MAX = 50_000;

export interface ScrubParts {
  readonly engine: Pick<Engine, "clock" | "deadlines" | "logs" | "wal">;
  readonly jobs: Pick<ObjectJobs, "verifyLog">;
  readonly damage: Damage;
  readonly events: EventSink;
  checkSnapshots(): Promise<void>;
  readonly intervalMs: number;
}

/** A batch of the log that is to be read. */
interface LogPlace {
  readonly log: PartitionLog;
  readonly position: number;
  readonly lengthBytes: number;
  readonly baseOffset: number;
}

/**
 * Reads all that is kept, one thing at a time and slowly, to find damage before a consumer does: the snapshots, the
 * files of the log that are not in memory any more, and every object from end to end. What it finds is repaired where
 * that can be, and said ({@link Damage}).
 */
export class Scrub {
  readonly #parts: ScrubParts;
  readonly #next: Deadline;
  /** What is still to be looked at in this pass; `null` between two. */
  #segments: LsnRange[] | null = null;
  #logs: PartitionLog[] = [];
  /** Where it goes on in the last of the logs. */
  #offset = 0;
  #checked = { files: 0, objects: 0, damaged: 0 };
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  /** Begins to look, every `intervalMs`, until it is closed; never if that is 0. */
  constructor(parts: ScrubParts) {
    this.#parts = parts;
    this.#next = parts.engine.deadlines.create(() => this.#running = this.#step());
    if (parts.intervalMs > 0) this.#next.set(parts.intervalMs);
  }

  /** Begins nothing any more, and resolves when what is under way is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#next.clear();
    await this.#running;
  }

  /** Looks at one thing. */
  async #step(): Promise<void> {
    const { engine, events, intervalMs } = this.#parts;
    const sinceMs = engine.clock.monotonicMs();
    const isMore = await this.#tryOne();
    if (this.#closed) return;
    if (isMore) {
      const tookMs = engine.clock.monotonicMs() - sinceMs;
      this.#next.set(Math.max(SHORTEST_REST_MS, tookMs * REST_FACTOR));
      return;
    }
    const { files, objects } = this.#checked;
    if (files + objects > 0) events({ type: "scrub_done", ...this.#checked });
    this.#checked = { files: 0, objects: 0, damaged: 0 };
    this.#segments = null;
    this.#next.set(intervalMs);
  }

  /** Answers whether there is more to be looked at in this pass. */
  async #tryOne(): Promise<boolean> {
    try {
      return await this.#one();
    } catch (error) {
      const isGone = error instanceof KliteError && error.code === "NOT_FOUND";
      if (!isGone && !isStoreTrouble(error)) throw error;
      // A store that is away is no damage; the rest has its turn with the next pass.
      this.#logs.length = 0;
      return false;
    }
  }

  async #one(): Promise<boolean> {
    const { engine, damage } = this.#parts;
    if (this.#segments === null) {
      this.#segments = [...engine.wal.coldSegments()].reverse();
      this.#logs = Array.from(engine.logs).filter(({ objects }) => objects.count > 0);
      await this.#parts.checkSnapshots();
      return true;
    }
    const segment = this.#segments.pop();
    if (segment !== undefined) {
      await this.#checkSegment(segment);
      return true;
    }
    const found = this.#nextObject();
    if (found === null) return false;
    this.#checked.objects++;
    if (await damage.check(found.log, found.object, RATE_BYTES)) this.#checked.damaged++;
    return true;
  }

  #nextObject(): { readonly log: PartitionLog; readonly object: StoredObject } | null {
    for (let log = this.#logs.at(-1); log !== undefined; log = this.#logs.at(-1)) {
      const index = log.objects.indexOf(this.#offset);
      if (index < log.objects.count && this.#parts.engine.logs.find(log.stream) === log) {
        const object = log.objects.at(index);
        this.#offset = object.endOffset;
        return { log, object };
      }
      this.#logs.pop();
      this.#offset = 0;
    }
    return null;
  }

  /** Reads the batches in a file of the log, of all partitions, in the order in which they lie there. */
  async #checkSegment({ baseLsn }: LsnRange): Promise<void> {
    const { engine, jobs } = this.#parts;
    if (baseLsn < engine.wal.oldestLsn) return;
    const segment = engine.wal.hold(baseLsn);
    try {
      const places = await this.#placesIn(segment, (lsn) => segment.positionOf(lsn));
      this.#checked.files++;
      for (let from = 0; from < places.length && !this.#closed; from += PLACES_MAX) {
        const some = places.slice(from, from + PLACES_MAX);
        const rows = Float64Array.from(some.flatMap(numbersOf));
        const job = { file: segment.path, places: rows, readRateBytes: RATE_BYTES };
        for (const { row, problem } of await jobs.verifyLog(job)) {
          this.#checked.damaged++;
          await this.#logDamaged(some[row]!, `${segment.path}, byte ${some[row]!.position}: ${problem}`);
        }
      }
    } finally {
      segment.release();
    }
  }

  async #placesIn({ baseLsn, endLsn }: LsnRange, positionOf: (lsn: number) => number): Promise<LogPlace[]> {
    const { engine } = this.#parts;
    const pauses = new Pauses(engine.clock);
    const places: LogPlace[] = [];
    for (const log of Array.from(engine.logs)) {
      await pauses.next();
      const { batches } = log;
      for (let row = batches.rowOfLsn(baseLsn); row < batches.rows && batches.lsn(row) < endLsn; row++) {
        const position = positionOf(batches.lsn(row)) + ENTRY_HEADER_BYTES;
        places.push({
          ...{ log, position },
          lengthBytes: batches.lengthBytes(row),
          baseOffset: batches.baseOffset(row),
        });
      }
    }
    return places.sort((a, b) => a.position - b.position);
  }

  /** The log's batch is given up for the object's only when that is whole. */
  async #logDamaged({ log, baseOffset }: LogPlace, problem: string): Promise<void> {
    const { damage } = this.#parts;
    if (baseOffset < log.storedEnd && log.objects.count > 0) {
      const index = log.objects.indexOf(baseOffset);
      if (await damage.check(log, log.objects.at(index))) return;
    }
    damage.logDamaged(log, baseOffset, problem);
  }
}

/** A row of `VerifyLogJob.places`. */
function numbersOf({ log, position, lengthBytes, baseOffset }: LogPlace): number[] {
  return [position, lengthBytes, baseOffset, log.epochs.epochAt(baseOffset)];
}
