import type { ChannelAnswer, ChannelEnd } from "../io/channel.ts";
import type { ByteRange, ObjectInfo, PutCondition, StoredBytes } from "../io/object_store.ts";
import type { StoreFigures } from "../io/store_figures.ts";
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
import type { LocalObjectJobs } from "./local_jobs.ts";
import type { StoredObject } from "./stored_object.ts";

/** The calls of `ObjectJobs` and its store as data: of each, what goes over and what comes back. */
export interface JobCalls {
  readonly storeBatches: Call<StoreJob, StoredObject>;
  readonly read: Call<ReadJob, ReadBatches>;
  readonly find: Call<FindJob, Uint8Array<ArrayBuffer> | null>;
  readonly compact: Call<CompactJob, CompactResult>;
  readonly verify: Call<VerifyJob, string | null>;
  readonly repair: Call<RepairJob, boolean>;
  readonly verifyLog: Call<VerifyLogJob, readonly LogFault[]>;
  readonly deleteObjects: Call<
    { readonly partition: PartitionPlace; readonly objects: readonly StoredObject[] },
    void
  >;
  readonly storeGet: Call<{ readonly key: string; readonly range?: ByteRange }, StoredBytes>;
  readonly storeHead: Call<string, ObjectInfo | null>;
  readonly storePut: Call<
    { readonly key: string; readonly bytes: Uint8Array; readonly condition?: PutCondition },
    { readonly etag: string }
  >;
  /** One page, `null` behind the last one. */
  readonly storeList: Call<
    { readonly prefix: string; readonly afterKey?: string },
    readonly ObjectInfo[] | null
  >;
  readonly storeListFolders: Call<string, readonly string[]>;
  readonly storeDelete: Call<readonly string[], void>;
  readonly storeRemoveUnfinished: Call<{ readonly prefix: string; readonly olderThanMs: number }, void>;
}

interface Call<Argument, Answer> {
  readonly argument: Argument;
  readonly answer: Answer;
}

export type JobCallName = keyof JobCalls;

type Handlers = {
  readonly [Name in JobCallName]: (
    jobs: ObjectJobs,
    argument: JobCalls[Name]["argument"],
  ) => Promise<JobCalls[Name]["answer"]>;
};

const HANDLERS: Handlers = {
  storeBatches: (jobs, job) => jobs.storeBatches(job),
  read: (jobs, job) => jobs.read(job),
  find: (jobs, job) => jobs.find(job),
  compact: (jobs, job) => jobs.compact(job),
  verify: (jobs, job) => jobs.verify(job),
  repair: (jobs, job) => jobs.repair(job),
  verifyLog: (jobs, job) => jobs.verifyLog(job),
  deleteObjects: (jobs, { partition, objects }) => jobs.deleteObjects(partition, objects),
  storeGet: ({ store }, { key, range }) => store.get(key, range),
  storeHead: ({ store }, key) => store.head(key),
  storePut: ({ store }, { key, bytes, condition }) => store.put(key, bytes, condition),
  storeList: async ({ store }, { prefix, afterKey }) => {
    for await (const page of store.list(prefix, afterKey === undefined ? {} : { afterKey })) {
      if (page.length > 0) return page;
    }
    return null;
  },
  storeListFolders: ({ store }, prefix) => store.listFolders(prefix),
  storeDelete: ({ store }, keys) => store.delete(keys),
  storeRemoveUnfinished: ({ store }, { prefix, olderThanMs }) => store.removeUnfinished(prefix, olderThanMs),
};

/** What comes back over the channel: the answer, and what was asked of the store since the one before. */
export interface CountedAnswer {
  readonly value: unknown;
  readonly asked: StoreFigures;
}

/** The end of a channel that does what `RemoteObjectJobs` asks for. */
export class JobsEnd implements ChannelEnd {
  readonly #jobs: LocalObjectJobs;

  constructor(jobs: LocalObjectJobs) {
    this.#jobs = jobs;
  }

  async answer(name: string, argument: unknown): Promise<ChannelAnswer> {
    // Both sides are this program's own, of one version: what comes over is what `RemoteObjectJobs` has sent.
    const handler = HANDLERS[name as JobCallName] as (
      jobs: ObjectJobs,
      argument: unknown,
    ) => Promise<unknown>;
    const value = await handler(this.#jobs, argument);
    const answer: CountedAnswer = { value, asked: this.#jobs.store.takeFigures() };
    return { value: answer, moved: memoryOf(value) };
  }

  close(): Promise<void> {
    return this.#jobs.close();
  }
}

/** The memory of bytes that are an answer, or a field `bytes` of it. */
function memoryOf(value: unknown): ArrayBuffer[] {
  const bytes = typeof value === "object" && value !== null && "bytes" in value ? value.bytes : value;
  return bytes instanceof Uint8Array && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}
