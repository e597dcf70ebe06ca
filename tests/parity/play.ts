import type { Answers } from "./answer_book.ts";
import { Peer } from "./peer.ts";
import type { Scenario } from "./scenario.ts";

/** Many scenarios wait for a moment, so they take turns. */
const AT_ONCE = 8;

/** Plays scenarios to the broker at `port`, several at once; answers what it said, or what went wrong, by name. */
export async function play(
  scenarios: readonly Scenario[],
  port: number,
): Promise<ReadonlyMap<string, Answers | Error>> {
  const base = Date.now().toString(36);
  const results = new Map<string, Answers | Error | null>(scenarios.map(({ name }) => [name, null]));
  if (results.size < scenarios.length) throw new Error("two scenarios of a chapter have one name");
  const queue = [...scenarios.entries()];
  const playOne = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, { name, play }] = next;
      await using peer = new Peer(port, `${base}x${index}x`);
      try {
        await play(peer);
        results.set(name, peer.answers);
      } catch (error) {
        results.set(name, new Error(`"${name}" cannot be played to its end`, { cause: error }));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, playOne));
  return new Map(
    Array.from(results, ([name, result]) => [name, result ?? new Error(`"${name}" was not played`)]),
  );
}
