/**
 * The page of the Worker in which the object tier does its heavy work. Its first message is a `TierWorkerConfig`, the
 * others are jobs.
 */
import { DenoClock } from "./src/io/deno/clock.ts";
import { DenoDisk } from "./src/io/deno/disk.ts";
import { servePage } from "./src/io/deno/job_page.ts";
import type { Clock } from "./src/io/clock.ts";
import type { Disk } from "./src/io/disk.ts";
import type { ObjectStore } from "./src/io/object_store.ts";
import type { StoreConfig } from "./src/io/store_config.ts";
import { JobsEnd } from "./src/objects/job_calls.ts";
import { LocalObjectJobs } from "./src/objects/local_jobs.ts";
import type { TierWorkerConfig } from "./src/objects/mod.ts";

servePage(async (config) => {
  const { clusterId, dataDir, store } = config as TierWorkerConfig;
  const disk = new DenoDisk(dataDir);
  const clock = new DenoClock();
  return new JobsEnd(
    new LocalObjectJobs({
      store: await openStore(store, disk, clock),
      disk,
      clock,
      clusterId,
    }),
  );
});

/** Loads what the store needs and no more: the SDK of the one would cost the other 25 MB. */
async function openStore(config: StoreConfig, disk: Disk, clock: Clock): Promise<ObjectStore> {
  if (config.kind === "directory") {
    const { DirectoryStore } = await import("./src/io/directory_store.ts");
    return new DirectoryStore({ disk, clock, directory: config.directory });
  }
  const { S3Store } = await import("./src/io/deno/s3_store.ts");
  const { bucket, region, prefix, endpoint } = config;
  return new S3Store({ bucket, region, prefix, ...(endpoint === null ? {} : { endpoint }) });
}
