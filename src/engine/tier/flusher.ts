import { ErrorCode } from "../../base/error_codes.ts";
import { KliteError } from "../../base/klite_error.ts";
import type { EventSink } from "../../io/events.ts";
import type { PartitionLog } from "../../log/mod.ts";
import type { ObjectJobs, StoreJob } from "../../objects/contract.ts";
import { objectKey } from "../../objects/object_keys.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";
import type { TierSettings } from "../tier_gate.ts";
import { type FlushPlan, planObject } from "./flush_plan.ts";
import type { LogRoom } from "./log_room.ts";
import { assertLease, isStoreTrouble, type StoreWatch } from "./store_watch.ts";
import type { StoredSnapshots } from "./stored_snapshots.ts";

/** Objects stored at a time: enough to fill a line on which a put takes its time to be answered. */
const STORES_MAX = 8;
/** Bytes of objects stored at a time; a larger one is stored alone. */
const STORE_BYTES_MAX = 128 * 2 ** 20;
/** Part of its interval that a partition must have waited to go along with others: rounds are fewer, and not much earlier. */
const NEARLY_OLD = 0.75;
/** A partition whose records cannot be read is tried again after so long. */
const TROUBLE_MS = 60_000;
/** Troubled partitions named for whoever asks how the broker is. */
const NAMED_MAX = 3;
/** A log that is low on room, and has nothing that could be done about it now, is looked at again after so long. */
const STUCK_MS = 1000;

export interface FlusherParts {
  readonly engine: Engine;
  readonly jobs: ObjectJobs;
  readonly settings: TierSettings;
  readonly events: EventSink;
  readonly room: LogRoom;
  /** `null` when objects do not outlive the data directory. */
  readonly snapshots: StoredSnapshots | null;
  readonly store: StoreWatch;
  readonly clusterId: string;
  mayChangeObjects(): boolean;
  confirmLease(): Promise<boolean>;
}

/** A partition's turn in a round. */
interface Turn {
  readonly log: PartitionLog;
  /** Where its first record is that is in no object. */
  readonly lsn: number;
  /** Only objects of the full size are made. */
  readonly onlyFull: boolean;
}

/** What became of a round. */
interface Round {
  readonly turns: Turn[];
  objects: number;
  bytes: number;
  /** What ended it early. */
  trouble: KliteError | null;
  stopped: boolean;
}

/**
 * Makes objects of what only the log has: of a partition that has gathered enough, or whose records have waited for
 * long enough (both where objects outlive the disk), or whose records are the oldest in a log that is low on room.
 *
 * It works in rounds, the oldest records first, several objects at a time. An object is put first, and then a record
 * says that it is there; only that record lets the log go. A crash between the two leaves an object that nobody knows,
 * which the next attempt finds with the same bytes, or replaces, if the lease says that it is nobody else's.
 */
export class Flusher {
  readonly #parts: FlusherParts;
  readonly #next: Deadline;
  readonly #retry: Deadline;
  /** Partitions whose records could not be read when it was last tried, and until when they are left alone. */
  readonly #troubled = new Map<PartitionLog, number>();
  readonly #storing = new Set<PartitionLog>();
  readonly #inFlight = { objects: 0, bytes: 0 };
  #freed = Promise.withResolvers<void>();
  #round: Round | null = null;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  /** Something has come up since the last look. */
  #lookAgain = false;
  #isPaused = false;
  /** All is being stored for a stop: no round begins by itself any more. */
  #isEnding = false;
  #closed = false;

