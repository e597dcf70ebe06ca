import type { ObjectStore } from "../io/object_store.ts";
import type { StoreFigures } from "../io/store_figures.ts";
import type { StoredObject } from "./stored_object.ts";

/** Whose object it is; with the cluster's id and the object's own offsets it gives the key (`object_keys.ts`). */
export interface PartitionPlace {
  readonly topicName: string;
  /** In Kafka's text form. */
  readonly topicId: string;
  readonly index: number;
}

/** Numbers of a row of {@link StoreJob.places}: index into `files`, position in it, length. */
export const PLACE_NUMBERS = 3;

/** Make one object of batches that lie in files of the log. The files must stay as they are until it is done. */
export interface StoreJob {
  readonly partition: PartitionPlace;
  readonly baseOffset: number;
  readonly endOffset: number;
  /** Paths below the disk's root. */
  readonly files: readonly string[];
  /** Rows of {@link PLACE_NUMBERS}, one for each batch, in the order of the offsets. */
  readonly places: Float64Array<ArrayBuffer>;
  /** Etag of what an earlier attempt has left under the object's name, to be replaced. Nothing else is. */
  readonly orphanEtag?: string;
  /** Least and largest leader epoch of these batches, of which no batch's CRC tells; without it, they only may not fall. */
  readonly leaderEpochs?: readonly [least: number, largest: number];
}

/** Read from an object: whole batches, from the one that holds `fromOffset` or the first behind it. */
export interface ReadJob {
  readonly partition: PartitionPlace;
  readonly object: StoredObject;
  readonly fromOffset: number;
  /** Batches that begin at or behind it are left out. */
  readonly endOffset: number;
  /** Bytes of batches; the first one comes even if it is larger. */
  readonly maxBytes: number;
}

/** Batches, one behind the other, each checked as a whole; empty when the object has none in the range. */
export interface ReadBatches {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Behind the last offset that these bytes answer for, so that a reader who gets nothing knows where to go on. */
  readonly nextOffset: number;
}

/** Find the first batch at or behind `fromOffset` with a timestamp of at least `timestampMs`; infinite for the largest. */
export interface FindJob {
  readonly partition: PartitionPlace;
  readonly object: StoredObject;
  readonly fromOffset: number;
  /** `max`: the first of the batches that have the largest timestamp of all in the object. */
  readonly timestampMs: number | "max";
}

/** Numbers of a row of {@link CompactJob.producers}: producer id, offset or −1, epoch. */
export const PRODUCER_NUMBERS = 3;

/** Numbers of a row of {@link CompactJob.aborted}: producer id, first offset, offset of the marker. */
export const ABORTED_NUMBERS = 3;

/** Write objects that lie one behind the other anew, as one or more: see `compaction/`. */
export interface CompactJob {
  readonly partition: PartitionPlace;
  /** Neighbours, in order. */
  readonly objects: readonly StoredObject[];
  /**
   * `join`: their bytes are copied whole into fewer objects, nothing is decoded. `clean`: keys are compared; the
   * first object must be the partition's first, and those that are clean come before those that are not. `expire`:
   * all are clean, and only what is past its delete horizon goes.
   */
  readonly mode: "join" | "clean" | "expire";
  /** `clean`: batches that end at or behind it neither lose records nor make others superfluous: too young. */
  readonly uncleanableOffset: number;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  /** `clean`: aborted transactions with records in the objects, rows of {@link ABORTED_NUMBERS}, in any order. */
  readonly aborted: Float64Array<ArrayBuffer>;
  /** Largest object to make, in bytes. */
  readonly targetBytes: number;
  /** Most bytes read a second; 0 for no limit. */
  readonly readRateBytes: number;
  /** `clean`: memory for the keys' map, in bytes. Of what does not fit, the rest stays for the next time. */
  readonly keyMemoryBytes: number;
  /** `clean`: 16 random bytes, so that nobody can choose keys that the map takes for one. */
  readonly keySecret: Uint8Array<ArrayBuffer>;
  /**
   * Producers that are remembered, rows of {@link PRODUCER_NUMBERS}: the last offset of the newest batch of each here
   * (−1 when its epoch has a marker only). Such a batch is kept, if need be without a record, as in Kafka, so that
   * its producer's sequence is remembered.
   */
  readonly producers: Float64Array<ArrayBuffer>;
}

