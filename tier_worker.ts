/**
 * The page of the Worker in which the object tier does its heavy work. Its first message is a `TierWorkerConfig`, the
 * others are jobs.
 */
import { DenoClock } from "./src/io/deno/clock.ts";
import { DenoDisk } from "./src/io/deno/disk.ts";
import { servePage } from "./src/io/deno/job_page.ts";
import { openStore } from "./src/io/deno/open_store.ts";
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
