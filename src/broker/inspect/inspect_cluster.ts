import { KliteError } from "../../base/klite_error.ts";
import type { BrokerSnapshot } from "../../engine/mod.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import { PartitionLog, type PartitionLogSnapshot } from "../../log/mod.ts";
import type { PartitionPlace } from "../../objects/contract.ts";
import { clusterFolder, leaseKey, type ObjectName, parseObjectKey } from "../../objects/object_keys.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import { type LeaseContent, readLease } from "../lease_content.ts";
import { describeObject, readFooter } from "../restore/object_batches.ts";
import { type Candidate, chooseChain } from "../restore/object_chain.ts";
import { findSnapshots, readSnapshot, type SnapshotFound } from "../restore/stored_snapshots.ts";
import type { InspectedCluster, InspectedPartition, InspectedTopic } from "./report.ts";

/** An object in the store's list, and what the metadata says of it. */
export interface FoundObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** `null` when no metadata names it. */
  readonly known: StoredObject | null;
}

/** What was found, and what there is to be verified. */
export interface ClusterFindings {
  readonly cluster: InspectedCluster;
  readonly objects: readonly FoundObject[];
  readonly problems: readonly string[];
}

export interface ClusterQuery {
  readonly store: ObjectStore;
  readonly clusterId: string;
  /** What the data directory knows; `null` to go by what is stored. */
  readonly metadata: BrokerSnapshot | null;
  /** Only this topic; `null` for all. */
  readonly topic: string | null;
  /** Whether all snapshots are read, and not only as many as it takes to have one. */
  readonly readsAllSnapshots: boolean;
}

/** Looks at a cluster in a store, and compares its objects with the metadata. */
export async function inspectCluster(query: ClusterQuery): Promise<ClusterFindings> {
  const { store, clusterId } = query;
  const problems: string[] = [];
  const snapshots = await findSnapshots(store, clusterId);
  const stored = await storedMetadata(query, snapshots, problems);
  const metadata = query.metadata ?? stored;
  const lister = new PartitionLister(metadata, query.topic);
  for await (const page of store.list(clusterFolder(clusterId))) {
    for (const { key, sizeBytes } of page) {
      const parsed = parseObjectKey(clusterId, key);
      if (parsed !== null) lister.add(parsed.partition, parsed.name, { key, sizeBytes });
    }
  }
  const topics = await lister.finish(store, problems);
  const { objects } = lister;
  return {
    cluster: {
      clusterId,
      lease: await tryReadLease(query, problems),
      snapshots: snapshots.map(({ key, lsn, sizeBytes, modifiedMs }) => ({
        key,
        lsn,
        sizeBytes,
        modifiedMs,
      })),
      metadata: query.metadata !== null
        ? "data directory"
        : stored !== null
        ? "stored snapshot"
        : "object names",
      topics,
      groups: metadata?.cluster.groups.length ?? 0,
      objects: objects.length,
      objectBytes: objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    },
    objects,
    problems,
  };
}

/** The newest stored snapshot that can be read. */
async function storedMetadata(
  { store, metadata, readsAllSnapshots }: ClusterQuery,
  snapshots: readonly SnapshotFound[],
  problems: string[],
): Promise<BrokerSnapshot | null> {
  let newest: BrokerSnapshot | null = null;
  for (const { key } of snapshots.toReversed()) {
    if (!readsAllSnapshots && (newest !== null || metadata !== null)) break;
    const snapshot = await readSnapshot(store, key);
    newest ??= snapshot;
    if (snapshot === null && await store.head(key) !== null) {
      problems.push(`The snapshot ${key} is damaged.`);
    }
  }
  return newest;
}

async function tryReadLease(
  { store, clusterId }: ClusterQuery,
  problems: string[],
): Promise<LeaseContent | null> {
  try {
    return (await readLease(store, leaseKey(clusterId)))?.content ?? null;
  } catch (error) {
    if (!(error instanceof KliteError) || error.code !== "INCOMPATIBLE") throw error;
    problems.push(error.message);
    return null;
  }
}

/** A partition as metadata and list have it so far. */
interface Listed {
  readonly name: string;
  readonly log: PartitionLog | null;
  readonly objects: { readonly name: ObjectName; readonly found: FoundObject }[];
}

interface TopicListed {
  readonly name: string;
  readonly configs: Readonly<Record<string, string>> | null;
  readonly partitions: Map<number, Listed>;
}

/** Puts the objects of a list to their partitions. */
class PartitionLister {
  readonly objects: FoundObject[] = [];
  readonly #topics = new Map<string, TopicListed>();
  readonly #only: string | null;

