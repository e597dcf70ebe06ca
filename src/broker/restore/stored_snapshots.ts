import { KliteError } from "../../base/klite_error.ts";
import { type BrokerSnapshot, parseSnapshot } from "../../engine/mod.ts";
import type { ObjectInfo, ObjectStore } from "../../io/object_store.ts";
import {
  clusterFolder,
  metaFolder,
  parseClusterFolder,
  parseSnapshotName,
  parseTopicFolder,
} from "../../objects/object_keys.ts";

/** A stored snapshot by its name; whether it can be read is another matter. */
export interface SnapshotFound extends ObjectInfo {
  readonly lsn: number;
}

/** A cluster that a store has something of. */
export interface ClusterFound {
  readonly clusterId: string;
  /** Oldest first. */
  readonly snapshots: readonly SnapshotFound[];
  /** Folders of topics, those of deleted ones that have not been cleared among them. */
  readonly topicCount: number;
}

/** The clusters that have records or snapshots in the store: one of which there is but a lease has never been more. */
export async function findClusters(store: ObjectStore): Promise<ClusterFound[]> {
  const found: ClusterFound[] = [];
  for (const folder of await store.listFolders("")) {
    const clusterId = parseClusterFolder(folder);
    if (clusterId === null) continue;
    const cluster = await findCluster(store, clusterId);
    if (cluster.snapshots.length > 0 || cluster.topicCount > 0) found.push(cluster);
  }
  return found;
}

export async function findCluster(store: ObjectStore, clusterId: string): Promise<ClusterFound> {
  const folders = await store.listFolders(clusterFolder(clusterId));
  const topics = folders.filter((folder) => parseTopicFolder(folder) !== null);
  return { clusterId, snapshots: await findSnapshots(store, clusterId), topicCount: topics.length };
}

/** The cluster's stored snapshots, oldest first. */
export async function findSnapshots(store: ObjectStore, clusterId: string): Promise<SnapshotFound[]> {
  const found: SnapshotFound[] = [];
  for await (const page of store.list(metaFolder(clusterId))) {
    for (const info of page) {
      const lsn = parseSnapshotName(info.key.slice(metaFolder(clusterId).length));
      if (lsn !== null) found.push({ ...info, lsn });
    }
  }
  return found;
}

/**
 * A stored snapshot, `null` when it is damaged or gone.
 * @throws KliteError INCOMPATIBLE when it is of another format; and the store's own.
 */
export async function readSnapshot(store: ObjectStore, key: string): Promise<BrokerSnapshot | null> {
  try {
    const { bytes } = await store.get(key);
    return parseSnapshot(bytes, `${store.description}/${key}`);
  } catch (error) {
    if (error instanceof KliteError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}
