import { assert } from "../base/assert.ts";
import { ImageMemory } from "../base/image_memory.ts";
import type { Disk } from "../io/disk.ts";
import { gatherContent } from "../io/object_content.ts";
import type { ObjectContent, ObjectStore } from "../io/object_store.ts";
import { PLACE_NUMBERS, type RepairJob, type StoreJob } from "./contract.ts";
import { dataBytesOf, LogBatches } from "./log_batches.ts";
import { FooterBuilder, footerBytes } from "./object_format.ts";
import { objectKey } from "./object_keys.ts";
import { putObject } from "./put_object.ts";
import type { StoredObject } from "./stored_object.ts";

/** Batches are read, summed and handed to the store in pieces of this size: a batch of the size that is usual at most fits. */
const PIECE_BYTES = 1024 * 1024 + 64 * 1024;
/**
 * Up to so many bytes of batches an object is handed to the store as a whole: one request, which is simplest for all.
 * A buffer in which sums are fast would not be worth its making, which takes a millisecond.
 */
const WHOLE_BYTES_MAX = 1024 * 1024;
/** The least buffer: what lies between batches is read along. */
const GATHER_BYTES_MIN = 128 * 1024;
/**
 * Large objects under way at a time: each takes a buffer, and as much again as the store takes for one of its parts.
 * Buffers are kept: what holds little else seldom collects its garbage.
 */
const BUFFERS_MAX = 4;

/** Makes objects of batches of the log. */
export class ObjectWriter {
  readonly #store: ObjectStore;
  readonly #disk: Disk;
  readonly #clusterId: string;
  readonly #buffers: Uint8Array[] = [];
  #lent = 0;
  #returned = Promise.withResolvers<void>();

  constructor(options: { readonly store: ObjectStore; readonly disk: Disk; readonly clusterId: string }) {
    this.#store = options.store;
    this.#disk = options.disk;
    this.#clusterId = options.clusterId;
  }

  /** See `ObjectJobs.storeBatches`. Takes memory of {@link PIECE_BYTES}, the footer, and what the store takes. */
  write(job: StoreJob): Promise<StoredObject> {
    return this.#withBuffer(job, async (buffer) => {
      const content = new JobContent(job, this.#disk, buffer);
      const key = objectKey(this.#clusterId, job.partition, { ...job, generation: 0 });
      await putObject(this.#store, key, await sendable(content), job.orphanEtag);
      return content.describe();
    });
  }

  /** See `ObjectJobs.repair`. */
  repair({ source, object }: RepairJob): Promise<boolean> {
    return this.#withBuffer(source, async (buffer) => {
      const content = new JobContent(source, this.#disk, buffer);
      if (!isSameContent(await content.measure(), object)) return false;
      const key = objectKey(this.#clusterId, source.partition, object);
      const found = await this.#store.head(key);
      const condition = found === null ? { ifAbsent: true } as const : { ifMatch: found.etag };
      await this.#store.put(key, await sendable(content), condition);
      return true;
    });
  }

  async #withBuffer<T>(job: StoreJob, use: (buffer: Uint8Array) => Promise<T>): Promise<T> {
    assert(job.places.length > 0, "an object has at least one batch");
    const dataBytes = dataBytesOf(job);
    if (dataBytes <= WHOLE_BYTES_MAX) return await use(new Uint8Array(Math.max(dataBytes, GATHER_BYTES_MIN)));
    const buffer = await this.#lend();
    try {
      return await use(buffer);
    } finally {
      this.#takeBack(buffer);
    }
  }

  /** A buffer, once fewer than {@link BUFFERS_MAX} are in use. */
  async #lend(): Promise<Uint8Array> {
    while (this.#lent === BUFFERS_MAX) await this.#returned.promise;
    const buffer = this.#buffers.pop() ?? new ImageMemory(PIECE_BYTES).allocate(PIECE_BYTES);
    this.#lent++;
    return buffer;
  }

  #takeBack(buffer: Uint8Array): void {
    this.#lent--;
    this.#buffers.push(buffer);
    this.#returned.resolve();
    this.#returned = Promise.withResolvers();
  }
}

/** What is small goes as a whole. */
async function sendable(content: JobContent): Promise<Uint8Array | ObjectContent> {
  return content.sizeBytes <= WHOLE_BYTES_MAX ? await gatherContent(content) : content;
}

/** Whether these are the object's very bytes, as far as the metadata can tell: by the sum of the footer, for one. */
function isSameContent(made: StoredObject, object: StoredObject): boolean {
  return made.sizeBytes === object.sizeBytes && made.dataBytes === object.dataBytes &&
    made.batchCount === object.batchCount && made.maxTimestampMs === object.maxTimestampMs &&
    (object.seal === undefined || made.seal?.footerCrc === object.seal.footerCrc);
}

/** An object of a job's batches, read anew each time that it is asked for. */
class JobContent implements ObjectContent {
  readonly sizeBytes: number;
  readonly #job: StoreJob;
  readonly #disk: Disk;
  readonly #buffer: Uint8Array;
  /** Of the first whole pass; later ones give the same. */
  #object: StoredObject | null = null;

  constructor(job: StoreJob, disk: Disk, buffer: Uint8Array) {
    this.#job = job;
    this.#disk = disk;
    this.#buffer = buffer;
    this.sizeBytes = dataBytesOf(job) + footerBytes(job.places.length / PLACE_NUMBERS);
  }

  async *parts(): AsyncGenerator<Uint8Array> {
    const footer = new FooterBuilder(this.#job.places.length / PLACE_NUMBERS);
    yield* new LogBatches(this.#job, this.#disk, footer).pieces(this.#buffer);
    this.#object ??= footer.describe({ ...this.#job, generation: 0 });
    yield footer.build();
  }

  /** Reads all of it once; answers what would be stored. */
  async measure(): Promise<StoredObject> {
    const parts = this.parts();
    while (!(await parts.next()).done);
    return this.describe();
  }

  /** What was stored, once it was. */
  describe(): StoredObject {
    assert(this.#object !== null, "an object that is stored was read to its end");
    return this.#object;
  }
}
