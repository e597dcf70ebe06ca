import type { ObjectStore } from "../io/object_store.ts";
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

/** Write objects that lie one behind the other anew, as one or more: see `compaction/`. */
export interface CompactJob {
  readonly partition: PartitionPlace;
  /** Neighbours, in order; all that is to be rewritten. */
  readonly objects: readonly StoredObject[];
  /** Batches of these are read, for their keys only, and not written: newer than `objects`. In order. */
  readonly newer: readonly StoredObject[];
  /** Whether keys are compared at all: if not, neighbours are only joined. */
  readonly compacts: boolean;
  /** Records at or behind it are neither dropped nor make others superfluous: not stable, or too young. */
  readonly uncleanableOffset: number;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  /** Aborted transactions with records in the objects: rows of producer id, first offset, marker's offset. */
  readonly aborted: Float64Array<ArrayBuffer>;
  /** Largest object to make, in bytes. */
  readonly targetBytes: number;
  /** Most bytes read a second; 0 for no limit. */
  readonly readRateBytes: number;
  /** Memory for the keys' map, in bytes. */
  readonly keyMemoryBytes: number;
  /**
   * Last offset of each producer's newest batch here, as rows of producer id and that offset: such a batch is kept, if
   * need be without a record, as in Kafka, so that its producer's sequence is remembered.
   */
  readonly producers: Float64Array<ArrayBuffer>;
}

export interface CompactResult {
  /** In place of `CompactJob.objects`, for the same offsets. Stored, but not live until the metadata says so. */
  readonly objects: readonly StoredObject[];
  readonly recordsBefore: number;
  readonly recordsAfter: number;
}

/** Read an object from end to end and compare it with what the metadata says. */
export interface VerifyJob {
  readonly partition: PartitionPlace;
  readonly object: StoredObject;
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
  storeBatches(job: StoreJob): Promise<StoredObject>;
  read(job: ReadJob): Promise<ReadBatches>;
  /** The batch found, checked, or `null`. */
  find(job: FindJob): Promise<Uint8Array<ArrayBuffer> | null>;
  compact(job: CompactJob): Promise<CompactResult>;
  /** What is wrong with the object, `null` when nothing is. Throws only if it could not be looked at. */
  verify(job: VerifyJob): Promise<string | null>;
  /** The keys of these objects, for deletion. */
  deleteObjects(partition: PartitionPlace, objects: readonly StoredObject[]): Promise<void>;
  close(): Promise<void>;
}
