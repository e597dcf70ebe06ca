import type { Channel } from "../io/channel.ts";
import { gatherContent } from "../io/object_content.ts";
import type {
  ByteRange,
  ObjectContent,
  ObjectInfo,
  ObjectStore,
  PutCondition,
  StoredBytes,
} from "../io/object_store.ts";
import { addStoreFigures, noStoreFigures, type StoreFigures } from "../io/store_figures.ts";
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
import type { CountedAnswer, JobCallName, JobCalls } from "./job_calls.ts";
import type { StoredObject } from "./stored_object.ts";

/** Does one of the calls at the other end of a channel. */
class JobChannel {
  readonly figures = noStoreFigures();
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  async call<Name extends JobCallName>(
    name: Name,
    argument: JobCalls[Name]["argument"],
  ): Promise<JobCalls[Name]["answer"]> {
    const { value, asked } = await this.#channel.call(name, argument) as CountedAnswer;
    addStoreFigures(this.figures, asked);
    return value as JobCalls[Name]["answer"];
  }

  close(): Promise<void> {
    return this.#channel.close();
  }
}

/** The jobs, done by a `JobsEnd` at the other end of a channel. */
export class RemoteObjectJobs implements ObjectJobs {
  readonly store: ObjectStore;
  readonly #channel: JobChannel;

  /** `storeDescription` is what the store at the other end says where it is. */
  constructor(channel: Channel, options: { readonly storeDescription: string }) {
    this.#channel = new JobChannel(channel);
    this.store = new RemoteStore(this.#channel, options.storeDescription);
  }

  get storeFigures(): StoreFigures {
    return this.#channel.figures;
  }

  storeBatches(job: StoreJob): Promise<StoredObject> {
    return this.#channel.call("storeBatches", job);
  }

  read(job: ReadJob): Promise<ReadBatches> {
    return this.#channel.call("read", job);
  }

  find(job: FindJob): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#channel.call("find", job);
  }

  compact(job: CompactJob): Promise<CompactResult> {
    return this.#channel.call("compact", job);
  }

  verify(job: VerifyJob): Promise<string | null> {
    return this.#channel.call("verify", job);
  }

  repair(job: RepairJob): Promise<boolean> {
    return this.#channel.call("repair", job);
  }

  verifyLog(job: VerifyLogJob): Promise<readonly LogFault[]> {
    return this.#channel.call("verifyLog", job);
  }

  deleteObjects(partition: PartitionPlace, objects: readonly StoredObject[]): Promise<void> {
    return this.#channel.call("deleteObjects", { partition, objects });
  }

  close(): Promise<void> {
    return this.#channel.close();
  }
}

/** The store at the other end. Bytes that are put are copied to it as a whole. */
class RemoteStore implements ObjectStore {
  readonly description: string;
  readonly #channel: JobChannel;

  constructor(channel: JobChannel, description: string) {
    this.#channel = channel;
    this.description = description;
  }

  get(key: string, range?: ByteRange): Promise<StoredBytes> {
    return this.#channel.call("storeGet", range === undefined ? { key } : { key, range });
  }

  head(key: string): Promise<ObjectInfo | null> {
    return this.#channel.call("storeHead", key);
  }

  async put(
    key: string,
    content: Uint8Array | ObjectContent,
    condition?: PutCondition,
  ): Promise<{ readonly etag: string }> {
    const bytes = await gatherContent(content);
    return await this.#channel.call(
      "storePut",
      condition === undefined ? { key, bytes } : { key, bytes, condition },
    );
  }

  async *list(
    prefix: string,
    options: { readonly afterKey?: string } = {},
  ): AsyncIterable<readonly ObjectInfo[]> {
    for (let { afterKey } = options;;) {
      const page = await this.#channel.call(
        "storeList",
        afterKey === undefined ? { prefix } : { prefix, afterKey },
      );
      if (page === null) return;
      afterKey = page.at(-1)?.key;
      yield page;
    }
  }

  listFolders(prefix: string): Promise<readonly string[]> {
    return this.#channel.call("storeListFolders", prefix);
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#channel.call("storeDelete", keys);
  }

  removeUnfinished(prefix: string, olderThanMs: number): Promise<void> {
    return this.#channel.call("storeRemoveUnfinished", { prefix, olderThanMs });
  }

  /** The channel is closed with the jobs. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
