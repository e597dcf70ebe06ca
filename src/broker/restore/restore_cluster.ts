import { KliteError } from "../../base/klite_error.ts";
import { type ClusterSnapshot, ClusterState, offsetsWithin, PRODUCER_ID_BLOCK } from "../../cluster/mod.ts";
import { type BrokerSnapshot, SNAPSHOT_FORMAT } from "../../engine/mod.ts";
import type { Clock } from "../../io/clock.ts";
import type { EventSink } from "../../io/events.ts";
import { isoTime } from "../../io/iso_time.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import type { LogOwner, PartitionLogSnapshot } from "../../log/mod.ts";
import { clusterFolder, parseObjectKey } from "../../objects/object_keys.ts";
import { type ListedObject, type RestoredPartition, restorePartition } from "./restore_partition.ts";
import { type ClusterFound, readSnapshot, type SnapshotFound } from "./stored_snapshots.ts";

/** Partitions whose objects are looked at together: what takes time is waiting for the store. */
const PARTITIONS_AT_ONCE = 16;
/** What is said of each in messages and events; of more, only how many there are. */
const NAMED_MAX = 10;
/** Blocks of producer ids that are left out: those given out after the snapshot, to producers that may be alive. */
const BLOCKS_LEFT_OUT = 1000;

export interface RestoreParts {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly acceptDataLoss: boolean;
}

/**
 * The state of a cluster as far as the store has it: its newest readable snapshot, and what its objects have beyond
 * that. Changes nothing; the result is the snapshot to start from, behind whose LSN the new log begins.
 *
 * What is not there is not promised: offsets behind the last stored record are given up, with what producers and
 * transactions had there. A transaction that was open is aborted as soon as the broker runs, in all its partitions,
 * with an epoch that fences its producer: nobody can tell whether all of it is here.
 * @throws KliteError DATA_DAMAGED when no snapshot can be read, or objects are missing or damaged whose records were
 * stored for good, unless that is accepted.
 */
export async function restoreCluster(
  { clusterId, snapshots }: ClusterFound,
  parts: RestoreParts,
): Promise<BrokerSnapshot> {
  const { store, clock, events } = parts;
  const { found, snapshot } = await newestReadable(clusterId, snapshots, parts);
  events({ type: "restore_began", clusterId, snapshot: found.key, lsn: snapshot.lsn });
  const isNewest = found === snapshots.at(-1);
  const partitions = await restorePartitions(clusterId, snapshot, isNewest, parts);
  refuseProblems(store, partitions, parts.acceptDataLoss);
  const lost = partitions.filter(({ lostAtEnd }) => lostAtEnd > 0).sort((a, b) => b.lostAtEnd - a.lostAtEnd);
  events({
    type: "cluster_restored",
    clusterId,
    snapshotAt: isoTime(found.modifiedMs),
    snapshotAgeMs: clock.nowMs() - found.modifiedMs,
    topics: snapshot.cluster.topics.length,
    partitions: partitions.length,
    objects: sum(partitions, ({ objectCount }) => objectCount),
    recordsBehindSnapshot: sum(partitions, ({ adopted }) => adopted),
    recordsMissing: sum(lost, ({ lostAtEnd }) => lostAtEnd),
    partitionsMissingSome: lost.length,
    missing: named(lost.map(({ name, lostAtEnd }) => `${name}: ${lostAtEnd}`)),
    givenUp: named(partitions.flatMap(({ problems }) => problems)),
  });
  return {
    format: SNAPSHOT_FORMAT,
    // Above all that are stored, also those that cannot be read: later ones must be newer.
    lsn: snapshots.reduce((largest, { lsn }) => Math.max(largest, lsn), 0),
    cluster: withinLogs(withProducers(snapshot.cluster, partitions, clock.nowMs()), partitions),
    logs: partitions.map(({ log }) => log),
  };
}

async function newestReadable(
  clusterId: string,
  snapshots: readonly SnapshotFound[],
  { store, events }: RestoreParts,
): Promise<{ found: SnapshotFound; snapshot: BrokerSnapshot }> {
  for (const found of snapshots.toReversed()) {
    const snapshot = await readSnapshot(store, found.key);
    if (snapshot !== null) return { found, snapshot };
    events({ type: "stored_snapshot_damaged", key: found.key });
  }
  throw new KliteError(
    "DATA_DAMAGED",
    `None of the ${snapshots.length} snapshots of the cluster ${clusterId} in ${store.description} can be read, so ` +
      "nothing says which topics its objects belong to. Restore one of them from an older version of the bucket; " +
      "or begin anew with another --cluster-id.",
  );
}

