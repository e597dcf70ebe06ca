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

/** Behind all that is only somewhat dirty: those that have waited for as long as they may. */
const OVERDUE = 2;
const EXPIRED = 0.01;
const SMALL = 0;

/** What the partition's objects need most; `null` when they are well as they are. */
export function planCompaction(
  log: PartitionLog,
  settings: TopicSettings,
  limits: CompactionLimits,
  nowMs: number,
): CompactionTask | null {
  if (log.objects.count === 0) return null;
  const objects = [...log.objects];
  const toClean = settings.compacted
    ? planCleaning(objects, log.lastStableOffset, settings, limits, nowMs) ?? planExpiry(objects, nowMs)
    : null;
  return toClean ?? planJoin(objects, limits.targetObjectBytes);
}

/**
 * As Kafka's log cleaner decides, with objects for its segments: cleaned is all up to the first object that is not
 * stable or too young (`min.compaction.lag.ms`), once more than `min.cleanable.dirty.ratio` of that is not clean, or
 * the first that is not has waited for `max.compaction.lag.ms`.
 */
function planCleaning(
  objects: readonly StoredObject[],
  stableOffset: number,
  settings: TopicSettings,
  { minDirtyObjects }: CompactionLimits,
  nowMs: number,
): CompactionTask | null {
  const from = objects.findIndex(({ isClean }) => !isClean);
  if (from < 0) return null;
  const youngMs = nowMs - settings.minCompactionLagMs;
  let to = from;
  for (; to < objects.length; to++) {
    const { endOffset, maxTimestampMs } = objects[to]!;
    const isYoung = settings.minCompactionLagMs > 0 && maxTimestampMs > youngMs;
    if (endOffset > stableOffset || isYoung) break;
  }
  if (to === from) return null;
  const cleanBytes = bytesOf(objects.slice(0, from));
  const dirty = objects.slice(from, to);
  const dirtyBytes = bytesOf(dirty);
  const ratio = dirtyBytes / (cleanBytes + dirtyBytes);
  const { maxTimestampMs } = dirty[0]!;
  const isOverdue = maxTimestampMs >= 0 && maxTimestampMs < nowMs - settings.maxCompactionLagMs;
  // One that was joined was many.
  const isMuch = dirty.length >= minDirtyObjects || dirty.some(({ generation }) => generation > 0);
  if (!isOverdue && !(isMuch && ratio > settings.minCleanableDirtyRatio)) return null;
  return {
    mode: "clean",
    objects: objects.slice(0, to),
    uncleanableOffset: dirty.at(-1)!.endOffset,
    urgency: isOverdue ? OVERDUE + ratio : EXPIRED + ratio,
  };
}

/**
 * The first neighbours with tombstones or markers whose time is over. A pass of cleaning gives all that it finds the
 * same horizon, so an object is written anew for this at most once for each pass that it has been through.
 */
function planExpiry(objects: readonly StoredObject[], nowMs: number): CompactionTask | null {
  const isDue = ({ isClean, deleteHorizonMs }: StoredObject) =>
    isClean && deleteHorizonMs >= 0 && deleteHorizonMs <= nowMs;
  const from = objects.findIndex(isDue);
  if (from < 0) return null;
  const length = objects.slice(from).findIndex((object) => !isDue(object));
  const due = objects.slice(from, length < 0 ? undefined : from + length);
  return { mode: "expire", objects: due, uncleanableOffset: due.at(-1)!.endOffset, urgency: EXPIRED };
}

/** The first neighbours that are better one object. */
function planJoin(objects: readonly StoredObject[], targetBytes: number): CompactionTask | null {
  for (let from = 0; from < objects.length;) {
    const { isClean } = objects[from]!;
    let to = from;
    const joins = (object: StoredObject) =>
      object.sizeBytes < targetBytes * SMALL_SHARE && object.isClean === isClean && to - from < JOINED_MAX;
    while (to < objects.length && joins(objects[to]!)) to++;
    const small = worthJoining(objects.slice(from, to));
    if (small !== null) {
      return { mode: "join", objects: small, uncleanableOffset: small.at(-1)!.endOffset, urgency: SMALL };
    }
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

function bytesOf(objects: readonly StoredObject[]): number {
  return objects.reduce((sum, { dataBytes }) => sum + dataBytes, 0);
}
