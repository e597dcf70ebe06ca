import { KliteError } from "../../base/klite_error.ts";
import type { MetadataRecord } from "../../cluster/mod.ts";
import type { EventSink } from "../../io/events.ts";
import type { PartitionLog } from "../../log/mod.ts";
import type { CompactJob, CompactResult, ObjectJobs } from "../../objects/contract.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";
import { Pauses } from "../pauses.ts";
import type { TierSettings } from "../tier_gate.ts";
import type { Damage } from "./damage.ts";
import { type CompactionLimits, type CompactionTask, planCompaction } from "./compaction_plan.ts";

/** For the keys of one pass: two million of them. A partition with more takes more passes. */
const KEY_MEMORY_BYTES = 64 * 2 ** 20;
/** An object is held in memory while it is made, so it is no larger, whatever flushed ones are. */
const REWRITTEN_BYTES_MAX = 64 * 2 ** 20;

/** What {@link Compaction} needs of the world. */
export interface CompactionParts {
  readonly engine: Pick<
    Engine,
    "clock" | "deadlines" | "state" | "logs" | "execute" | "randomBytes" | "isClosing"
  >;
  readonly jobs: Pick<ObjectJobs, "compact">;
  readonly events: EventSink;
  readonly damage: Pick<Damage, "suspect" | "isBeyondRepair">;
  readonly settings: Pick<
    TierSettings,
    | "compactionCheckIntervalMs"
    | "compactionMinDirtyObjects"
    | "compactionReadRateBytes"
    | "targetObjectBytes"
  >;
  /** Whether this is the one broker that may change the cluster's objects now: nobody else has taken its lease. */
  mayChangeObjects(): boolean;
}

/** Up to where the objects of a partition by themselves decide transactions, and what is known of what comes next. */
interface Decided {
  readonly storedOffset: number;
  /** That it will be once all below `logEndOffset` is stored. */
  readonly stableOffset: number;
  readonly logEndOffset: number;
}

/**
 * Has objects written anew, one partition at a time, the one that needs it most first: cleaned where the topic's
 * `cleanup.policy` has `compact`, and many small ones joined to one, whatever the policy.
 *
 * What a job has put becomes live by one record, in the place of what it was made from, if that is still just what
 * the partition has. If not, or when the broker dies meanwhile, it stays where it is until the orphan sweep finds it.
 */
export class Compaction {
  readonly #parts: CompactionParts;
  readonly #limits: CompactionLimits;
  readonly #next: Deadline;
  readonly #decided = new WeakMap<PartitionLog, Decided>();
  #closed = false;

