import type { ClusterState } from "../../cluster/mod.ts";
import { TopicPattern } from "../../cluster/groups/mod.ts";
import type { Clock } from "../../io/clock.ts";
import { Pauses } from "../pauses.ts";

/** Names of topics that one entry of the log says of patterns, or those of one pattern. */
const NAMES_AT_A_TIME = 50_000;

/** Which topics somebody may be told of, by their names. */
export type Sight = (topic: string) => boolean;

/** Of those that are seen the topics that match each pattern, sorted. It takes many short turns where there is much to match. */
export async function resolvePatterns(
  patterns: readonly string[],
  state: ClusterState,
  clock: Clock,
  sees: Sight,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = Array.from(state.topics(), ({ name }) => name).sort();
  const resolved = new Map<string, readonly string[]>();
  const pauses = new Pauses(clock);
  for (const text of patterns) {
    // Reading a pattern takes its time, too.
    await pauses.next();
    const pattern = TopicPattern.parse(text);
    const matching: string[] = [];
    // One that does not parse has not been let in.
    if (pattern instanceof TopicPattern) {
      for (const name of names) {
        await pauses.next();
        if (pattern.matches(name) && sees(name)) matching.push(name);
      }
    }
    resolved.set(text, matching);
  }
  return resolved;
}

/** What was found for many patterns, in parts of a size to write at once. */
export function* inParts(
  resolved: ReadonlyMap<string, readonly string[]>,
): Iterable<ReadonlyMap<string, readonly string[]>> {
  let part = new Map<string, readonly string[]>();
  let count = 0;
  for (const [pattern, topics] of resolved) {
    if (part.size > 0 && count + topics.length > NAMES_AT_A_TIME) {
      yield part;
      part = new Map();
      count = 0;
    }
    part.set(pattern, topics);
    count += topics.length;
  }
  yield part;
}
