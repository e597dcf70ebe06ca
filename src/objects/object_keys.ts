import type { PartitionPlace } from "./contract.ts";
import type { StoredObject } from "./stored_object.ts";

const OFFSET_DIGITS = 20;
const LSN_DIGITS = 16;
const CLUSTER_PREFIX = "klite-";
const META_FOLDER = "meta";
const TOPIC_FOLDER = /^([A-Za-z0-9._-]{1,249})-([A-Za-z0-9_-]{22})$/;
const OBJECT_NAME = /^(\d{20})(?:-(\d{20})-([1-9]\d*))?\.obj$/;
const SNAPSHOT_NAME = /^snapshot-(\d{16})\.json$/;

/** What the name of an object says of it. */
export interface ObjectName {
  readonly baseOffset: number;
  /** `null` for generation 0, whose name does not say it. */
  readonly endOffset: number | null;
  readonly generation: number;
}

/** Whose object a key names, and which. */
export interface ParsedObjectKey {
  readonly partition: PartitionPlace;
  readonly name: ObjectName;
}

/** Folder of all that belongs to a cluster, with `/` behind. */
export function clusterFolder(clusterId: string): string {
  return `${CLUSTER_PREFIX}${clusterId}/`;
}

/** Folder of a topic's partitions, with `/` behind. */
export function topicFolder(clusterId: string, topicName: string, topicId: string): string {
  return `${clusterFolder(clusterId)}${topicName}-${topicId}/`;
}

/** Folder of a partition's objects, with `/` behind. */
function partitionFolder(clusterId: string, { topicName, topicId, index }: PartitionPlace): string {
  return `${topicFolder(clusterId, topicName, topicId)}${index}/`;
}

/** Key of an object. */
export function objectKey(
  clusterId: string,
  partition: PartitionPlace,
  object: Pick<StoredObject, "baseOffset" | "endOffset" | "generation">,
): string {
  const { baseOffset, endOffset, generation } = object;
  const base = digits(baseOffset, OFFSET_DIGITS);
  const name = generation === 0 ? base : `${base}-${digits(endOffset, OFFSET_DIGITS)}-${generation}`;
  return `${partitionFolder(clusterId, partition)}${name}.obj`;
}

/** Folder of a cluster's metadata, with `/` behind. */
export function metaFolder(clusterId: string): string {
  return `${clusterFolder(clusterId)}${META_FOLDER}/`;
}

export function snapshotKey(clusterId: string, lsn: number): string {
  return `${metaFolder(clusterId)}snapshot-${digits(lsn, LSN_DIGITS)}.json`;
}

export function leaseKey(clusterId: string): string {
  return `${metaFolder(clusterId)}lease.json`;
}

/** The cluster's id that a folder of the store's root names, without `/` behind; `null` if it is none of klite's. */
export function parseClusterFolder(folder: string): string | null {
  const id = folder.slice(CLUSTER_PREFIX.length);
  return folder.startsWith(CLUSTER_PREFIX) && id !== "" && !id.includes("/") ? id : null;
}

/** The topic that a folder of a cluster names, without `/` behind; `null` if it is none. */
export function parseTopicFolder(folder: string): { topicName: string; topicId: string } | null {
  const [, topicName, topicId] = TOPIC_FOLDER.exec(folder) ?? [];
  if (topicName === undefined || topicId === undefined) return null;
  return topicName === "." || topicName === ".." ? null : { topicName, topicId };
}

/** The partition that a folder of a topic names, without `/` behind; `null` if it is none. */
export function parsePartitionFolder(folder: string): number | null {
  const index = Number(folder);
  return /^(?:0|[1-9]\d{0,9})$/.test(folder) && index < 0x8000_0000 ? index : null;
}

/** What the last part of a key says of the object; `null` if it is no object's. */
export function parseObjectName(name: string): ObjectName | null {
  const [, base, end, generation] = OBJECT_NAME.exec(name) ?? [];
  if (base === undefined) return null;
  const parsed = {
    baseOffset: Number(base),
    endOffset: end === undefined ? null : Number(end),
    generation: Number(generation ?? 0),
  };
  const isExact = Number.isSafeInteger(parsed.baseOffset) && Number.isSafeInteger(parsed.generation) &&
    Number.isSafeInteger(parsed.endOffset ?? 0);
  return isExact && parsed.baseOffset < (parsed.endOffset ?? Infinity) ? parsed : null;
}

/** Whose object a key of the cluster names; `null` if it is no object's. */
export function parseObjectKey(clusterId: string, key: string): ParsedObjectKey | null {
  const folder = clusterFolder(clusterId);
  const parts = key.slice(folder.length).split("/");
  const [topicPart, indexPart, namePart] = parts;
  if (!key.startsWith(folder) || parts.length !== 3) return null;
  const topic = parseTopicFolder(topicPart ?? "");
  const index = parsePartitionFolder(indexPart ?? "");
  const name = parseObjectName(namePart ?? "");
  return topic === null || index === null || name === null ? null : { partition: { ...topic, index }, name };
}

/** The LSN of a stored snapshot by the last part of its key; `null` if it is none. */
export function parseSnapshotName(name: string): number | null {
  const [, lsn] = SNAPSHOT_NAME.exec(name) ?? [];
  return lsn === undefined || !Number.isSafeInteger(Number(lsn)) ? null : Number(lsn);
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}
