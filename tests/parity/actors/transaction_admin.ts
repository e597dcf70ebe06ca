import { api } from "../api.ts";
import type { Peer } from "../peer.ts";

/** Describes transactions once they are not about to be something else. */
export async function shows(peer: Peer, ...ids: readonly string[]): Promise<void> {
  const transactionalIds = ids.map((id) => peer.unique(id));
  await peer.askUntil(
    "describes transactions",
    api.describeTransactions,
    0,
    { transactionalIds },
    ({ transactionStates }) =>
      transactionStates.every(({ transactionState }) => !transactionState.startsWith("Prepare")),
  );
}

/** Describes the producers of partitions. */
export async function showsProducers(
  peer: Peer,
  name: string,
  partitions: readonly number[] = [0],
): Promise<void> {
  await peer.ask("describes producers", api.describeProducers, 0, {
    topics: [{ name, partitionIndexes: partitions }],
  });
}
