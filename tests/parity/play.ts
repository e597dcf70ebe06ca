import type { Answers } from "./answer_book.ts";
import { api } from "./api.ts";
import { Peer } from "./peer.ts";
import type { Scenario } from "./scenario.ts";

/** Many scenarios wait for a moment, so they take turns. */
const AT_ONCE = 8;

/** Plays scenarios to the broker at `port` and `saslPort`, several at once; answers what it said, or what went wrong, by name. */
export async function play(
  scenarios: readonly Scenario[],
  port: number,
  saslPort?: number,
): Promise<ReadonlyMap<string, Answers | Error>> {
  await untilCoordinating(port);
  const base = Date.now().toString(36);
  const results = new Map<string, Answers | Error | null>(scenarios.map(({ name }) => [name, null]));
  if (results.size < scenarios.length) throw new Error("two scenarios of a chapter have one name");
  const playAll = async (queue: [number, Scenario][]) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, { name, play }] = next;
      await using peer = new Peer(port, `${base}x${index}x`, saslPort);
      try {
        await play(peer);
        results.set(name, peer.answers);
      } catch (error) {
        results.set(name, new Error(`it cannot be played to its end: ${causes(error)}`));
      }
    }
  };
  const { together = [], alone = [] } = Object.groupBy(
    scenarios.entries(),
    ([, { isAlone }]) => isAlone === true ? "alone" : "together",
  );
  await Promise.all(Array.from({ length: AT_ONCE }, () => playAll(together)));
  await playAll(alone);
  return new Map(
    Array.from(results, ([name, result]) => [name, result ?? new Error(`"${name}" was not played`)]),
  );
}

/** Kafka makes the topics behind its coordinators when somebody asks for one, and then takes a while. */
async function untilCoordinating(port: number): Promise<void> {
  await using peer = new Peer(port, "warm-up");
  const ready = ({ errorCode }: { readonly errorCode: number }) => errorCode === 0;
  for (const keyType of [0, 1]) {
    const input = { key: "", keyType, coordinatorKeys: ["warm-up"] };
    await peer.until(
      () => peer.send(api.findCoordinator, 4, input),
      (found) => found.coordinators.every(ready),
    );
  }
  await peer.until(() => peer.send(api.listGroups, 5, { statesFilter: [], typesFilter: [] }), ready);
  await peer.until(
    () => peer.send(api.listTransactions, 0, { stateFilters: [], producerIdFilters: [] }),
    ready,
  );
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${causes(error.cause)}`;
}
