/**
 * Transactions (KIP-98, KIP-360, KIP-890): which producer an id has, what belongs
 * to its open transaction, how it ends.
 *
 * - An id's producer has one identity at a time; whoever comes with an older one is fenced.
 * - The end of a transaction is one decision: the markers of all its partitions, its
 *   offsets and its state are one entry of the log. So there is nothing in between,
 *   and none of Kafka's states that stand for it ever shows.
 * - A batch or an offset of a transaction that stands in the log is by itself the proof
 *   that its partition or group belongs to it.
 */
export type { EndMark, ProducerIdentity, TransactionRecord } from "./records.ts";
export { Transaction, type TransactionSnapshot, type TransactionState } from "./transaction.ts";
export { Transactions } from "./transactions.ts";
export {
  decideInitProducer,
  type InitDecision,
  type InitProducerCommand,
  type TransactionLimits,
} from "./init_producer.ts";
export {
  decideAddGroup,
  decideAddPartitions,
  offsetsError,
  type TransactionMember,
  type TransactionSkills,
  verifyPartitions,
  writeError,
} from "./add_to_transaction.ts";
export {
  decideEndTransaction,
  decideTimeout,
  type EndDecision,
  type EndTransactionCommand,
} from "./end_transaction.ts";
export { decideIdExpiry } from "./expire_ids.ts";
export { listTransactions, type TransactionFilter } from "./list_transactions.ts";
