import { KliteError } from "../../base/klite_error.ts";
import { Replay } from "../../engine/mod.ts";
import type { Clock } from "../../io/clock.ts";
import type { Disk } from "../../io/disk.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import { type DataIdentity, readIdentity } from "../data_directory.ts";
import { restoreCluster } from "../restore/restore_cluster.ts";
import { type ClusterFound, findCluster, findClusters } from "../restore/stored_snapshots.ts";
import { type ReplayedLog, replayLog, replayProblems } from "./inspect_log.ts";
import { SegmentBytes } from "./segment_bytes.ts";
import { StoredView, type StoredViewParts } from "./stored_view.ts";
import type { ClusterView } from "./view.ts";

export interface OpenStoredOptions {
  /** A data directory; `null` for the store alone. */
  readonly disk: Disk | null;
  /** Where the objects are. The view closes it. */
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** `null` for the data directory's, or the only one in the store. */
  readonly clusterId: string | null;
  onProgress(what: "log" | "objects", doneBytes: number, totalBytes: number): void;
}

/** A broker at work moves the log on while it is read: what then looks like damage is looked at again. */
const ATTEMPTS = 3;

/**
 * Looks at what is stored through the state that a broker would start from: that of a data directory's log, or the one
 * that an empty directory would get from the bucket. What a start would refuse is told, and the rest is there.
 * @throws KliteError NOT_FOUND when there is nothing of klite's, BAD_CONFIG when there is more than one cluster.
 */
export async function openStored(options: OpenStoredOptions): Promise<ClusterView> {
  const openedMs = options.clock.nowMs();
  const { disk, clusterId } = options;
  if (disk === null) return new StoredView(await bucketParts(options), openedMs);
  const identity = readIdentity(disk, clusterId);
  if (identity === null) {
    throw new KliteError(
      "NOT_FOUND",
      `${disk.root} is not a data directory of klite's. Name one with --data-dir, a bucket with --s3-bucket, or a ` +
        "running broker with --addr.",
    );
  }
  return new StoredView(await directoryParts(disk, identity, options), openedMs);
}

async function directoryParts(
  disk: Disk,
  identity: DataIdentity,
  { store, clock, onProgress }: OpenStoredOptions,
): Promise<StoredViewParts> {
  const { log: { replay, recovered }, problem } = await replayOrAccept(disk, clock, identity, onProgress);
  return {
    source: `data directory ${disk.root}`,
    clusterId: identity.clusterId,
    ...{ replay, store, clock },
    log: new SegmentBytes(disk, recovered.found.live),
    problems: [...(problem === null ? [] : [problem]), ...replayProblems(disk, replay, recovered)],
  };
}

async function replayOrAccept(
  disk: Disk,
  clock: Clock,
  identity: DataIdentity,
  onProgress: OpenStoredOptions["onProgress"],
): Promise<{ readonly log: ReplayedLog; readonly problem: string | null }> {
  const look = (acceptDataLoss: boolean) =>
    replayLog(disk, clock, identity, {
      acceptDataLoss,
      onProgress: (done, total) => onProgress("log", done, total),
    });
  for (let attempt = 1;; attempt++) {
    try {
      return { log: await look(false), problem: null };
    } catch (error) {
      const mayPass = error instanceof KliteError &&
        (error.code === "DATA_DAMAGED" || error.code === "NOT_FOUND");
      if (!mayPass) throw error;
      if (attempt === ATTEMPTS) return { log: await look(true), problem: error.message };
    }
  }
}

async function bucketParts({ store, clock, clusterId }: OpenStoredOptions): Promise<StoredViewParts> {
  const cluster = await chooseCluster(store, clusterId);
  const problems: string[] = [];
  const snapshot = await restoreCluster(cluster, {
    ...{ store, clock, acceptDataLoss: true },
    events: (event) => {
      if (event.type === "stored_snapshot_damaged") problems.push(`The snapshot ${event.key} is damaged.`);
      if (event.type === "cluster_restored" && event.givenUp !== "") problems.push(`${event.givenUp}.`);
    },
  });
  return {
    source: `bucket ${store.description}, cluster ${cluster.clusterId}`,
    clusterId: cluster.clusterId,
    replay: new Replay(snapshot, clock),
    log: NO_LOG,
    ...{ store, clock, problems },
  };
}

/** A bucket has no log. */
const NO_LOG = {
  view: () => null,
  read: (lsn: number) => Promise.reject(noLog(lsn)),
  hold: (lsn: number) => {
    throw noLog(lsn);
  },
};

function noLog(lsn: number): KliteError {
  return new KliteError("NOT_FOUND", `a bucket has no log, so nothing at LSN ${lsn}`);
}

async function chooseCluster(store: ObjectStore, clusterId: string | null): Promise<ClusterFound> {
  if (clusterId !== null) {
    const found = await findCluster(store, clusterId);
    if (found.snapshots.length > 0) return found;
    throw new KliteError("NOT_FOUND", `${store.description} has no snapshot of a cluster ${clusterId}.`);
  }
  const found = (await findClusters(store)).filter(({ snapshots }) => snapshots.length > 0);
  const [first, second] = found;
  if (first === undefined) {
    throw new KliteError("NOT_FOUND", `${store.description} has no cluster of klite's.`);
  }
  if (second === undefined) return first;
  const names = found.map((each) => each.clusterId).join(", ");
  throw new KliteError(
    "BAD_CONFIG",
    `${store.description} has ${found.length} clusters: ${names}. Say which with --cluster-id.`,
  );
}
