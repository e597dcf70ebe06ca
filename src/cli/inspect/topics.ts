import type { PartitionFacts, TopicFacts } from "../../broker/inspect/mod.ts";
import { formatByteSize } from "../byte_size.ts";
import { topicNamed } from "./open_view.ts";
import { topicsOptions } from "./options.ts";
import { tableLines } from "./table.ts";
import type { ViewCommand } from "./view_command.ts";

/** `klite inspect topics`: partitions, their offsets and sizes. */
export const topicsCommand: ViewCommand<typeof topicsOptions> = {
  name: "inspect topics",
  options: topicsOptions,
  problems: () => [],
  async answer({ topic, output }, { view, write }) {
    const topics = topic === null ? await view.topics(null) : [await topicNamed(view, topic)];
    write(
      output === "json"
        ? `${JSON.stringify({ source: view.source, topics, problems: view.problems }, null, 2)}\n`
        : topicsText(view.source, topics),
    );
  },
};

const HEADINGS = ["TOPIC", "PARTITION", "START", "STABLE", "END", "BYTES"];
const TIER_HEADINGS = ["IN LOG", "IN OBJECTS", "OBJECTS"];

function topicsText(source: string, topics: readonly TopicFacts[]): string {
  const partitions = topics.flatMap(({ partitions }) => partitions);
  const hasTiers = partitions.some(({ tiers }) => tiers !== null);
  const rows = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => [name, ...row(partition, hasTiers)])
  );
  const bytes = partitions.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const table = rows.length === 0
    ? []
    : tableLines([[...HEADINGS, ...hasTiers ? TIER_HEADINGS : []], ...rows]);
  return [
    `The ${source}: ${topics.length} topics, ${partitions.length} partitions, ${formatByteSize(bytes)}`,
    ...table,
    "",
  ].join("\n");
}

function row(
  { partition, startOffset, stableOffset, endOffset, sizeBytes, tiers }: PartitionFacts,
  hasTiers: boolean,
): string[] {
  return [
    ...[partition, startOffset, stableOffset, endOffset].map(String),
    sizeBytes === null ? "-" : formatByteSize(sizeBytes),
    ...!hasTiers || tiers === null
      ? []
      : [formatByteSize(tiers.logBytes), formatByteSize(tiers.objectBytes), String(tiers.objects)],
  ];
}
