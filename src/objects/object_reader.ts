import { ImageMemory } from "../base/image_memory.ts";
import { KliteError } from "../base/klite_error.ts";
import type { Clock } from "../io/clock.ts";
import type { ObjectStore } from "../io/object_store.ts";
import { BatchHeader } from "../records/outside.ts";
import type { FindJob, PartitionPlace, ReadBatches, ReadJob, VerifyJob } from "./contract.ts";
import { FairGate } from "./fair_gate.ts";
import { FooterCache } from "./footer_cache.ts";
import { objectDamage, type ObjectFooter } from "./object_format.ts";
import { objectKey } from "./object_keys.ts";
import { type OpenObject, openObject } from "./open_object.ts";
import { ReadAhead } from "./read_ahead.ts";
import { ReadPace } from "./read_pace.ts";
import type { ObjectSeal, StoredObject } from "./stored_object.ts";
import { batchFault } from "../records/whole_batch.ts";

/** Footers kept: half a million batches. */
const FOOTER_CACHE_BYTES = 16 * 1024 * 1024;
/** Bytes read ahead or kept for others who read the same, for all readers together. */
const READ_AHEAD_BYTES = 32 * 1024 * 1024;
/** Reads of the store at once. Each takes up to 4 MiB, or one batch. */
const READS_AT_ONCE = 4;
/** Bytes read in one go where an object is read from end to end. */
const SCAN_BYTES = 4 * 1024 * 1024;
/** Batches are copied together to be summed; it fits into the processor's cache. */
const CHECK_BYTES = 128 * 1024;
/** What nobody has used for this long is not kept. */
const UNUSED_MS = 60_000;

/**
 * Reads batches out of objects: the footer says where they are, one range read gets them. Footers are kept, and a
 * reader that goes on where it stopped finds its bytes read already. All bytes are checked before they are handed out.
 *
 * A few reads of the store run at once; those that wait take turns by partition, so that a consumer that reads
 * through years of one topic holds up another by one read at most. Nothing is read ahead while anybody waits.
 *
 * What does not fit is read once more past all that is kept: the object may have been replaced since its footer was read.
 */
export class ObjectReader {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #clusterId: string;
  readonly #gate = new FairGate(READS_AT_ONCE);
  readonly #footers: FooterCache;
  readonly #ahead: ReadAhead;
  readonly #header = new BatchHeader();

