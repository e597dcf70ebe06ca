import type { Clock } from "../clock.ts";
import type { Disk } from "../disk.ts";
import type { ObjectStore } from "../object_store.ts";
import type { StoreConfig } from "../store_config.ts";

/** Opens a store. Loads what it needs and no more: the SDK of the one would cost the other 25 MB. */
export async function openStore(config: StoreConfig, disk: Disk, clock: Clock): Promise<ObjectStore> {
  if (config.kind === "directory") {
    const { DirectoryStore } = await import("../directory_store.ts");
    return new DirectoryStore({ disk, clock, directory: config.directory });
  }
  const { S3Store } = await import("./s3_store.ts");
  const { bucket, region, prefix, endpoint } = config;
  return new S3Store({ bucket, region, prefix, ...(endpoint === null ? {} : { endpoint }) });
}
