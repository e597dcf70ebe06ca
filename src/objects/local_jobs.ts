import type { Clock } from "../io/clock.ts";
import { CountedStore } from "../io/counted_store.ts";
import type { Disk } from "../io/disk.ts";
import type { ObjectStore } from "../io/object_store.ts";
import { addStoreFigures, noStoreFigures, type StoreFigures } from "../io/store_figures.ts";
import type { CompactTools } from "./compaction/mod.ts";
import { loadCompaction } from "./compaction/load.ts";
import type {
  CompactJob,
  CompactResult,
  FindJob,
  LogFault,
  ObjectJobs,
  PartitionPlace,
  ReadBatches,
  ReadJob,
  RepairJob,
  StoreJob,
  VerifyJob,
  VerifyLogJob,
} from "./contract.ts";
import { checkLogFile } from "./log_check.ts";
import { objectKey } from "./object_keys.ts";
import { ObjectReader } from "./object_reader.ts";
import { ObjectWriter } from "./object_writer.ts";
import type { StoredObject } from "./stored_object.ts";

export interface LocalJobsOptions {
  readonly store: ObjectStore;
  /** Where the log's files are. */
  readonly disk: Disk;
  readonly clock: Clock;
  readonly clusterId: string;
  /** Bounds of the reader's memory, if not its own. */
  readonly footerCacheBytes?: number;
  readonly readAheadBytes?: number;
}

/** The jobs, done where they are asked for: in the Worker that exists for them, or in place under simulation. */
export class LocalObjectJobs implements ObjectJobs {
  readonly store: CountedStore;
  readonly #figures = noStoreFigures();
  readonly #tools: CompactTools;
  readonly #writer: ObjectWriter;
  readonly #reader: ObjectReader;
  readonly #disk: Disk;

  constructor(options: LocalJobsOptions) {
    this.#disk = options.disk;
    this.store = new CountedStore(options.store, options.clock);
    const counted = { ...options, store: this.store };
    this.#tools = counted;
    this.#writer = new ObjectWriter(counted);
    this.#reader = new ObjectReader(counted);
  }

  get storeFigures(): StoreFigures {
    addStoreFigures(this.#figures, this.store.takeFigures());
    return this.#figures;
  }

  storeBatches(job: StoreJob): Promise<StoredObject> {
    this.#reader.dropUnused();
    return this.#writer.write(job);
  }

  read(job: ReadJob): Promise<ReadBatches> {
    return this.#reader.read(job);
  }

  find(job: FindJob): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#reader.find(job);
  }

  async compact(job: CompactJob): Promise<CompactResult> {
    const { compact } = await loadCompaction();
    return await compact(job, this.#tools);
  }

  verify(job: VerifyJob): Promise<string | null> {
    return this.#reader.verify(job);
  }

  async repair(job: RepairJob): Promise<boolean> {
    const isDone = await this.#writer.repair(job);
    if (isDone) this.#reader.forget(job.source.partition, [job.object]);
    return isDone;
  }

  verifyLog(job: VerifyLogJob): Promise<readonly LogFault[]> {
    return checkLogFile(job, this.#disk, this.#tools.clock);
  }

  async deleteObjects(partition: PartitionPlace, objects: readonly StoredObject[]): Promise<void> {
    this.#reader.forget(partition, objects);
    await this.store.delete(objects.map((object) => objectKey(this.#tools.clusterId, partition, object)));
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