/** Walks the list of all objects once, and restores partitions as it comes by them; those without objects at the end. */
async function restorePartitions(
  clusterId: string,
  snapshot: BrokerSnapshot,
  isNewest: boolean,
  { store, clock }: RestoreParts,
): Promise<RestoredPartition[]> {
  const expected = expectedPartitions(snapshot);
  const restored: RestoredPartition[] = [];
  const turns = new Turns(PARTITIONS_AT_ONCE);
  const restore = (key: string, listed: readonly ListedObject[]) => {
    const partition = expected.get(key);
    // Objects of topics that are deleted, or of partitions that no snapshot has: nobody's.
    if (partition === undefined) return Promise.resolve();
    expected.delete(key);
    return turns.begin(async () => {
      const { leaderEpoch } = snapshot.cluster;
      const found = { clusterId, store, listed, leaderEpoch, isNewest, nowMs: clock.nowMs() };
      restored.push(await restorePartition({ ...found, ...partition }));
    });
  };
  let current = "";
  let listed: ListedObject[] = [];
  for await (const page of store.list(clusterFolder(clusterId))) {
    for (const { key, sizeBytes } of page) {
      const parsed = parseObjectKey(clusterId, key);
      if (parsed === null) continue;
      const next = `${parsed.partition.topicId}/${parsed.partition.index}`;
      if (next !== current && listed.length > 0) {
        await restore(current, listed);
        listed = [];
      }
      current = next;
      listed.push({ name: parsed.name, sizeBytes });
    }
  }
  if (listed.length > 0) await restore(current, listed);
  for (const key of [...expected.keys()]) await restore(key, []);
  await turns.end();
  return restored;
}

/** The snapshot's partitions by topic id and index. */
function expectedPartitions(
  { cluster, logs }: BrokerSnapshot,
): Map<string, { owner: LogOwner; snapshot: PartitionLogSnapshot }> {
  const byStream = new Map(logs.map((log) => [log.stream, log]));
  const expected = new Map<string, { owner: LogOwner; snapshot: PartitionLogSnapshot }>();
  for (const topic of cluster.topics) {
    for (const [index, stream] of topic.streams.entries()) {
      const snapshot = byStream.get(stream);
      if (snapshot !== undefined) expected.set(`${topic.id}/${index}`, { owner: { topic, index }, snapshot });
    }
  }
  return expected;
}

function refuseProblems(
  store: ObjectStore,
  partitions: readonly RestoredPartition[],
  isAccepted: boolean,
): void {
  const problems = partitions.flatMap((each) => each.problems);
  if (problems.length === 0 || isAccepted) return;
  throw new KliteError(
    "DATA_DAMAGED",
    `Objects in ${store.description} are missing or damaged: ${named(problems)}. ` +
      "Restore them from older versions in the bucket, if it keeps them; or start once with --accept-data-loss, which " +
      "gives up what they held.",
  );
}

/** The cluster with what its partitions tell of producers, and with all open transactions due to be aborted. */
function withProducers(
  cluster: ClusterSnapshot,
  partitions: readonly RestoredPartition[],
  nowMs: number,
): ClusterSnapshot {
  const epochs = new Map<number, number>();
  for (const { producerEpochs } of partitions) {
    for (const [id, epoch] of producerEpochs) epochs.set(id, Math.max(epoch, epochs.get(id) ?? 0));
  }
  const state = ClusterState.restore(cluster);
  for (const { openProducers, stream } of partitions) {
    for (const id of openProducers) state.transactions.written(id, stream, nowMs);
  }
  const saved = state.snapshot();
  let largestId = -1;
  for (const id of epochs.keys()) largestId = Math.max(largestId, id);
  return {
    ...saved,
    // The start raises it above that, so that clients notice.
    leaderEpoch: partitions.reduce((most, { leaderEpoch }) => Math.max(most, leaderEpoch), saved.leaderEpoch),
    nextProducerId: Math.max(saved.nextProducerId, largestId + 1) + BLOCKS_LEFT_OUT * PRODUCER_ID_BLOCK,
    transactions: saved.transactions.map((transaction) => {
      const { identity, state } = transaction;
      const epoch = Math.max(identity.epoch, epochs.get(identity.producerId) ?? 0);
      return {
        ...transaction,
        identity: { ...identity, epoch },
        // Whatever its time-out is, that is over.
        startMs: state === "Ongoing" ? 0 : transaction.startMs,
      };
    }),
  };
}

/**
 * The cluster with no group further than its partitions are: what is written there next would pass it by. A client that
 * keeps its position finds out by the leader epoch; one that asks for what was committed may not look.
 */
function withinLogs(cluster: ClusterSnapshot, partitions: readonly RestoredPartition[]): ClusterSnapshot {
  const ends = new Map(partitions.map(({ stream, log }) => [stream, log.logEndOffset]));
  const streams = new Map(cluster.topics.map((topic) => [topic.id, topic.streams]));
  const { groups, pending } = cluster.offsets;
  const within = groups.map(({ group, topics }) => ({
    group,
    topics: topics.map((offsets) =>
      offsetsWithin(offsets, (partition) => ends.get(streams.get(offsets.topic)?.[partition] ?? -1))
    ),
  }));
  return { ...cluster, offsets: { groups: within, pending } };
}

function named(all: readonly string[]): string {
  const rest = all.length - NAMED_MAX;
  return all.slice(0, NAMED_MAX).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

/** Runs so many actions at a time; the first failure is everyone's, once all that run have ended. */
class Turns {
  readonly #most: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(most: number) {
    this.#most = most;
  }

  async begin(action: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#most) await Promise.race(this.#running);
    if (this.#failure !== null) return this.end();
    const running = action()
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async end(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failure !== null) throw this.#failure.error;
  }
}
