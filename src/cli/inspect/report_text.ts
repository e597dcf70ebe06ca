import type { InspectedCluster, InspectReport } from "../../broker/inspect/mod.ts";
import { isoTime } from "../../io/iso_time.ts";
import { formatByteSize } from "../byte_size.ts";

const HEADINGS = ["TOPIC", "PARTITION", "START", "END", "STORED", "OBJECTS", "BYTES"];

/** The report for people. */
export function reportText({ dataDir, store, log, clusters, verified, problems }: InspectReport): string {
  const lines = [
    ...(dataDir === null ? [] : [`Data directory ${dataDir}`]),
    ...(log === null ? [] : [
      `  log: ${log.files} files, ${formatByteSize(log.bytes)}, LSN ${log.oldestLsn} to ${log.endLsn}, ` +
      `snapshot at ${log.snapshotLsn}`,
    ]),
    `Objects in ${store}${clusters.length === 0 ? ": no cluster of klite's" : ""}`,
    ...clusters.flatMap(clusterLines),
    "",
    ...(verified === null
      ? []
      : [`Verified ${verified.objects} objects, ${formatByteSize(verified.bytes)}.`]),
    ...(problems.length === 0 ? ["No problems."] : [
      `${problems.length} problems:`,
      ...problems.map((problem) => `  ${problem}`),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function clusterLines(cluster: InspectedCluster): string[] {
  const { clusterId, snapshots, topics, objects, objectBytes, metadata, groups } = cluster;
  const newest = snapshots.at(-1);
  return [
    "",
    `Cluster ${clusterId}, as its ${metadata} has it: ${topics.length} topics, ${groups} groups`,
    `  lease: ${leaseWords(cluster)}`,
    newest === undefined
      ? "  snapshots: none stored"
      : `  snapshots: ${snapshots.length} stored, the newest at LSN ${newest.lsn} of ${
        isoTime(newest.modifiedMs)
      }, ${formatByteSize(newest.sizeBytes)}`,
    `  objects: ${objects}, ${formatByteSize(objectBytes)}`,
    ...topicTable(cluster),
  ];
}

function leaseWords({ lease }: InspectedCluster): string {
  if (lease === null) return "none";
  const { address, holder, epoch, takenAt, renewedAt, isReleased } = lease;
  return isReleased
    ? `released by ${address} at ${renewedAt}`
    : `held by ${address} since ${takenAt}, renewed at ${renewedAt} (holder ${holder}, epoch ${epoch})`;
}

function topicTable({ topics }: InspectedCluster): string[] {
  const rows = topics.flatMap(({ name, configs, partitions }) =>
    partitions.map((each) => [
      configs === null ? `${name} (in no metadata)` : name,
      ...[each.index, each.logStartOffset, each.logEndOffset, each.storedEndOffset].map(String),
      each.unnamedObjects === 0 ? `${each.objects}` : `${each.objects} (${each.unnamedObjects} newer)`,
      formatByteSize(each.objectBytes),
    ])
  );
  if (rows.length === 0) return [];
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd()
  );
}
