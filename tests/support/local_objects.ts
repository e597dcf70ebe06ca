/** Objects without a Worker, for brokers that tests run in their own process. */
import type { ObjectsProvider } from "../../src/broker/mod.ts";
import type { Clock } from "../../src/io/clock.ts";
import { DirectoryStore } from "../../src/io/directory_store.ts";
import type { Disk } from "../../src/io/disk.ts";
import type { ObjectStore } from "../../src/io/object_store.ts";
import type { Random } from "../../src/io/random.ts";
import { LocalObjectJobs } from "../../src/objects/local_jobs.ts";

/** What does the jobs in place, on `store`: if there is none, on the directory that a broker without a bucket has. */
export function localObjects(
  world: { readonly disk: Disk; readonly clock: Clock; readonly random: Random },
  store?: ObjectStore,
): ObjectsProvider {
  const directory = "objects";
  return {
    open: ({ clusterId }) => {
      const used = store ?? new DirectoryStore({ ...world, directory });
      return Promise.resolve(new LocalObjectJobs({ ...world, clusterId, store: used }));
    },
  };
}
