/**
 * One object of a partition in the object store, as the metadata knows it. It holds all of the partition's batches
 * that begin in `[baseOffset, endOffset)`; after compaction some of these offsets have no record any more.
 */
export interface StoredObject {
  /** The first offset that it stands for; also its name (see `objects/object_keys.ts`). */
  readonly baseOffset: number;
  /** Behind the last offset that it stands for: where the next object, or the log, goes on. */
  readonly endOffset: number;
  /** 0 for what was flushed; one more each time that it was written anew from other objects. */
  readonly generation: number;
  /** Whole object, footer included. */
  readonly sizeBytes: number;
  /** Batches alone: the footer begins there. */
  readonly dataBytes: number;
  /** Footer entries. */
  readonly batchCount: number;
  readonly maxTimestampMs: number;
  /** Whether compaction has removed from it all that it could: only later records can make more of it superfluous. */
  readonly isClean: boolean;
  /**
   * Of a clean object, the earliest time at which a tombstone or marker in it may go (KIP-534); −1 when there is none.
   */
  readonly deleteHorizonMs: number;
  /** Missing from objects that others than klite's writer have made known, after the loss of a disk, say. */
  readonly seal?: ObjectSeal;
}

/** By which damage is found in what no batch's own CRC covers. */
export interface ObjectSeal {
  /** CRC-32C of the footer. */
  readonly footerCrc: number;
  /** Of the first batch. Leader epochs never go down from batch to batch. */
  readonly fromLeaderEpoch: number;
  /** Of the last batch. */
  readonly toLeaderEpoch: number;
}
