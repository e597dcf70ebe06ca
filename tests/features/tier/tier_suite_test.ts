import { DenoClock } from "../../../src/io/deno/clock.ts";
import { DenoDisk } from "../../../src/io/deno/disk.ts";
import { S3Store } from "../../../src/io/deno/s3_store.ts";
import { DirectoryStore } from "../../../src/io/directory_store.ts";
import type { ObjectStore } from "../../../src/io/object_store.ts";
import { lacksS3Server, S3Server } from "../../support/s3_server.ts";
import { RealTierHost, SimTierHost, type TierHost } from "../../support/tier_host.ts";
import { tierSuite } from "./tier_suite.ts";

tierSuite({ name: "simulated store", open: () => Promise.resolve(new SimTierHost()) });
tierSuite({ name: "directory", open: openDirectory });
tierSuite({ name: "S3", open: openS3, ignore: await lacksS3Server() });

async function openDirectory(): Promise<TierHost> {
  const folder = await Deno.makeTempDir({ prefix: "klite-store-" });
  const store = new DirectoryStore({
    disk: new DenoDisk(folder),
    clock: new DenoClock(),
    directory: "objects",
  });
  return new OwningHost(store, () => Deno.remove(folder, { recursive: true }));
}

async function openS3(): Promise<TierHost> {
  const server = await S3Server.start();
  const { endpoint, bucket, credentials } = server;
  const store = new S3Store({ endpoint, bucket, credentials, prefix: "some/where" });
  return new OwningHost(store, () => server[Symbol.asyncDispose]());
}

/** A host that takes its store along when it goes. */
class OwningHost extends RealTierHost {
  constructor(store: ObjectStore, readonly remove: () => Promise<void>) {
    super(store);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.store.close();
    await this.remove();
  }
}
