import type {
  ClusterView,
  GroupFacts,
  GroupSummary,
  MemberFacts,
  TopicPartitions,
} from "../../broker/inspect/mod.ts";
import { notFound } from "./open_view.ts";
import { groupsOptions } from "./options.ts";
import { tableLines } from "./table.ts";
import type { ViewCommand } from "./view_command.ts";

/** `klite inspect groups`: all of them, or one with its members, offsets and lag. */
export const groupsCommand: ViewCommand<typeof groupsOptions> = {
  name: "inspect groups",
  options: groupsOptions,
  problems: () => [],
  async answer({ group: id, output }, { view, write }) {
    const { source, problems } = view;
    if (id === null) {
      const groups = await view.groups();
      return write(
        output === "json"
          ? `${JSON.stringify({ source, groups, problems }, null, 2)}\n`
          : groupsText(source, groups),
      );
    }
    const group = await view.group(id);
    if (group === null) {
      const names = (await view.groups()).map((each) => each.group);
      throw notFound(view, `group '${id}'`, id, names);
    }
    const offsets = await offsetRows(view, group);
    const { committed: _, ...facts } = group;
    write(
      output === "json"
        ? `${JSON.stringify({ source, ...facts, offsets, problems }, null, 2)}\n`
        : groupText(source, group, offsets),
    );
  },
};

/** A partition that a group has committed an offset of, or that a member reads. */
interface OffsetRow {
  readonly topic: string;
  readonly partition: number;
  /** `null` when none is committed. */
  readonly committedOffset: number | null;
  /** `null` when the topic is there no more. */
  readonly endOffset: number | null;
  /** Records that have not been read, as far as that is known. */
  readonly lag: number | null;
  readonly leaderEpoch: number | null;
  readonly metadata: string;
  /** Who reads it now. */
  readonly memberId: string | null;
}

async function offsetRows(view: ClusterView, { committed, members }: GroupFacts): Promise<OffsetRow[]> {
  const readers = new Map<
    string,
    { readonly topic: string; readonly partition: number; readonly memberId: string }
  >();
  for (const { memberId, assignment } of members) {
    for (const { topic, partitions } of assignment ?? []) {
      for (const partition of partitions) {
        readers.set(`${topic}-${partition}`, { topic, partition, memberId });
      }
    }
  }
  const names = new Set([...committed, ...readers.values()].map(({ topic }) => topic));
  const ends = new Map<string, number>();
  for (const { name, partitions } of names.size === 0 ? [] : await view.topics([...names])) {
    for (const { partition, endOffset } of partitions) ends.set(`${name}-${partition}`, endOffset);
  }
  const rows = committed.map((row): OffsetRow => {
    const key = `${row.topic}-${row.partition}`;
    const endOffset = ends.get(key) ?? null;
    const memberId = readers.get(key)?.memberId ?? null;
    readers.delete(key);
    const lag = endOffset === null ? null : Math.max(0, endOffset - row.committedOffset);
    return { ...row, endOffset, lag, memberId };
  });
  const none = { committedOffset: null, lag: null, leaderEpoch: null, metadata: "" };
  for (const [key, reader] of readers) rows.push({ ...reader, ...none, endOffset: ends.get(key) ?? null });
  return rows.sort((a, b) => a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition);
}

function groupsText(source: string, groups: readonly GroupSummary[]): string {
  const rows = groups.map((
    { group, kind, state, protocolType },
  ) => [group, kind, state, protocolType || "-"]);
  const table = rows.length === 0 ? [] : tableLines([["GROUP", "KIND", "STATE", "PROTOCOL TYPE"], ...rows]);
  return [`The ${source}: ${groups.length} groups`, ...table, ""].join("\n");
}

function groupText(source: string, group: GroupFacts, offsets: readonly OffsetRow[]): string {
  const { group: id, kind, state, assignor, members } = group;
  const lag = offsets.reduce((sum, row) => sum + (row.lag ?? 0), 0);
  const rows = offsets.map((row) => [
    row.topic,
    ...[row.partition, row.committedOffset ?? "-", row.endOffset ?? "-", row.lag ?? "-"].map(String),
    row.memberId ?? "-",
  ]);
  return [
    `Group ${id} (${source}): ${kind}, ${state}, ${assignor === "" ? "no assignor" : assignor}, ` +
    `${members.length} members, lag ${lag}`,
    ...members.length === 0
      ? []
      : tableLines([["MEMBER", "CLIENT", "HOST", "READS", "HAS"], ...members.map(memberRow)]),
    ...rows.length === 0 ? [] : [
      "",
      ...tableLines([["TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "MEMBER"], ...rows]),
    ],
    "",
  ].join("\n");
}

function memberRow(
  { memberId, instanceId, clientId, clientHost, subscription, assignment }: MemberFacts,
): string[] {
  return [
    instanceId === null ? memberId : `${memberId} (${instanceId})`,
    clientId,
    clientHost,
    subscription === null ? "?" : subscription.join(",") || "-",
    assignment === null ? "?" : assignmentText(assignment) || "-",
  ];
}

/** Partitions by topic, in words: `orders:0,1 users:3`. */
export function assignmentText(assignment: readonly TopicPartitions[]): string {
  return assignment.map(({ topic, partitions }) => `${topic}:${partitions.join(",")}`).join(" ");
}
