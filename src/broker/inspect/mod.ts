/**
 * A look at what is stored, without a broker and beside one: nothing is written, nothing is locked.
 *
 * A data directory's log is read as a start would read it; a bucket's cluster is told by its newest snapshot that can be
 * read, or by the names of its objects where there is none. Objects are compared with that metadata: what should be
 * there and is not, or is of another size, is a problem; what is there and not named is younger than the metadata, or
 * waits to be cleared, and is none. With `verifies` every byte of every object is read.
 *
 * {@link openStored} goes one step further: from the same metadata it makes the state that a broker would start from, and
 * answers what a running broker would be asked ({@link ClusterView}): topics, groups, transactions, records.
 *
 * A broker at work moves on while this reads. Each part is consistent in itself, and objects are listed behind the
 * metadata, so that what it stores meanwhile is no problem; what it deletes meanwhile may look like one, once.
 */
import { KliteError } from "../../base/klite_error.ts";
import type { BrokerSnapshot } from "../../engine/mod.ts";
import type { Clock } from "../../io/clock.ts";
import type { Disk } from "../../io/disk.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import { readIdentity } from "../data_directory.ts";
import { findClusters } from "../restore/stored_snapshots.ts";
import { type ClusterFindings, inspectCluster } from "./inspect_cluster.ts";
import { inspectLog } from "./inspect_log.ts";
import type { InspectedLog, InspectReport } from "./report.ts";
import { verifyObjects } from "./verify_objects.ts";

export { OBJECT_DIRECTORY } from "../data_directory.ts";
export { openStored } from "./open_stored.ts";
export type * from "./view.ts";
export type {
  InspectedCluster,
  InspectedLog,
  InspectedPartition,
  InspectedTopic,
  InspectReport,
} from "./report.ts";

export interface InspectOptions {
  /** A data directory to look at; `null` for the store alone. */
  readonly disk: Disk | null;
  /** Where the objects are. */
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** Only this cluster; `null` for the data directory's, or all in the store. */
  readonly clusterId: string | null;
  /** Only this topic; `null` for all. */
  readonly topic: string | null;
  /** Whether all bytes are read. */
  readonly verifies: boolean;
  onProgress(what: "log" | "objects", doneBytes: number, totalBytes: number): void;
}

/**
 * Looks at a data directory, a bucket, or both.
 * @throws KliteError NOT_FOUND when there is nothing of klite's; the disk's and the store's own.
 */
export async function inspect(options: InspectOptions): Promise<InspectReport> {
  const { disk, store, clock, clusterId } = options;
  const problems: string[] = [];
  let log: InspectedLog | null = null;
  let metadata: BrokerSnapshot | null = null;
  let clusterIds: string[];
  if (disk !== null) {
    const identity = readIdentity(disk, clusterId);
    if (identity === null) {
      throw new KliteError("NOT_FOUND", `${disk.root} is not a data directory of klite's.`);
    }
    clusterIds = [identity.clusterId];
    try {
      const found = await inspectLog(
        disk,
        clock,
        identity,
        (done, total) => options.onProgress("log", done, total),
      );
      ({ log, metadata } = found);
      problems.push(...found.problems);
    } catch (error) {
      if (!(error instanceof KliteError) || error.code !== "DATA_DAMAGED") throw error;
      problems.push(error.message);
    }
  } else {clusterIds = clusterId !== null
      ? [clusterId]
      : (await findClusters(store)).map((each) => each.clusterId);}

  const clusters: ClusterFindings[] = [];
  for (const id of clusterIds) {
    const { topic, verifies } = options;
    clusters.push(
      await inspectCluster({ store, clusterId: id, metadata, topic, readsAllSnapshots: verifies }),
    );
  }
  problems.push(...clusters.flatMap((each) => each.problems));
  return {
    dataDir: disk?.root ?? null,
    store: store.description,
    log,
    clusters: clusters.map(({ cluster }) => cluster),
    verified: options.verifies ? await verify(clusters, options, problems) : null,
    problems,
  };
}

async function verify(
  clusters: readonly ClusterFindings[],
  { store, onProgress }: InspectOptions,
  problems: string[],
): Promise<{ objects: number; bytes: number }> {
  const objects = clusters.flatMap((each) => each.objects);
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let done = 0;
  const found = await verifyObjects(store, objects, (more) => onProgress("objects", done += more, bytes));
  // Of an object whose footer is damaged both looks tell.
  problems.push(...found.filter((problem) => !problems.includes(problem)));
  return { objects: objects.length, bytes };
}
