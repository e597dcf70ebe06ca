import { KliteError } from "../../base/klite_error.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import {
  lacksRecords,
  type LogOwner,
  ObjectList,
  PartitionLog,
  type PartitionLogSnapshot,
  rowOf,
} from "../../log/mod.ts";
import { objectDamage } from "../../objects/object_format.ts";
import { objectKey, type ObjectName } from "../../objects/object_keys.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import { parseControlBatch } from "../../records/outside.ts";
import { describeObject, objectBatches, readFooter } from "./object_batches.ts";
import { bridgeGaps, type Candidate, chooseChain, type ObjectChain } from "./object_chain.ts";

/** An object of the partition by its name in the store's list. */
export interface ListedObject {
  readonly name: ObjectName;
  readonly sizeBytes: number;
}

/** A partition as the snapshot and the list have it. */
export interface StoredPartition {
  readonly clusterId: string;
  readonly store: ObjectStore;
  readonly owner: LogOwner;
  readonly snapshot: PartitionLogSnapshot;
  readonly listed: readonly ListedObject[];
  /** The cluster's, as of the snapshot. */
  readonly leaderEpoch: number;
  /** Whether the snapshot is the newest that was stored. What it names was never deleted: that comes after the next one. */
  readonly isNewest: boolean;
  readonly nowMs: number;
}

/** What is left of a partition. */
export interface RestoredPartition {
  readonly stream: number;
  readonly name: string;
  readonly log: PartitionLogSnapshot;
  readonly objectCount: number;
  /** Offsets behind the snapshot's end that objects had. */
  readonly adopted: number;
  /** Offsets that the snapshot told of and no object has, at the end: they were in the lost log alone. */
  readonly lostAtEnd: number;
  /** The newest epoch of each producer that writes behind the snapshot. */
  readonly producerEpochs: ReadonlyMap<number, number>;
  /** Of the newest batch, −1 without one. */
  readonly leaderEpoch: number;
  /** Producers that have a transaction open here. */
  readonly openProducers: readonly number[];
  /** What should be there and is not, in words: a reason to refuse. */
  readonly problems: readonly string[];
}

/** An epoch goes up with a loss that was accepted, which does not happen that often between two snapshots. */
const EPOCHS_AHEAD_MAX = 1000;

/** An object that cannot be read, and why. */
interface Damaged {
  readonly name: ObjectName;
  readonly problem: string;
}

/** Rebuilds a partition from its objects. Changes nothing anywhere. */
export async function restorePartition(partition: StoredPartition): Promise<RestoredPartition> {
  const { snapshot, owner } = partition;
  const damaged: Damaged[] = [];
  const candidates = await findCandidates(partition, damaged);
  const storedEnd = storedEndOf(snapshot, owner);
  for (;;) {
    const chain = chooseChain([...candidates.values()], snapshot.logStartOffset, storedEnd);
    try {
      const result = await adoptChain(partition, bridgeGaps(chain));
      return { ...result, problems: problemsOf(partition, chain, damaged) };
    } catch (error) {
      if (!(error instanceof DamagedObject)) throw error;
      // The object is as good as not there; what can be had without it, the next turn says.
      damaged.push({ name: error.object, problem: error.message });
      candidates.delete(nameOf(error.object));
    }
  }
}

/** A damaged object among those that were to be adopted. */
class DamagedObject extends Error {
  constructor(readonly object: StoredObject, message: string) {
    super(message);
  }
}

/** All objects that are there in full: those that the snapshot names by its word, others by their footers. */
async function findCandidates(
  partition: StoredPartition,
  damaged: Damaged[],
): Promise<Map<string, Candidate>> {
  const { store, clusterId, owner, snapshot } = partition;
  const listed = new Map(partition.listed.map((each) => [nameOf(each.name), each]));
  const candidates = new Map<string, Candidate>();
  for (const object of ObjectList.restore(snapshot.objects ?? [])) {
    const name = nameOf(object);
    const found = listed.get(name);
    listed.delete(name);
    if (found === undefined) continue;
    if (found.sizeBytes === object.sizeBytes) candidates.set(name, { object, isKnown: true });
    else {
      const problem = `it has ${found.sizeBytes} bytes and should have ${object.sizeBytes}`;
      damaged.push({ name: found.name, problem });
    }
  }
  for (const [text, { name }] of listed) {
    const key = objectKey(clusterId, placeOf(owner), { ...name, endOffset: name.endOffset ?? 0 });
    try {
      const object = describeObject(await readFooter(store, key), name);
      candidates.set(text, { object, isKnown: false });
    } catch (error) {
      if (!(error instanceof KliteError) || error.code !== "DATA_DAMAGED") throw error;
      damaged.push({ name, problem: error.message });
    }
  }
  return candidates;
}

