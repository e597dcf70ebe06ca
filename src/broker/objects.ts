import type { TierSettings } from "../engine/mod.ts";
import type { Channel } from "../io/channel.ts";
import type { Address } from "../io/network.ts";
import { formatAddress } from "../io/address.ts";
import type { ObjectJobs, TierWorkerConfig } from "../objects/mod.ts";
import type { BrokerConfig } from "./config.ts";
import { OBJECT_DIRECTORY } from "./data_directory.ts";

/** Of a log without a bound, so much stays in it although it is stored, as with the default bound. */
const CACHE_BYTES_UNBOUNDED = 2 ** 29;

export type { TierWorkerConfig };

/** Opens what does the heavy work on the objects of a cluster. */
export interface ObjectsProvider {
  open(config: TierWorkerConfig): Promise<ObjectJobs>;
}

/** The jobs, done at the other end of `channel` by whoever was given `config`. */
export async function remoteJobs(
  channel: Channel,
  { store, dataDir }: TierWorkerConfig,
): Promise<ObjectJobs> {
  const { RemoteObjectJobs } = await import("../objects/remote_jobs.ts");
  const storeDescription = store.kind === "directory"
    ? `${dataDir}/${store.directory}`
    : `s3://${[store.bucket, store.prefix].filter((part) => part !== "").join("/")}`;
  return new RemoteObjectJobs(channel, { storeDescription });
}

/** The jobs of one broker: opened when first asked for, closed at its end. */
export class BrokerObjects {
  readonly #provider: ObjectsProvider;
  readonly #config: BrokerConfig;
  #opened: Promise<ObjectJobs> | null = null;
  #clusterId = "";

  constructor(provider: ObjectsProvider, config: BrokerConfig) {
    this.#provider = provider;
    this.#config = config;
  }

  /** The jobs of that cluster; with an empty id only their store is of use, to find clusters. */
  async open(clusterId: string): Promise<ObjectJobs> {
    if (this.#opened !== null && this.#clusterId !== clusterId) await this.close();
    this.#clusterId = clusterId;
    return await (this.#opened ??= this.#provider.open(this.#workerConfig(clusterId)));
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await (await opened)?.close();
  }

  #workerConfig(clusterId: string): TierWorkerConfig {
    const { s3Bucket: bucket, s3Region: region, s3Endpoint: endpoint, s3Prefix: prefix, dataDir } =
      this.#config;
    if (bucket === null) {
      return { clusterId, dataDir, store: { kind: "directory", directory: OBJECT_DIRECTORY } };
    }
    return { clusterId, dataDir, store: { kind: "s3", bucket, region, endpoint, prefix } };
  }
}

export function tierSettings(config: BrokerConfig): TierSettings {
  const { walMaxDiskBytes, walSegmentBytes } = config;
  const cacheBytes = walMaxDiskBytes === 0 ? CACHE_BYTES_UNBOUNDED : walMaxDiskBytes / 2;
  return {
    isRemote: config.s3Bucket !== null,
    flushIntervalMs: config.s3FlushIntervalMs,
    flushCheckIntervalMs: config.s3FlushCheckIntervalMs,
    targetObjectBytes: config.s3TargetObjectBytes,
    logBytesMax: walMaxDiskBytes,
    // The file that is being written counts, too.
    logCacheBytes: Math.max(0, cacheBytes - walSegmentBytes),
    retentionCheckIntervalMs: config.retentionCheckIntervalMs,
    compactionCheckIntervalMs: config.compactionCheckIntervalMs,
    compactionMinDirtyObjects: config.compactionMinDirtyObjects,
    compactionReadRateBytes: config.compactionReadRateBytes,
    scrubIntervalMs: config.scrubIntervalMs,
  };
}

/** What the lease of the cluster says about where this broker is. */
export function publicAddress(
  { advertised, listen }: { advertised: Address | null; listen: Address },
): string {
  return formatAddress(advertised ?? listen);
}
