import { KliteError } from "../../base/klite_error.ts";
import type { EventSink } from "../../io/events.ts";
import type { ObjectInfo, ObjectStore } from "../../io/object_store.ts";
import type { PartitionLog } from "../../log/mod.ts";
import {
  clusterFolder,
  metaFolder,
  type ObjectName,
  parseObjectKey,
  topicFolder,
} from "../../objects/object_keys.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";
import type { DeadObjectQueue } from "./dead_objects.ts";

/** The first sweep lets a start come to rest. */
const FIRST_SWEEP_MS = 60_000;
const SWEEP_INTERVAL_MS = 24 * 3_600_000;
/** After a sweep that the store has cut short. */
const RETRY_MS = 15 * 60_000;
/** Younger objects are left alone, and what puts that began later have left: nothing that is under way takes so long. */
const ORPHAN_AGE_MS = 3_600_000;
/** Keys named in an event. */
const EXAMPLES_MAX = 5;

/** What {@link OrphanSweep} needs of the world. */
export interface OrphanSweepParts {
  readonly engine: Pick<Engine, "clock" | "deadlines" | "state" | "logs">;
  readonly events: EventSink;
  readonly store: Pick<ObjectStore, "list" | "delete" | "removeUnfinished">;
  readonly dead: Pick<DeadObjectQueue, "holds">;
  readonly clusterId: string;
  /** Resolves once neither a crash nor a restore can undo what the metadata says now. @throws KliteError of the store. */
  settled(): Promise<void>;
  /** Whether an object of the partition is being flushed, up to and with the record that makes it live. */
  isStoring(log: PartitionLog): boolean;
  /** Whether this is the one broker that may change the cluster's objects now: nobody else has taken its lease. */
  mayChangeObjects(): boolean;
}

/** What is to be done with an object that is in the store. */
export type Verdict =
  /** The metadata names it. */
  | "live"
  /** It may become live, or others see to it. */
  | "left"
  /** Nothing can ever name it again. */
  | "orphan"
  /** Nothing of klite's, or of metadata that this broker does not have. */
  | "unknown";

/**
 * Finds and deletes objects that crashes have left: puts whose record was never written, and deletions that never
 * came to be. At the start, in the background, and once a day: lists the cluster's folder and compares it with the
 * metadata, page by page, each page with the metadata of the moment at which it is looked at.
 *
 * **Why no live object is deleted**, whatever crashes, however late a listing, a put or a delete takes effect: only
 * names go that no future can make live.
 *
 * - A flushed object (generation 0) is named by its base offset. Flushes go on at `storedEnd`, and that only grows.
 *   So a name below it is live now or never again. A name at or behind it may be that of a flush under way, or of one
 *   that comes after a crash and writes over what the crash has left: it is left alone. Only of a partition that has
 *   lost its last object to a moved log start a flush may be under way that began below; its names are left alone, too.
 * - A rewritten object is named by its offsets and its generation, which is above those of all that it was made from.
 *   Where all live objects among its offsets have its generation or a later one, what is made of them has a later
 *   one still. Until then it may be that of a compaction under way, or be taken by one that is done again: it is left
 *   alone.
 * - What lies below the first live object, or below the log start where there is none, stays there: that never goes
 *   back. Between the two a compaction under way may well end an object.
 * - Ids of topics are random and never used twice: what a deleted topic had is dead. A broker that knows no topic at
 *   all trusts its metadata less than the store and only reports; so it does with partitions that a topic lacks.
 * - What this metadata says is durable before anything is deleted, and in a snapshot beside the objects where these
 *   outlive the disk: neither a crash nor a restore can take it back.
 * - Only the broker with the cluster's lease has the newest metadata, so only that one deletes; and only what has been
 *   there for an hour, so that one that has just lost its lease does not take a topic of its successor for a deleted one.
 * - Folders of other clusters are never listed, `meta/` never looked at, names that are not klite's reported and left.
 *
 * **Why each orphan goes in the end**: the partition's stored end passes its offsets, its compaction is done again, or
 * its log start moves on; then one of the two rules above holds.
 *
 * A sweep that is cut short has deleted some of the orphans; the next one finds the others.
 */
export class OrphanSweep {
  readonly #parts: OrphanSweepParts;
  readonly #next: Deadline;
  readonly #orphanAgeMs: number;
  #closed = false;

