import type { LeaseContent } from "../lease_content.ts";

/** What `klite inspect` has found: plain data, for `-o json` as it is. */
export interface InspectReport {
  /** Where was looked: a path, or `s3://bucket/prefix`. */
  readonly dataDir: string | null;
  readonly store: string;
  readonly log: InspectedLog | null;
  readonly clusters: readonly InspectedCluster[];
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
  /** What was read from end to end; `null` when that was not asked for. */
  readonly verified: { readonly objects: number; readonly bytes: number } | null;
}

/** The log of a data directory. */
export interface InspectedLog {
  readonly files: number;
  readonly bytes: number;
  readonly oldestLsn: number;
  readonly endLsn: number;
  /** Of the newest snapshot in the directory, 0 without one. */
  readonly snapshotLsn: number;
}

export interface InspectedSnapshot {
  readonly key: string;
  readonly lsn: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface InspectedCluster {
  readonly clusterId: string;
  readonly lease: LeaseContent | null;
  /** In the store, oldest first. */
  readonly snapshots: readonly InspectedSnapshot[];
  /** What topics and offsets are told by: the data directory, a stored snapshot, or the objects' names alone. */
  readonly metadata: "data directory" | "stored snapshot" | "object names";
  readonly topics: readonly InspectedTopic[];
  readonly groups: number;
  readonly objects: number;
  readonly objectBytes: number;
}

export interface InspectedTopic {
  readonly name: string;
  readonly id: string;
  /** `null` when no metadata knows the topic: it is deleted, or its objects are another klite's. */
  readonly configs: Readonly<Record<string, string>> | null;
  readonly partitions: readonly InspectedPartition[];
}

export interface InspectedPartition {
  readonly index: number;
  readonly logStartOffset: number;
  /** Where the metadata or the last object ends, whichever is further. */
  readonly logEndOffset: number;
  readonly storedEndOffset: number;
  readonly objects: number;
  readonly objectBytes: number;
  /** Objects that the metadata does not name: younger than it, or superfluous. */
  readonly unnamedObjects: number;
}
