import type { ClusterState } from "../../cluster/mod.ts";
import { TopicPattern } from "../../cluster/groups/mod.ts";
import type { Clock } from "../../io/clock.ts";

/** So long looking up may keep all others waiting, ms. */
const TURN_MS = 5;

/** The topics that match each pattern, sorted. It takes many short turns where there is much to match. */
export async function resolvePatterns(
  patterns: readonly string[],
  state: ClusterState,
  clock: Clock,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = Array.from(state.topics(), ({ name }) => name).sort();
  const resolved = new Map<string, readonly string[]>();
  let sinceMs = clock.monotonicMs();
  for (const text of patterns) {
    const pattern = TopicPattern.parse(text);
    const matching: string[] = [];
    // One that does not parse has not been let in.
    if (pattern instanceof TopicPattern) {
      for (const name of names) {
        if (pattern.matches(name)) matching.push(name);
        if (clock.monotonicMs() - sinceMs < TURN_MS) continue;
        await new Promise<void>((resolve) => clock.setTimer(0, resolve));
        sinceMs = clock.monotonicMs();
      }
    }
    resolved.set(text, matching);
  }
  return resolved;
}
