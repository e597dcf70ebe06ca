import type { StoreConfig } from "../io/store_config.ts";

/** What the Worker of the object tier (`tier_worker.ts`) is told before its first job. */
export interface TierWorkerConfig {
  readonly clusterId: string;
  /** Where the log's files are, and the store's when it is a directory. */
  readonly dataDir: string;
  readonly store: StoreConfig;
}