  constructor(parts: FlusherParts) {
    this.#parts = parts;
    this.#next = parts.engine.deadlines.create(() => this.#onInterval());
    this.#retry = parts.engine.deadlines.create(() => {
      this.#isPaused = false;
      this.look();
    });
    if (parts.settings.isRemote) this.#next.set(parts.settings.flushCheckIntervalMs);
    this.look();
  }

  /** To be told that the partition has gathered enough for an object. */
  enough(log: PartitionLog): void {
    // Or each of its batches would have all partitions looked at, and nothing could be done about it.
    if (!this.#isTroubled(log)) this.look();
  }

  /** Looks for what is due, now or when what is under way is done. */
  look(): void {
    this.#lookAgain = true;
    const isOver = this.#isEnding || this.#closed || this.#parts.engine.isClosing;
    if (this.#isRunning || this.#isPaused || isOver) return;
    this.#isRunning = true;
    this.#running = this.#run().finally(() => this.#isRunning = false);
  }

  /**
   * Stores all that is in no object, until `untilMs` of the monotonic clock at the latest. Answers whether that is done;
   * a store that takes nothing ends it at once.
   */
  async flushAll(untilMs: number): Promise<boolean> {
    this.#isEnding = true;
    await this.#running;
    const storing = this.#storeAll(untilMs);
    // Whoever asked may not wait for all of it, but the end of everything has to.
    this.#running = storing.then(() => {});
    return await storing;
  }

  /** Partitions with records that cannot be stored for what they are, in words. */
  troubles(): string[] {
    const { logs } = this.#parts.engine;
    for (const log of this.#troubled.keys()) {
      if (log.unstoredBytes === 0 || logs.find(log.stream) !== log) this.#troubled.delete(log);
    }
    if (this.#troubled.size === 0) return [];
    const named = this.#troubled.keys().take(NAMED_MAX).map(({ place }) =>
      `${place.topicName}-${place.index}`
    );
    return [`records of ${this.#troubled.size} partitions cannot be stored: ${named.toArray().join(", ")}`];
  }

  /** Whether an object of the partition is on its way, up to and with the record that makes it live. */
  isStoring(log: PartitionLog): boolean {
    return this.#storing.has(log);
  }

  /** Begins nothing more, and resolves when what is under way is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#next.clear();
    this.#retry.clear();
    if (this.#round !== null) this.#round.stopped = true;
    await this.#running;
  }

  #onInterval(): void {
    this.look();
    this.#next.set(this.#parts.settings.flushCheckIntervalMs);
  }

  async #run(): Promise<void> {
    while (this.#lookAgain && !this.#isPaused && !this.#isEnding && !this.#closed) {
      this.#lookAgain = false;
      const turns = this.#due(false);
      const { snapshots, settings, room } = this.#parts;
      if (turns.length === 0 && !room.isLow && snapshots?.isDue(settings.flushIntervalMs) !== true) return;
      const { trouble, objects } = await this.#flush(turns);
      if (trouble !== null) this.#pause(this.#parts.store.failed(trouble));
      else if (objects === 0 && room.isLow) this.#pause(STUCK_MS);
    }
  }

  async #storeAll(untilMs: number): Promise<boolean> {
    for (;;) {
      if (this.#closed || this.#parts.engine.clock.monotonicMs() >= untilMs) return false;
      const turns = this.#due(true);
      if (turns.length === 0) return true;
      const { trouble, objects } = await this.#flush(turns);
      if (trouble !== null || objects === 0) return false;
    }
  }

  #pause(retryInMs: number): void {
    this.#isPaused = true;
    this.#retry.set(retryInMs);
  }

  /** Whose turn it is, the oldest records first. */
  #due(all: boolean): Turn[] {
    const { engine, settings, room, store } = this.#parts;
    const { isRemote, flushIntervalMs, targetObjectBytes } = settings;
    const nowMs = engine.clock.nowMs();
    const wantedLsn = room.wantedLsn();
    const turns: Turn[] = [];
    const nearlyOld: Turn[] = [];
    let isAnyOld = false;
    for (const log of engine.tier.unstored) {
      if (log.unstoredBytes === 0 || engine.logs.find(log.stream) !== log) {
        engine.tier.unstored.delete(log);
        this.#troubled.delete(log);
        continue;
      }
      if (this.#isTroubled(log)) continue;
      const lsn = log.neededLsn(Infinity);
      const waitedMs = nowMs - log.unstoredSinceMs;
      // A clock that was set back does not tell for how long they have waited: for long enough, then.
      const age = !isRemote ? 0 : waitedMs < 0 ? 1 : waitedMs / flushIntervalMs;
      if (age >= 1) isAnyOld = true;
      const isWhole = all || lsn < wantedLsn || age >= 1;
      if (isWhole) turns.push({ log, lsn, onlyFull: false });
      else if (isRemote && log.unstoredBytes >= targetObjectBytes) turns.push({ log, lsn, onlyFull: true });
      else if (age >= NEARLY_OLD) nearlyOld.push({ log, lsn, onlyFull: false });
    }
    if (isAnyOld) turns.push(...nearlyOld);
    turns.sort((a, b) => a.lsn - b.lsn);
    // A store that was away is asked with one object whether it is back.
    return store.isAway && !all ? turns.slice(0, 1) : turns;
  }

  #isTroubled(log: PartitionLog): boolean {
    return this.#parts.engine.clock.monotonicMs() < (this.#troubled.get(log) ?? -Infinity);
  }

  /** One round. */
  async #flush(turns: Turn[]): Promise<Round> {
    const { engine, settings, room, snapshots, store, events } = this.#parts;
    const round: Round = { turns, objects: 0, bytes: 0, trouble: null, stopped: false };
    this.#round = round;
    const sinceMs = engine.clock.monotonicMs();
    try {
      assertLease(this.#parts.mayChangeObjects());
      if (snapshots?.lacksTopics === true) await snapshots.cover();
      const wasAway = store.isAway;
      await Promise.all(Array.from({ length: STORES_MAX }, () => this.#takeTurns(round)));
      if (round.trouble !== null) return round;
      await room.free();
      if (round.objects > 0 || snapshots?.isDue(settings.flushIntervalMs) === true) await snapshots?.upload();
      // What was put off while the store was away has its turn now.
      if (wasAway) this.#lookAgain = true;
      store.worked();
    } catch (error) {
      if (!isStoreTrouble(error)) throw error;
      round.trouble = error;
    } finally {
      this.#round = null;
      if (round.trouble?.code === "DISK_FULL") engine.wal.shrink();
    }
    const { objects, bytes } = round;
    const durationMs = engine.clock.monotonicMs() - sinceMs;
    if (objects > 0) events({ type: "flush_done", objects, bytes, durationMs });
    return round;
  }

  async #takeTurns(round: Round): Promise<void> {
    for (let turn = round.turns.shift(); turn !== undefined; turn = round.turns.shift()) {
      if (this.#isOver(round)) return;
      this.#storing.add(turn.log);
      try {
        await this.#flushPartition(turn, round);
      } catch (error) {
        if (isStoreTrouble(error)) round.trouble ??= error;
        else this.#noteTrouble(turn.log, error);
      } finally {
        this.#storing.delete(turn.log);
      }
    }
  }

  #isOver(round: Round): boolean {
    return round.trouble !== null || round.stopped;
  }

  async #flushPartition({ log, onlyFull }: Turn, round: Round): Promise<void> {
    const { engine, settings, room } = this.#parts;
    // What comes meanwhile has its own time.
    const endOffset = log.highWatermark;
    for (;;) {
      if (this.#isOver(round) || engine.logs.find(log.stream) !== log) return;
      assertLease(this.#parts.mayChangeObjects());
      const plan = planObject(log, engine.wal, endOffset, settings.targetObjectBytes, onlyFull);
      if (plan === null) return;
      await this.#storeInTurn(log, plan, round);
      await room.freeSome();
    }
  }

  /** Waits until there is room among the objects in flight. */
  async #storeInTurn(log: PartitionLog, plan: FlushPlan, round: Round): Promise<void> {
    const inFlight = this.#inFlight;
    try {
      while (inFlight.objects > 0 && inFlight.bytes + plan.bytes > STORE_BYTES_MAX) await this.#freed.promise;
      if (this.#isOver(round)) return;
      inFlight.objects++;
      inFlight.bytes += plan.bytes;
      try {
        await this.#store(log, plan);
      } finally {
        inFlight.objects--;
        inFlight.bytes -= plan.bytes;
        this.#freed.resolve();
        this.#freed = Promise.withResolvers();
      }
    } finally {
      plan.release();
    }
    this.#troubled.delete(log);
    round.objects++;
    round.bytes += plan.bytes;
  }

  async #store(log: PartitionLog, { job }: FlushPlan): Promise<void> {
    const { engine, jobs, snapshots } = this.#parts;
    if (snapshots?.lacksGaps === true) await snapshots.cover();
    const object = await this.#put(job);
    let isLive = false;
    const refusal = await engine.execute(
      () => {
        isLive = engine.logs.find(log.stream) === log;
        return { records: isLive ? [storedRecord(log, object)] : [] };
      },
      undefined,
      { urgency: "beyond_bound" },
    );
    if (refusal !== null) {
      const isFull = refusal.error === ErrorCode.KAFKA_STORAGE_ERROR;
      throw new KliteError(isFull ? "DISK_FULL" : "DISK_FAILED", refusal.message, { retriable: isFull });
    }
    if (isLive) return;
    // Its topic was deleted meanwhile. Once no crash can bring that back, nobody will ever ask for it.
    await engine.metadataDurable();
    await jobs.deleteObjects(job.partition, [object]);
  }

  /** Where another object has the name, it is an orphan if this broker still had the lease after that was seen. */
  async #put(job: StoreJob): Promise<StoredObject> {
    const { jobs, clusterId } = this.#parts;
    try {
      return await jobs.storeBatches(job);
    } catch (error) {
      if (!(error instanceof KliteError) || error.code !== "CONFLICT") throw error;
    }
    const orphan = await jobs.store.head(objectKey(clusterId, job.partition, { ...job, generation: 0 }));
    assertLease(await this.#parts.confirmLease());
    return await jobs.storeBatches(orphan === null ? job : { ...job, orphanEtag: orphan.etag });
  }

  /** Records that do not read back: whoever reads them learns so; the others go on being stored. */
  #noteTrouble(log: PartitionLog, error: unknown): void {
    const { engine, events } = this.#parts;
    if (!(error instanceof KliteError)) throw error;
    const isGone = engine.logs.find(log.stream) !== log;
    if (isGone || this.#closed) return;
    this.#troubled.set(log, engine.clock.monotonicMs() + TROUBLE_MS);
    const { topicName, index } = log.place;
    events({ type: "flush_failed", topic: topicName, partition: index, error, retryInMs: TROUBLE_MS });
  }
}

function storedRecord(log: PartitionLog, object: StoredObject) {
  return { type: "objects_stored", stream: log.stream, objects: [object] } as const;
}