  /** Begins to look, every `compactionCheckIntervalMs`, until it is closed. */
  constructor(parts: CompactionParts) {
    const { compactionMinDirtyObjects, targetObjectBytes } = parts.settings;
    this.#parts = parts;
    this.#limits = {
      minDirtyObjects: compactionMinDirtyObjects,
      targetObjectBytes: Math.min(targetObjectBytes, REWRITTEN_BYTES_MAX),
    };
    this.#next = parts.engine.deadlines.create(() => void this.#run());
    this.#setNext();
  }

  /** Begins nothing any more; what is under way comes to nothing. */
  close(): void {
    this.#closed = true;
    this.#next.clear();
  }

  /** Does all that the partitions need, one after the other. A partition whose job fails has its turn the next time. */
  async lookAtAll(): Promise<void> {
    const { engine } = this.#parts;
    const pauses = new Pauses(engine.clock);
    const found: { readonly log: PartitionLog; readonly urgency: number }[] = [];
    for (const log of Array.from(engine.logs)) {
      await pauses.next();
      const task = this.#taskOf(log);
      if (task !== null) found.push({ log, urgency: task.urgency });
    }
    found.sort((a, b) => b.urgency - a.urgency);
    for (const { log } of found) {
      for (let task = this.#taskOf(log); task !== null; task = this.#taskOf(log)) {
        if (!await this.#tryTask(log, task)) break;
      }
    }
  }

  async #run(): Promise<void> {
    await this.lookAtAll();
    this.#setNext();
  }

  #setNext(): void {
    if (!this.#closed) this.#next.set(this.#parts.settings.compactionCheckIntervalMs);
  }

  #mayGoOn(): boolean {
    return !this.#closed && !this.#parts.engine.isClosing && this.#parts.mayChangeObjects();
  }

  #taskOf(log: PartitionLog): CompactionTask | null {
    const { engine } = this.#parts;
    const topic = engine.state.topicById(log.place.topicId);
    if (topic === undefined || engine.logs.find(log.stream) !== log || !this.#mayGoOn()) return null;
    const rows = { objects: log.objects, lastStableOffset: this.#storedStableOffset(log) };
    const task = planCompaction(rows, topic.settings, this.#limits, engine.clock.nowMs());
    const isHopeless = task?.objects.some((object) => this.#parts.damage.isBeyondRepair(log, object)) ??
      false;
    return isHopeless ? null : task;
  }

  /**
   * The last stable offset as far as the objects tell of it. A commit that only the log tells of is an abort when the
   * disk is lost: what it is to supersede has to be there then.
   */
  #storedStableOffset(log: PartitionLog): number {
    const { storedEnd, lastStableOffset: stableOffset, logEndOffset } = log;
    if (storedEnd >= logEndOffset) return stableOffset;
    const before = this.#decided.get(log);
    if (before !== undefined && storedEnd < before.logEndOffset) return before.storedOffset;
    const storedOffset = before?.stableOffset ?? 0;
    this.#decided.set(log, { storedOffset, stableOffset, logEndOffset });
    return storedOffset;
  }

  /** Answers whether it came to something. */
  async #tryTask(log: PartitionLog, task: CompactionTask): Promise<boolean> {
    const { events, damage } = this.#parts;
    try {
      return await this.#do(log, task);
    } catch (error) {
      if (!(error instanceof KliteError)) throw error;
      if (error.code === "DATA_DAMAGED" || error.code === "NOT_FOUND") {
        for (const object of task.objects) damage.suspect(log, object);
      }
      const { topicName: topic, index: partition } = log.place;
      if (!this.#closed) events({ type: "compaction_failed", topic, partition, error });
      return false;
    }
  }

  async #do(log: PartitionLog, task: CompactionTask): Promise<boolean> {
    const { engine: { clock }, jobs, events } = this.#parts;
    const startMs = clock.monotonicMs();
    const result = await jobs.compact(this.#jobOf(log, task));
    const before = task.objects.slice(0, result.replaced);
    if (before.length === 0 || !await this.#apply(log, before, result.objects)) return false;
    events({
      type: "compaction_done",
      topic: log.place.topicName,
      partition: log.place.index,
      mode: task.mode,
      ...figures(before, result),
      durationMs: clock.monotonicMs() - startMs,
    });
    return true;
  }

  #jobOf(log: PartitionLog, { mode, objects, uncleanableOffset }: CompactionTask): CompactJob {
    const { engine, settings } = this.#parts;
    const topic = engine.state.topicById(log.place.topicId);
    return {
      partition: log.place,
      mode,
      objects,
      uncleanableOffset,
      nowMs: engine.clock.nowMs(),
      deleteRetentionMs: topic?.settings.deleteRetentionMs ?? 0,
      aborted: log.abortedRows(objects[0]?.baseOffset ?? 0, uncleanableOffset),
      targetBytes: this.#limits.targetObjectBytes,
      readRateBytes: settings.compactionReadRateBytes,
      keyMemoryBytes: KEY_MEMORY_BYTES,
      keySecret: engine.randomBytes(16),
      producers: log.producerRows(),
    };
  }

  /** Makes `after` live in the place of `before`; answers false when these are not what the partition has any more. */
  async #apply(
    log: PartitionLog,
    before: readonly StoredObject[],
    after: readonly StoredObject[],
  ): Promise<boolean> {
    const { engine } = this.#parts;
    const [fromOffset, toOffset] = [before[0]!.baseOffset, before.at(-1)!.endOffset];
    let isApplied = false;
    const refusal = await engine.execute(
      () => {
        const isStill = this.#mayGoOn() && engine.logs.find(log.stream) === log && has(log, before);
        const record: MetadataRecord = {
          type: "objects_replaced",
          stream: log.stream,
          fromOffset,
          toOffset,
          objects: after,
        };
        isApplied = isStill;
        return { records: isStill ? [record] : [] };
      },
    );
    if (refusal !== null) throw new KliteError("DISK_FULL", refusal.message, { retriable: true });
    return isApplied;
  }
}

/** Whether the partition still has just these objects: none was dropped, none written anew. */
function has({ objects }: PartitionLog, expected: readonly StoredObject[]): boolean {
  const first = objects.indexOf(expected[0]!.baseOffset);
  return expected.every((object, index) => {
    const found = first + index < objects.count ? objects.at(first + index) : undefined;
    return found?.baseOffset === object.baseOffset && found.endOffset === object.endOffset &&
      found.generation === object.generation;
  });
}

function figures(before: readonly StoredObject[], { objects, recordsBefore, recordsAfter }: CompactResult) {
  const bytesOf = (all: readonly StoredObject[]) => all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    objectsBefore: before.length,
    objectsAfter: objects.length,
    bytesBefore: bytesOf(before),
    bytesAfter: bytesOf(objects),
    recordsBefore,
    recordsAfter,
  };
}