export interface CompactResult {
  /** Stored, but not live until the metadata says so. Stand for the same offsets as what they replace. */
  readonly objects: readonly StoredObject[];
  /** How many of `CompactJob.objects`, from the first on, are replaced; 0 when nothing came of it. */
  readonly replaced: number;
  readonly recordsBefore: number;
  readonly recordsAfter: number;
}

/** Read an object from end to end and compare it with what the metadata says. */
export interface VerifyJob {
  readonly partition: PartitionPlace;
  readonly object: StoredObject;
  /** Most bytes read a second; without it there is no limit. */
  readonly readRateBytes?: number;
}

/** Make an object anew whose bytes in the store are not what they were. */
export interface RepairJob {
  readonly object: StoredObject;
  /** All of its batches, where they lie in the log. */
  readonly source: StoreJob;
}

/** Numbers of a row of {@link VerifyLogJob.places}: position in the file, length, base offset, leader epoch or −1. */
export const CHECKED_PLACE_NUMBERS = 4;

/** Read batches of a file of the log and check each. The file must stay as it is until it is done. */
export interface VerifyLogJob {
  /** Path below the disk's root. */
  readonly file: string;
  /** Rows of {@link CHECKED_PLACE_NUMBERS}, in the order of the positions. */
  readonly places: Float64Array<ArrayBuffer>;
  /** Most bytes read a second; 0 for no limit. */
  readonly readRateBytes: number;
}

/** A batch that is not what it was. */
export interface LogFault {
  /** Of {@link VerifyLogJob.places}. */
  readonly row: number;
  readonly problem: string;
}

/**
 * The heavy work: everything that reads, sums or writes megabytes. Runs in a Worker, or in place under simulation.
 *
 * Failures are the store's and the disk's `KliteError`s, and `DATA_DAMAGED` with the object or the file, the position
 * and the offset in its message when bytes are not what they must be. Jobs may overlap.
 */
export interface ObjectJobs {
  /** Raw access, for snapshots and leases; bytes cross threads, so keep them small. */
  readonly store: ObjectStore;
  /** What has been asked of the store since these jobs were opened, as far as is known here: up to the last answer. */
  readonly storeFigures: StoreFigures;
  /** @throws KliteError CONFLICT when something else has the object's name: an orphan, or another broker's object. */
  storeBatches(job: StoreJob): Promise<StoredObject>;
  read(job: ReadJob): Promise<ReadBatches>;
  /** The batch found, checked, or `null`. */
  find(job: FindJob): Promise<Uint8Array<ArrayBuffer> | null>;
  compact(job: CompactJob): Promise<CompactResult>;
  /** What is wrong with the object, `null` when nothing is. Throws only if it could not be looked at. */
  verify(job: VerifyJob): Promise<string | null>;
  /**
   * Puts the very bytes that the object had, under its name, in the place of what is there now: readers and the metadata
   * notice nothing, and done twice, or cut short, it does no harm. Answers false, and changes nothing, when the log's
   * batches do not give these bytes.
   * @throws KliteError DATA_DAMAGED when the log's batches are damaged, too; CONFLICT when the object changed meanwhile.
   */
  repair(job: RepairJob): Promise<boolean>;
  /** The batches that are not what they were, a thousand of them at most. */
  verifyLog(job: VerifyLogJob): Promise<readonly LogFault[]>;
  /** The keys of these objects, for deletion. */
  deleteObjects(partition: PartitionPlace, objects: readonly StoredObject[]): Promise<void>;
  close(): Promise<void>;
}