  /** Begins to sweep, until it is closed. */
  constructor(parts: OrphanSweepParts, options: { readonly orphanAgeMs?: number } = {}) {
    this.#parts = parts;
    this.#orphanAgeMs = options.orphanAgeMs ?? ORPHAN_AGE_MS;
    this.#next = parts.engine.deadlines.create(() => void this.#run());
    this.#next.set(FIRST_SWEEP_MS);
  }

  close(): void {
    this.#closed = true;
    this.#next.clear();
  }

  async #run(): Promise<void> {
    let nextMs = SWEEP_INTERVAL_MS;
    try {
      if (!await this.sweep()) nextMs = RETRY_MS;
    } catch (error) {
      if (!(error instanceof KliteError)) throw error;
      nextMs = RETRY_MS;
      this.#parts.events({ type: "orphan_sweep_failed", error, retryInMs: nextMs });
    }
    if (!this.#closed) this.#next.set(nextMs);
  }

  /**
   * Looks at all objects of the cluster once; answers whether it could: not without the lease.
   * @throws KliteError of the store.
   */
  async sweep(): Promise<boolean> {
    const { store, clusterId, events } = this.#parts;
    let checked = 0;
    let deleted = 0;
    let deletedBytes = 0;
    const unknown = { count: 0, examples: [] as string[] };
    for await (const page of store.list(clusterFolder(clusterId))) {
      if (!this.#mayDelete()) return false;
      const orphans: ObjectInfo[] = [];
      for (const info of page) {
        if (info.key.startsWith(metaFolder(clusterId))) continue;
        checked++;
        const verdict = this.#judge(info);
        if (verdict === "orphan") orphans.push(info);
        if (verdict !== "unknown") continue;
        unknown.count++;
        if (unknown.examples.length < EXAMPLES_MAX) unknown.examples.push(info.key);
      }
      if (orphans.length === 0) continue;
      await this.#parts.settled();
      if (!this.#mayDelete()) return false;
      await store.delete(orphans.map(({ key }) => key));
      deleted += orphans.length;
      deletedBytes += orphans.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    }
    if (!this.#mayDelete()) return false;
    await store.removeUnfinished(clusterFolder(clusterId), this.#orphanAgeMs);
    events({ type: "orphans_swept", checked, deleted, deletedBytes });
    if (unknown.count > 0) events({ type: "unknown_objects", ...unknown });
    return true;
  }

  #judge({ key, modifiedMs }: ObjectInfo): Verdict {
    const { clusterId, engine: { state, logs, clock }, dead } = this.#parts;
    const parsed = parseObjectKey(clusterId, key);
    if (parsed === null) return "unknown";
    const { topicName, topicId, index } = parsed.partition;
    const topic = state.topicById(topicId);
    if (topic === undefined) {
      if (state.partitionCount === 0) return "unknown";
    } else {
      const partition = topic.partitions[index];
      if (topic.name !== topicName || partition === undefined) return "unknown";
      const log = logs.of(partition.stream);
      const verdict = judgeName(parsed.name, log, this.#parts.isStoring(log));
      if (verdict !== "orphan") return verdict;
    }
    const hasGrace = dead.holds(key) || dead.holds(topicFolder(clusterId, topicName, topicId));
    return hasGrace || clock.nowMs() - modifiedMs < this.#orphanAgeMs ? "left" : "orphan";
  }

  #mayDelete(): boolean {
    return !this.#closed && this.#parts.mayChangeObjects();
  }
}

/** What an object of that name is to its partition, as far as the metadata can tell. */
export function judgeName(name: ObjectName, log: PartitionLog, isStoring: boolean): Verdict {
  const { baseOffset, endOffset, generation } = name;
  const { objects, storedEnd, logStartOffset } = log;
  const first = objects.indexOf(baseOffset);
  const found = first < objects.count ? objects.at(first) : undefined;
  const isLive = found?.baseOffset === baseOffset && found.generation === generation &&
    (endOffset === null || endOffset === found.endOffset);
  if (isLive) return "live";
  if (endOffset === null) {
    const isPassed = baseOffset < storedEnd && (objects.count > 0 || !isStoring);
    return isPassed ? "orphan" : "left";
  }
  if (endOffset <= (objects.count > 0 ? objects.baseOffset : logStartOffset)) return "orphan";
  if (endOffset > storedEnd) return "left";
  for (let index = first; index < objects.count; index++) {
    const object = objects.at(index);
    if (object.baseOffset >= endOffset) break;
    if (object.generation < generation) return "left";
  }
  return "orphan";
}
