import { KliteError } from "../base/klite_error.ts";
import { type BrokerSnapshot, SnapshotStore } from "../engine/mod.ts";
import type { Clock } from "../io/clock.ts";
import type { Disk } from "../io/disk.ts";
import type { EventSink } from "../io/events.ts";
import { isoTime } from "../io/iso_time.ts";
import type { ObjectStore } from "../io/object_store.ts";
import type { Random } from "../io/random.ts";
import {
  type DataIdentity,
  type LeaseHolder,
  markLoss,
  newClusterId,
  newIdentity,
  readIdentity,
  readLeaseHolder,
  saveIdentity,
  saveLeaseHolder,
  SNAPSHOT_DIRECTORY,
} from "./data_directory.ts";
import { Lease, type LeaseTimes } from "./lease.ts";
import { restoreCluster } from "./restore/restore_cluster.ts";
import { type ClusterFound, findCluster, findClusters } from "./restore/stored_snapshots.ts";

export interface ClaimOptions {
  /** The data directory, locked. */
  readonly disk: Disk;
  /** The bucket, for what belongs to that cluster; with an empty id for a look at which there are, used no more later. */
  openStore(clusterId: string): Promise<ObjectStore>;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventSink;
  /** As the operator gave it, `null` when not. */
  readonly clusterId: string | null;
  readonly acceptDataLoss: boolean;
  /** Where the bucket is, as `objectHome` says it. */
  readonly objectHome: string;
  readonly times: LeaseTimes;
  /** Where this broker serves, for whoever finds the lease held. */
  readonly address: string;
  /** Called at most once: another broker has the cluster, and this one must stop at once. */
  onLost(error: KliteError): void;
}

/** A data directory that is ready to be opened, and the right to do so. */
export interface Claim {
  readonly identity: DataIdentity;
  readonly lease: Lease;
  /** Gives the lease up, at the end of an orderly stop. */
  release(): Promise<void>;
}

/**
 * Makes this the broker of a cluster that keeps its records in a bucket: says whose the data directory is, takes the
 * lease, and fills an empty directory with what the bucket has.
 *
 * An empty directory with `--cluster-id` gets that cluster back, or is a new one's if the bucket does not know it.
 * Without it, it is a new cluster's only where the bucket has none: a second one beside an old one's data is never
 * begun in silence. A directory becomes one that can be started by the last step, the writing of its identity; cut
 * short before that, all begins anew.
 * @throws KliteError BAD_CONFIG when a cluster must be chosen; LEASE_HELD, INCOMPATIBLE as {@link Lease.acquire};
 * DATA_DAMAGED as `restoreCluster`; the store's and the disk's own.
 */
export async function claimCluster(options: ClaimOptions): Promise<Claim> {
  const { disk, random } = options;
  const existing = readIdentity(disk, options.clusterId);
  const clusterId = existing?.clusterId ?? options.clusterId ??
    await newClusterFor(await options.openStore(""), random);
  const store = await options.openStore(clusterId);
  const holder = await leaseHolder(disk, random);
  const lease = await acquire(options, store, clusterId, holder, existing);
  try {
    if (!holder.hadLease) await saveLeaseHolder(disk, { id: holder.id, hadLease: true });
    const identity = existing ?? await fillDirectory(options, store, clusterId, lease);
    return { identity, lease, release: () => release(lease, disk, holder.id) };
  } catch (error) {
    await release(lease, disk, holder.id);
    throw error;
  }
}

/** The id of a new cluster, where there is none yet. */
async function newClusterFor(store: ObjectStore, random: Random): Promise<string> {
  const clusters = await findClusters(store);
  if (clusters.length === 0) return newClusterId(random);
  const there = clusters.map(describe).join("; ");
  throw new KliteError(
    "BAD_CONFIG",
    `The data directory is empty, and ${store.description} has ${there}. Start with ` +
      "--cluster-id and one of these to get it back; or with a --cluster-id of your choice to begin a new one beside.",
  );
}

function describe({ clusterId, snapshots, topicCount }: ClusterFound): string {
  const newest = snapshots.at(-1);
  const age = newest === undefined ? "no snapshot" : `newest snapshot of ${isoTime(newest.modifiedMs)}`;
  return `the cluster ${clusterId} (${topicCount} topics, ${age})`;
}

async function leaseHolder(disk: Disk, random: Random): Promise<LeaseHolder> {
  const known = readLeaseHolder(disk);
  if (known !== null) return known;
  const holder = { id: random.bytes(12).toHex(), hadLease: false };
  // An id that a crash makes another would have to wait for its own lease.
  await saveLeaseHolder(disk, holder);
  return holder;
}

function acquire(
  { disk, clock, random, events, times, address, onLost }: ClaimOptions,
  store: ObjectStore,
  clusterId: string,
  { id, hadLease }: LeaseHolder,
  identity: DataIdentity | null,
): Promise<Lease> {
  return Lease.acquire({
    ...{ store, clock, random, events, clusterId, times, address },
    holder: id,
    history: identity?.logId.toHex() ?? null,
    // An empty directory cannot go on without the store.
    wasOurs: hadLease && identity !== null,
    onLost: (error) => {
      const stop = (): void => onLost(error);
      // Or the next start, with the store away, would believe that it may go on.
      saveLeaseHolder(disk, { id, hadLease: false }).then(stop, stop);
    },
  });
}

async function release(lease: Lease, disk: Disk, id: string): Promise<void> {
  if (await lease.release()) await saveLeaseHolder(disk, { id, hadLease: false });
}

/** Makes an empty directory that of a new cluster, or of one that the store has. */
async function fillDirectory(
  options: ClaimOptions,
  store: ObjectStore,
  clusterId: string,
  lease: Lease,
): Promise<DataIdentity> {
  const { disk, random } = options;
  const found = await findCluster(store, clusterId);
  if (found.snapshots.length === 0 && found.topicCount > 0) {
    throw new KliteError(
      "DATA_DAMAGED",
      `${store.description} has ${found.topicCount} topics of the cluster ${clusterId}, but no snapshot: nothing says ` +
        "how they were configured and who had read how far. Restore one from an older version of the bucket; or begin " +
        "anew with another --cluster-id. klite inspect shows what is there.",
    );
  }
  let firstLsn = 0;
  if (found.snapshots.length > 0) {
    const snapshot = await restoreCluster(found, { ...options, store });
    firstLsn = Math.max(snapshot.lsn, lease.storedLsn);
    await saveRestored({ ...snapshot, lsn: firstLsn }, disk, options.clock);
  } else {
    // Of a cluster that somebody has cleared away the lease may still tell.
    lease.requireLog(firstLsn, true);
  }
  const identity = newIdentity(random, clusterId, firstLsn, options.objectHome);
  await saveIdentity(disk, identity);
  await lease.setHistory(identity.logId.toHex());
  return identity;
}

/** What is lost was visible: the next start has to raise the leader epoch, so that clients check their positions. */
async function saveRestored(snapshot: BrokerSnapshot, disk: Disk, clock: Clock): Promise<void> {
  // Of a restore that was cut short.
  for (const name of disk.list(SNAPSHOT_DIRECTORY)) disk.remove(`${SNAPSHOT_DIRECTORY}/${name}`);
  const pause = () => new Promise<void>((resolve) => void clock.setTimer(0, resolve));
  await new SnapshotStore(disk, SNAPSHOT_DIRECTORY).save(snapshot, pause);
  await markLoss(disk);
}
