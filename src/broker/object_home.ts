import { KliteError } from "../base/klite_error.ts";
import type { Disk } from "../io/disk.ts";
import type { ObjectStore } from "../io/object_store.ts";
import type { PartitionLogs } from "../engine/mod.ts";
import type { PartitionLog } from "../log/mod.ts";
import { clusterFolder, objectKey } from "../objects/object_keys.ts";
import type { BrokerConfig } from "./config.ts";
import { type DataIdentity, markLoss, OBJECT_DIRECTORY, saveIdentity } from "./data_directory.ts";

/** Where a broker with that config keeps objects: in words, and equal for equal places. */
export function objectHome(config: Pick<BrokerConfig, "s3Bucket" | "s3Prefix" | "s3Endpoint">): string {
  const { s3Bucket, s3Prefix, s3Endpoint } = config;
  if (s3Bucket === null) return `${OBJECT_DIRECTORY}/ in the data directory`;
  const bucket = `s3://${s3Bucket}/${s3Prefix === "" ? "" : `${s3Prefix}/`}`;
  return s3Endpoint === null ? bucket : `${bucket} at ${s3Endpoint}`;
}

export interface ObjectHomeOptions {
  readonly disk: Disk;
  readonly identity: DataIdentity;
  /** As {@link objectHome} gives it. */
  readonly home: string;
  readonly logs: PartitionLogs;
  readonly acceptDataLoss: boolean;
  openStore(): Promise<ObjectStore>;
}

/**
 * Sees to it that a data directory is started with the store that has its objects. Another one will do if it has them,
 * too: their names are the same everywhere, so any tool can copy them. Then the directory remembers that one.
 *
 * With `acceptDataLoss` partitions begin behind what is missing.
 * @throws KliteError INCOMPATIBLE when objects are missing there; and the store's own.
 */
export async function settleObjectHome(options: ObjectHomeOptions): Promise<void> {
  const { disk, identity, home, acceptDataLoss } = options;
  if (identity.objectHome === home) return;
  const missing = options.logs.haveObjects ? await missingObjects(options) : [];
  const [first] = missing;
  if (first !== undefined) {
    if (!acceptDataLoss) throw refusal(options, missing.length, first.key);
    for (const { log, endOffset } of missing) log.moveLogStart(endOffset);
    await markLoss(disk);
  }
  await saveIdentity(disk, { ...identity, objectHome: home });
}

interface MissingObject {
  readonly log: PartitionLog;
  readonly key: string;
  readonly endOffset: number;
}

/** The live objects that the store does not have in their full size. */
async function missingObjects({ identity, logs, openStore }: ObjectHomeOptions): Promise<MissingObject[]> {
  const { clusterId } = identity;
  const wanted = new Map<string, MissingObject & { readonly sizeBytes: number }>();
  for (const log of logs) {
    for (const object of log.objects) {
      const key = objectKey(clusterId, log.place, object);
      wanted.set(key, { log, key, endOffset: object.endOffset, sizeBytes: object.sizeBytes });
    }
  }
  const store = await openStore();
  for await (const page of store.list(clusterFolder(clusterId))) {
    for (const { key, sizeBytes } of page) {
      if (wanted.get(key)?.sizeBytes === sizeBytes) wanted.delete(key);
    }
  }
  return [...wanted.values()];
}

function refusal({ disk, identity, home }: ObjectHomeOptions, count: number, key: string): KliteError {
  const before = identity.objectHome ?? "another place";
  return new KliteError(
    "INCOMPATIBLE",
    `${disk.root} has objects in ${before}, and ${home} lacks ${count} of them: ${key}, for one. Start with the ` +
      `--s3 flags of before. Or move there: with klite stopped, copy the folder ${
        clusterFolder(identity.clusterId)
      } with all that is in it from the one place to the other, under the same names, and start again. Or give up ` +
      "the records in these objects, and start once with --accept-data-loss.",
  );
}
