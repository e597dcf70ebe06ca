import type { TopicSettings } from "../../cluster/mod.ts";
import type { PartitionLog } from "../../log/mod.ts";
import type { CompactJob } from "../../objects/contract.ts";
import type { StoredObject } from "../../objects/stored_object.ts";

/** Fewer neighbours are not worth joining: each is read with one request more, and has 72 bytes of metadata. */
const JOINED_MIN = 16;
/** Objects below this part of the full size are small. */
const SMALL_SHARE = 1 / 8;
/** Objects of one job that joins: a partition that has gathered more has several turns. */
const JOINED_MAX = 10_000;

/** What the operator says about compaction. */
export interface CompactionLimits {
  /** So many objects that are not clean make a partition worth cleaning, however dirty it is. */
  readonly minDirtyObjects: number;
  readonly targetObjectBytes: number;
}

/** What is to be done with a partition's objects now. */
export interface CompactionTask extends Pick<CompactJob, "mode" | "objects" | "uncleanableOffset"> {
  /** The higher, the sooner. */
  readonly urgency: number;
}

/** The rows are looked at as they are: only those that are worth a job are made objects. */
type Objects = PartitionLog["objects"];

/** Behind all that is only somewhat dirty: those that have waited for as long as they may. */
const OVERDUE = 2;
const EXPIRED = 0.01;
const SMALL = 0;

/** What the partition's objects need most; `null` when they are well as they are. */
export function planCompaction(
  { objects, lastStableOffset }: Pick<PartitionLog, "objects" | "lastStableOffset">,
  settings: TopicSettings,
  limits: CompactionLimits,
  nowMs: number,
): CompactionTask | null {
  const toClean = settings.compacted
    ? planCleaning(objects, lastStableOffset, settings, limits, nowMs) ?? planExpiry(objects, nowMs)
    : null;
  return toClean ?? planJoin(objects, limits.targetObjectBytes);
}

/**
 * As Kafka's log cleaner decides, with objects for its segments: cleaned is all up to the first object that is not
 * stable or too young (`min.compaction.lag.ms`), once more than `min.cleanable.dirty.ratio` of that is not clean, or
 * the first that is not has waited for `max.compaction.lag.ms`.
 */
function planCleaning(
  objects: Objects,
  stableOffset: number,
  settings: TopicSettings,
  { minDirtyObjects }: CompactionLimits,
  nowMs: number,
): CompactionTask | null {
  const { minCompactionLagMs, maxCompactionLagMs, minCleanableDirtyRatio } = settings;
  const isStable = (index: number) => objects.endOffsetOf(index) <= stableOffset;
  const isYoung = (index: number) =>
    minCompactionLagMs > 0 && objects.maxTimestampMsOf(index) > nowMs - minCompactionLagMs;
  let from = 0;
  let cleanBytes = 0;
  while (from < objects.count && objects.isClean(from)) cleanBytes += objects.dataBytesOf(from++);
  let to = from;
  let dirtyBytes = 0;
  let hasJoined = false;
  for (; to < objects.count && isStable(to) && !isYoung(to); to++) {
    dirtyBytes += objects.dataBytesOf(to);
    hasJoined ||= objects.generationOf(to) > 0;
  }
  if (to === from) return null;
  const ratio = dirtyBytes / (cleanBytes + dirtyBytes);
  const dirtySinceMs = objects.maxTimestampMsOf(from);
  const isOverdue = dirtySinceMs >= 0 && dirtySinceMs < nowMs - maxCompactionLagMs;
  // One that was joined was many.
  const isMuch = to - from >= minDirtyObjects || hasJoined;
  if (!isOverdue && !(isMuch && ratio > minCleanableDirtyRatio)) return null;
  return taskOf("clean", range(objects, 0, to), isOverdue ? OVERDUE + ratio : EXPIRED + ratio);
}

/**
 * The first neighbours with tombstones or markers whose time is over. A pass of cleaning gives all that it finds the
 * same horizon, so an object is written anew for this at most once for each pass that it has been through.
 */
function planExpiry(objects: Objects, nowMs: number): CompactionTask | null {
  const isDue = (index: number) => {
    const horizonMs = objects.deleteHorizonMsOf(index);
    return objects.isClean(index) && horizonMs >= 0 && horizonMs <= nowMs;
  };
  let from = 0;
  while (from < objects.count && !isDue(from)) from++;
  let to = from;
  while (to < objects.count && isDue(to)) to++;
  return to === from ? null : taskOf("expire", range(objects, from, to), EXPIRED);
}

/** The first neighbours that are better one object. */
function planJoin(objects: Objects, targetBytes: number): CompactionTask | null {
  for (let from = 0; from < objects.count;) {
    const isClean = objects.isClean(from);
    let to = from;
    const joins = (index: number) =>
      objects.sizeBytesOf(index) < targetBytes * SMALL_SHARE && objects.isClean(index) === isClean &&
      index - from < JOINED_MAX;
    while (to < objects.count && joins(to)) to++;
    const small = to - from < JOINED_MIN ? null : worthJoining(range(objects, from, to));
    if (small !== null) return taskOf("join", small, SMALL);
    from = Math.max(to, from + 1);
  }
  return null;
}

/**
 * At least {@link JOINED_MIN} of these neighbours that are together twice as large as the largest of them, or more;
 * `null` when there are none.
 *
 * So an object that is joined becomes at least twice as large, and a record is rewritten at most log2(full size /
 * size when flushed) times: 16 times from 1 KiB to 64 MiB. Objects that are alike, as flushes make them, grow
 * sixteenfold, and the same takes 4 times. What one large object keeps from being joined are its neighbours on
 * either side, looked at by themselves; so of n bytes some 16 × log2(n) small objects stay.
 */
export function worthJoining(objects: readonly StoredObject[]): readonly StoredObject[] | null {
  if (objects.length < JOINED_MIN) return null;
  const largest = objects.reduce(
    (at, { sizeBytes }, index) => sizeBytes > objects[at]!.sizeBytes ? index : at,
    0,
  );
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes >= 2 * objects[largest]!.sizeBytes) return objects;
  return worthJoining(objects.slice(0, largest)) ?? worthJoining(objects.slice(largest + 1));
}

function taskOf(
  mode: CompactionTask["mode"],
  objects: readonly StoredObject[],
  urgency: number,
): CompactionTask {
  return { mode, objects, uncleanableOffset: objects.at(-1)!.endOffset, urgency };
}

function range(objects: Objects, from: number, to: number): StoredObject[] {
  return Array.from({ length: to - from }, (_, index) => objects.at(from + index));
}