/** The partition with these objects, and with what its batches behind the snapshot's end say of producers. */
async function adoptChain(
  partition: StoredPartition,
  objects: readonly StoredObject[],
): Promise<Omit<RestoredPartition, "problems">> {
  const { snapshot, owner, store, clusterId, leaderEpoch, nowMs } = partition;
  const { objects: _, ...bare } = snapshot;
  const held = objects.length === 0 ? bare : { ...bare, objects: objects.flatMap(rowOf) };
  const log = PartitionLog.restore(held, owner);
  const producerEpochs = new Map<number, number>();
  for (const object of objects) {
    if (object.endOffset <= snapshot.logEndOffset) continue;
    const key = objectKey(clusterId, placeOf(owner), object);
    try {
      const footer = await readFooter(store, key);
      for await (const { header, bytes, at } of objectBatches(store, key, footer, log.logEndOffset)) {
        if (header.baseOffset < log.logEndOffset) continue;
        // No checksum covers it, and whoever believed a wrong one would tell clients that all else is outdated.
        if (header.leaderEpoch < log.epochs.latest || header.leaderEpoch > leaderEpoch + EPOCHS_AHEAD_MAX) {
          throw objectDamage(key, `the leader epoch of the batch at offset ${header.baseOffset} cannot be`);
        }
        const mark = parseControlBatch(bytes, at, header);
        if (mark === null) log.append(header, 0, nowMs);
        else log.appendMark(header, mark, 0, nowMs);
        if (header.hasProducerId) producerEpochs.set(header.producerId, header.producerEpoch);
        // They lie in the object, and nowhere in the new log.
        log.batches.dropFirst(log.batches.rows);
      }
    } catch (error) {
      if (error instanceof KliteError && error.code === "DATA_DAMAGED") {
        throw new DamagedObject(object, error.message);
      }
      throw error;
    }
  }
  const knownEnd = log.logEndOffset;
  if (lacksRecords(log)) log.giveUpLost();
  // Of an object that was written anew the last batches may be gone, but not their offsets.
  const logEndOffset = Math.max(log.logEndOffset, objects.at(-1)?.endOffset ?? 0);
  return {
    stream: snapshot.stream,
    name: `${owner.topic.name}-${owner.index}`,
    log: { ...log.snapshot(), logEndOffset },
    objectCount: objects.length,
    adopted: Math.max(0, logEndOffset - snapshot.logEndOffset),
    lostAtEnd: objects.length === 0
      ? knownEnd - storedEndOf(snapshot, owner)
      : Math.max(0, knownEnd - logEndOffset),
    producerEpochs,
    leaderEpoch: log.epochs.latest,
    openProducers: Array.from(log.describeProducers(), ({ id }) => id)
      .filter((id) => log.transactionStart(id) !== undefined),
  };
}

/** What is missing or damaged though it was stored for good. */
function problemsOf(
  { owner, snapshot, isNewest }: StoredPartition,
  { objects, gaps }: ObjectChain,
  damaged: readonly Damaged[],
): string[] {
  const name = `${owner.topic.name}-${owner.index}`;
  const problems = gaps.map(({ fromOffset, toOffset }) =>
    `${name} lacks the objects of the offsets ${fromOffset} to ${toOffset - 1}`
  );
  const [first] = ObjectList.restore(snapshot.objects ?? []);
  const begin = objects[0]?.baseOffset ?? storedEndOf(snapshot, owner);
  if (isNewest && first !== undefined && first.baseOffset < begin) {
    problems.push(`${name} lacks the objects of the offsets ${first.baseOffset} to ${begin - 1}`);
  }
  const end = objects.at(-1)?.endOffset ?? snapshot.logStartOffset;
  const start = objects[0]?.baseOffset ?? Infinity;
  for (const { name: object, problem } of damaged) {
    // Within what others have it is of no consequence.
    if (object.baseOffset < start || object.baseOffset >= end || gaps.length > 0) {
      problems.push(`${name}: ${problem}`);
    }
  }
  return problems;
}

function storedEndOf(snapshot: PartitionLogSnapshot, owner: LogOwner): number {
  return PartitionLog.restore(snapshot, owner).storedEnd;
}

function placeOf({ topic, index }: LogOwner) {
  return { topicName: topic.name, topicId: topic.id, index };
}

function nameOf({ baseOffset, endOffset, generation }: ObjectName): string {
  return generation === 0 ? `${baseOffset}` : `${baseOffset}-${endOffset}-${generation}`;
}
