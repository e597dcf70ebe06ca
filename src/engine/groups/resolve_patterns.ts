import type { ClusterState } from "../../cluster/mod.ts";
import { TopicPattern } from "../../cluster/groups/mod.ts";
import type { Clock } from "../../io/clock.ts";
import { Pauses } from "../pauses.ts";

/** The topics that match each pattern, sorted. It takes many short turns where there is much to match. */
export async function resolvePatterns(
  patterns: readonly string[],
  state: ClusterState,
  clock: Clock,
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
        if (pattern.matches(name)) matching.push(name);
      }
    }
    resolved.set(text, matching);
  }
  return resolved;
}