  constructor(
    options: {
      readonly store: ObjectStore;
      readonly clock: Clock;
      readonly clusterId: string;
      readonly footerCacheBytes?: number;
      readonly readAheadBytes?: number;
    },
  ) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#clusterId = options.clusterId;
    this.#footers = new FooterCache(options.footerCacheBytes ?? FOOTER_CACHE_BYTES);
    this.#ahead = new ReadAhead(
      options.readAheadBytes ?? READ_AHEAD_BYTES,
      (object, fromByte, endByte) => this.#readRange(object, fromByte, endByte),
    );
  }

  /** Bytes of the store that are kept in memory. */
  get heldBytes(): number {
    return this.#footers.heldBytes + this.#ahead.heldBytes;
  }

  /** See `ObjectJobs.read`. */
  read(job: ReadJob): Promise<ReadBatches> {
    return this.#onceMore(job, async (object) => {
      const { footer } = object;
      const fromRow = footer.rowFrom(job.fromOffset);
      let toRow = fromRow;
      let sizeBytes = 0;
      for (; toRow < footer.rows && footer.baseOffset(toRow) < job.endOffset; toRow++) {
        sizeBytes += footer.lengthBytes(toRow);
        if (toRow > fromRow && sizeBytes > job.maxBytes) break;
      }
      const bytes = await this.#readRows(object, fromRow, toRow, job.object.seal);
      return { bytes, nextOffset: nextOffset(footer, fromRow, toRow, job) };
    });
  }

  /** See `ObjectJobs.find`. */
  find(job: FindJob): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#onceMore(job, async (object) => {
      const row = rowByTime(object.footer, object.footer.rowFrom(job.fromOffset), job.timestampMs);
      return row === -1 ? null : await this.#readRows(object, row, row + 1, job.object.seal);
    });
  }

  /** See `ObjectJobs.verify`. */
  async verify({ partition, object, readRateBytes = 0 }: VerifyJob): Promise<string | null> {
    const key = objectKey(this.#clusterId, partition, object);
    this.#forget(key);
    try {
      await this.#readThrough(partition, object, new ReadPace(this.#clock, readRateBytes));
      return null;
    } catch (error) {
      const isWrong = error instanceof KliteError &&
        (error.code === "DATA_DAMAGED" || error.code === "NOT_FOUND");
      if (isWrong) return error.message;
      throw error;
    }
  }

  /** Forgets objects that are there no more. */
  forget(partition: PartitionPlace, objects: readonly StoredObject[]): void {
    for (const object of objects) this.#forget(objectKey(this.#clusterId, partition, object));
  }

  /** Gives memory back that has not been of use for a minute. */
  dropUnused(): void {
    this.#ahead.dropUnused(this.#clock.monotonicMs() - UNUSED_MS);
  }

  /** Reads and checks all of an object, keeping nothing. */
  async #readThrough(partition: PartitionPlace, stored: StoredObject, pace: ReadPace): Promise<void> {
    const object = await this.#open(partition, stored);
    const { footer } = object;
    for (let fromRow = 0, toRow = 0; fromRow < footer.rows; fromRow = toRow) {
      const fromByte = footer.positionBytes(fromRow);
      toRow = fromRow + 1;
      while (toRow < footer.rows && footer.endBytes(toRow) - fromByte <= SCAN_BYTES) toRow++;
      const bytes = await this.#readRange(object, fromByte, footer.endBytes(toRow - 1));
      this.#check(object, bytes, fromRow, toRow, stored.seal);
      await pace.read(bytes.length);
      bytes.buffer.transfer(0);
    }
  }

  async #onceMore<T>(
    { partition, object }: { readonly partition: PartitionPlace; readonly object: StoredObject },
    use: (object: OpenObject) => Promise<T>,
  ): Promise<T> {
    this.dropUnused();
    try {
      return await use(await this.#open(partition, object));
    } catch (error) {
      if (!(error instanceof KliteError) || error.code !== "DATA_DAMAGED") throw error;
      this.#forget(objectKey(this.#clusterId, partition, object));
      return await use(await this.#open(partition, object));
    }
  }

  async #open(partition: PartitionPlace, stored: StoredObject): Promise<OpenObject> {
    const key = objectKey(this.#clusterId, partition, stored);
    const object = await this.#footers.get(
      key,
      () => this.#gate.run(laneOf(key), () => openObject(this.#store, key, stored)),
    );
    this.#ahead.seed(object, this.#clock.monotonicMs());
    return object;
  }

  #forget(key: string): void {
    this.#footers.forget(key);
    this.#ahead.forget(key);
  }

  async #readRows(
    object: OpenObject,
    fromRow: number,
    toRow: number,
    seal: ObjectSeal | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (fromRow === toRow) return new Uint8Array(0);
    const bytes = await this.#ahead.read(
      object,
      object.footer.positionBytes(fromRow),
      object.footer.endBytes(toRow - 1),
      this.#clock.monotonicMs(),
      () => !this.#gate.isBusy,
    );
    this.#check(object, bytes, fromRow, toRow, seal);
    return bytes;
  }

  async #readRange(object: OpenObject, fromByte: number, endByte: number): Promise<Uint8Array<ArrayBuffer>> {
    const { key, etag } = object;
    const range = { fromByte, lengthBytes: endByte - fromByte };
    const read = await this.#gate.run(laneOf(key), () => this.#store.get(key, range));
    if (read.etag !== etag) throw objectDamage(key, "it changed since its footer was read");
    if (read.bytes.length === range.lengthBytes) return read.bytes;
    throw objectDamage(key, `it ends at ${fromByte + read.bytes.length} and not behind ${endByte}`);
  }

  /** Checks each batch, its checksum included, and that it is the one that the footer means. */
  #check(
    object: OpenObject,
    bytes: Uint8Array,
    fromRow: number,
    toRow: number,
    seal: ObjectSeal | undefined,
  ): void {
    const { footer } = object;
    const start = footer.positionBytes(fromRow);
    let leaderEpoch = seal?.fromLeaderEpoch ?? 0;
    for (let row = fromRow; row < toRow;) {
      const groupAt = footer.positionBytes(row);
      let groupEnd = row + 1;
      while (groupEnd < toRow && footer.endBytes(groupEnd) - groupAt <= CHECK_BYTES) groupEnd++;
      const group = whereSumsAreFast(
        bytes.subarray(groupAt - start, footer.endBytes(groupEnd - 1) - start),
      );
      for (; row < groupEnd; row++) {
        leaderEpoch = this.#checkBatch(object, row, group, groupAt, leaderEpoch, seal);
      }
    }
  }

  /** Checks the batch of `row` in `bytes`, which begin at `startByte` of the object; answers its leader epoch. */
  #checkBatch(
    { key, footer }: OpenObject,
    row: number,
    bytes: Uint8Array,
    startByte: number,
    leaderEpochBefore: number,
    seal: ObjectSeal | undefined,
  ): number {
    const header = this.#header;
    const position = footer.positionBytes(row);
    let fault = batchFault(header, bytes, position - startByte, footer.lengthBytes(row)) ??
      footer.mismatch(row, header);
    const { leaderEpoch } = header;
    if (seal !== undefined && (leaderEpoch < leaderEpochBefore || leaderEpoch > seal.toLeaderEpoch)) {
      fault ??= `its leader epoch ${leaderEpoch} cannot be`;
    }
    if (fault === null) return leaderEpoch;
    throw objectDamage(key, `the batch at ${position}, offset ${footer.baseOffset(row)}: ${fault}`);
  }
}

/** Memory in which sums are fast, for one check at a time. Made when first needed, one for all readers. */
let scratch: Uint8Array | null = null;

/** Small batches are copied together into memory in which they are summed several times as fast. */
function whereSumsAreFast(bytes: Uint8Array): Uint8Array {
  if (bytes.length > CHECK_BYTES) return bytes;
  scratch ??= new ImageMemory(CHECK_BYTES).allocate(CHECK_BYTES);
  scratch.set(bytes);
  return scratch.subarray(0, bytes.length);
}

/** Objects of a partition share a lane. */
function laneOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

function nextOffset(footer: ObjectFooter, fromRow: number, toRow: number, job: ReadJob): number {
  const next = toRow < footer.rows ? footer.baseOffset(toRow) : job.object.endOffset;
  const answered = Math.min(
    next,
    Math.max(job.endOffset, fromRow < toRow ? footer.lastOffset(toRow - 1) + 1 : 0),
  );
  return Math.max(job.fromOffset, answered);
}

/** The first row from `fromRow` on that has the timestamp, or the first with the largest of all; −1 for none. */
function rowByTime(footer: ObjectFooter, fromRow: number, timestampMs: number | "max"): number {
  let found = -1;
  for (let row = fromRow; row < footer.rows; row++) {
    const largest = footer.maxTimestampMs(row);
    if (timestampMs !== "max" && largest >= timestampMs) return row;
    if (timestampMs === "max" && (found === -1 || largest > footer.maxTimestampMs(found))) found = row;
  }
  return found;
}
