import type { Topic } from "../../topics/topic.ts";
import type { ConsumerGroup } from "./consumer_group.ts";
import type { MemberInfo } from "./consumer_member.ts";

/** Topics as groups look them up. */
export interface TopicCatalog {
  topic(name: string): Topic | undefined;
  topicById(id: string): Topic | undefined;
}

/** What is known of patterns. */
export type PatternBook = Pick<ConsumerGroup, "pattern">;

/** The names that a member subscribes to, those that match its pattern included. */
function* topicNamesOf(info: MemberInfo, patterns: PatternBook): Iterable<string> {
  yield* info.topics;
  if (info.pattern !== "") yield* patterns.pattern(info.pattern)?.topics ?? [];
}

/** The ids of the topics that a member subscribes to and that exist. */
export function topicIdsOf(info: MemberInfo, patterns: PatternBook, catalog: TopicCatalog): Set<string> {
  const ids = new Set<string>();
  for (const name of topicNamesOf(info, patterns)) {
    const topic = catalog.topic(name);
    if (topic !== undefined) ids.add(topic.id);
  }
  return ids;
}

/** The members as they are to be: one has said something new, others are leaving. */
export function* infosOf(
  group: ConsumerGroup,
  change: { readonly info?: MemberInfo; readonly without?: ReadonlySet<string> },
): Iterable<MemberInfo> {
  const { info, without } = change;
  for (const member of group.members()) {
    if (member.info.id !== info?.id && !without?.has(member.info.id)) yield member.info;
  }
  if (info !== undefined) yield info;
}

/** How many of `infos` subscribe to the pattern. */
export function subscribersOf(pattern: string, infos: Iterable<MemberInfo>): number {
  let count = 0;
  for (const info of infos) if (info.pattern === pattern) count++;
  return count;
}

/** The patterns that `infos` subscribe to. */
export function patternsOf(infos: Iterable<MemberInfo>): Set<string> {
  const patterns = new Set<string>();
  for (const { pattern } of infos) if (pattern !== "") patterns.add(pattern);
  return patterns;
}

/**
 * A hash of the topics that these members read, as far as they exist, with ids and
 * partition counts: another one means that the group needs a new assignment.
 */
export function hashTopics(
  infos: Iterable<MemberInfo>,
  patterns: PatternBook,
  catalog: TopicCatalog,
): string {
  const names = new Set<string>();
  for (const info of infos) for (const name of topicNamesOf(info, patterns)) names.add(name);
  const parts: string[] = [];
  for (const name of names) {
    const topic = catalog.topic(name);
    if (topic !== undefined) parts.push(`${topic.id}:${topic.partitions.length}`);
  }
  return parts.length === 0 ? "" : fnv1a(parts.sort().join());
}

/** FNV-1a, twice 32 bits wide with different beginnings. */
function fnv1a(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x0100019d);
  }
  return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
}
