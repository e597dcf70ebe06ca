import type { Transaction } from "./transaction.ts";
import type { Transactions } from "./transactions.ts";

/** The states that Kafka knows, whether a transaction can be in them here or not. */
const STATES: ReadonlySet<string> = new Set([
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
  "Dead",
  "PrepareEpochFence",
]);

/** Which transactions are asked for; what is empty asks for all. */
export interface TransactionFilter {
  readonly states: readonly string[];
  readonly producerIds: readonly number[];
  /** Only those that began longer ago than this; negative for all (KIP-994). */
  readonly longerThanMs: number;
}

/** The transactions that pass, and the names of states that do not exist. */
export function listTransactions(
  transactions: Transactions,
  { states, producerIds, longerThanMs }: TransactionFilter,
  nowMs: number,
): { readonly found: readonly Transaction[]; readonly unknownStates: readonly string[] } {
  const unknownStates = states.filter((state) => !STATES.has(state));
  const wantedStates = new Set(states);
  const wantedProducers = new Set(producerIds);
  const found = Array.from(transactions.all()).filter(({ state, producerId, startMs }) =>
    (wantedStates.size === 0 || wantedStates.has(state)) &&
    (wantedProducers.size === 0 || wantedProducers.has(producerId)) &&
    (longerThanMs < 0 || nowMs - startMs > longerThanMs)
  );
  return { found, unknownStates };
}