  constructor(metadata: BrokerSnapshot | null, only: string | null) {
    this.#only = only;
    const byStream = new Map((metadata?.logs ?? []).map((log) => [log.stream, log]));
    for (const topic of metadata?.cluster.topics ?? []) {
      if (only !== null && topic.name !== only) continue;
      const { name, id, configs } = topic;
      const partitions = new Map<number, Listed>();
      for (const [index, stream] of topic.streams.entries()) {
        const saved = byStream.get(stream);
        const log = saved === undefined ? null : restored(saved, { topic, index });
        partitions.set(index, { name: `${name}-${index}`, log, objects: [] });
      }
      this.#topics.set(id, { name, configs, partitions });
    }
  }

  add(
    { topicName, topicId, index }: PartitionPlace,
    name: ObjectName,
    info: Omit<FoundObject, "known">,
  ): void {
    if (this.#only !== null && topicName !== this.#only) return;
    const topic = this.#topics.get(topicId) ?? { name: topicName, configs: null, partitions: new Map() };
    this.#topics.set(topicId, topic);
    const partition = topic.partitions.get(index) ??
      { name: `${topicName}-${index}`, log: null, objects: [] };
    topic.partitions.set(index, partition);
    const found = { ...info, known: knownObject(partition.log, name) };
    partition.objects.push({ name, found });
    this.objects.push(found);
  }

  async finish(store: ObjectStore, problems: string[]): Promise<InspectedTopic[]> {
    const topics: InspectedTopic[] = [];
    for (const [id, { name, configs, partitions }] of this.#topics) {
      const inspected: InspectedPartition[] = [];
      for (const [index, listed] of [...partitions].sort(([a], [b]) => a - b)) {
        inspected.push({ index, ...await judge(listed, store, problems) });
      }
      topics.push({ name, id, configs, partitions: inspected });
    }
    return topics.sort((a, b) => a.name < b.name ? -1 : 1);
  }
}

/** What is there of a partition. What should be and is not is a problem. */
async function judge(
  { name, log, objects }: Listed,
  store: ObjectStore,
  problems: string[],
): Promise<Omit<InspectedPartition, "index">> {
  const candidates: Candidate[] = [];
  for (const { name: object, found } of objects) {
    if (found.known === null) {
      const candidate = await unnamed(object, found, store, problems);
      if (candidate !== null) candidates.push(candidate);
    } else if (found.known.sizeBytes === found.sizeBytes) {
      candidates.push({ object: found.known, isKnown: true });
    } else {
      problems.push(
        `${name}: the object ${found.key} has ${found.sizeBytes} bytes and should have ${found.known.sizeBytes}.`,
      );
    }
  }
  const storedEnd = log?.storedEnd ?? 0;
  const chain = chooseChain(candidates, log?.logStartOffset ?? 0, storedEnd);
  // All gone is what retention leaves, too.
  for (const { fromOffset, toOffset } of chain.objects.length === 0 ? [] : chain.gaps) {
    problems.push(`${name}: the objects of the offsets ${fromOffset} to ${toOffset - 1} are missing.`);
  }
  const storedEndOffset = Math.max(storedEnd, chain.objects.at(-1)?.endOffset ?? 0);
  return {
    logStartOffset: log?.logStartOffset ?? chain.objects[0]?.baseOffset ?? 0,
    logEndOffset: Math.max(log?.logEndOffset ?? 0, storedEndOffset),
    storedEndOffset,
    objects: objects.length,
    objectBytes: objects.reduce((sum, { found }) => sum + found.sizeBytes, 0),
    unnamedObjects: objects.filter(({ found }) => found.known === null).length,
  };
}

/** An object that no metadata names, by its own word. `null` when that cannot be read, which is a problem. */
async function unnamed(
  name: ObjectName,
  { key }: FoundObject,
  store: ObjectStore,
  problems: string[],
): Promise<Candidate | null> {
  try {
    const object = describeObject(await readFooter(store, key), name);
    return { object, isKnown: false };
  } catch (error) {
    if (error instanceof KliteError && error.code === "NOT_FOUND") return null;
    if (!(error instanceof KliteError) || error.code !== "DATA_DAMAGED") throw error;
    problems.push(`${error.message}.`);
    return null;
  }
}

function knownObject(log: PartitionLog | null, name: ObjectName): StoredObject | null {
  if (log === null || log.objects.count === 0) return null;
  const index = log.objects.indexOf(name.baseOffset);
  const object = index < log.objects.count ? log.objects.at(index) : null;
  if (object?.baseOffset !== name.baseOffset || object.generation !== name.generation) return null;
  return name.endOffset === null || name.endOffset === object.endOffset ? object : null;
}

function restored(
  saved: PartitionLogSnapshot,
  owner: ConstructorParameters<typeof PartitionLog>[1],
): PartitionLog {
  // Of the rest, which may be much, nothing is asked.
  const { stream, logStartOffset, logEndOffset, objects } = saved;
  const bare = { stream, logStartOffset, logEndOffset, producers: [], epochs: [] };
  return PartitionLog.restore(objects === undefined ? bare : { ...bare, objects }, owner);
}
