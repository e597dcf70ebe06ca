/**
 * What changes transactions. `id` is always the transactional id. That a batch of
 * a transaction stands in the log says by itself that its partition belongs to the
 * transaction, and so do offsets written in it: there are no records for these.
 */
export type TransactionRecord =
  /** The producer has an identity; whatever it had before is fenced, and no transaction is open. */
  | {
    readonly type: "txn_producer_initialized";
    readonly id: string;
    readonly identity: ProducerIdentity;
    readonly timeoutMs: number;
    readonly atMs: number;
  }
  /** A client has said that it is going to write there (before KIP-890). */
  | {
    readonly type: "txn_partitions_added";
    readonly id: string;
    readonly streams: readonly number[];
    readonly atMs: number;
  }
  /** A client has said that it is going to commit offsets of the group (before KIP-890). */
  | { readonly type: "txn_group_added"; readonly id: string; readonly group: string; readonly atMs: number }
  /** The transaction is over; `identity` is what its producer goes on with. */
  | {
    readonly type: "txn_ended";
    readonly id: string;
    readonly isCommit: boolean;
    readonly identity: ProducerIdentity;
    readonly atMs: number;
  }
  /** Transactional ids that nobody has used for long are forgotten. */
  | { readonly type: "txn_ids_expired"; readonly ids: readonly string[] };

/** Who a transactional producer is now, and who it was, so that a repeated request is known again (KIP-360). */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
  /** The epoch that the client had when this one was given to it; −1 when it was not the client that asked. */
  readonly lastEpoch: number;
  /** The producer id before the epochs were used up, −1 when it has had but one. */
  readonly previousProducerId: number;
}

/** The end of a transaction in one partition: a control batch that is to be written there. */
export interface EndMark {
  readonly stream: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly isCommit: boolean;
}
