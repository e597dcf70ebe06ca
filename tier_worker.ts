/**
 * The page of the Worker in which the object tier does its heavy work. Its first message is a `TierWorkerConfig`, the
 * others are jobs.
 */
import { DenoClock } from "./src/io/deno/clock.ts";
import { DirectHere } from "./src/io/deno/direct_here.ts";
import { DirectIo } from "./src/io/deno/direct_io.ts";
import { DenoDisk } from "./src/io/deno/disk.ts";
import { servePage } from "./src/io/deno/job_page.ts";
import { openStore } from "./src/io/deno/open_store.ts";
import { JobsEnd } from "./src/objects/job_calls.ts";
import { LocalObjectJobs } from "./src/objects/local_jobs.ts";
import type { TierWorkerConfig } from "./src/objects/mod.ts";

servePage(async (config) => {
  const { clusterId, dataDir, store } = config as TierWorkerConfig;
  // Whole objects pass here, of which nothing is wanted again soon; and who waits for the disk keeps no client waiting.
  const directIo = new DirectIo({ afterBytes: 0, performer: () => new DirectHere() });
  await directIo.join();
  const disk = new DenoDisk(dataDir, directIo);
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
