import type { Int64Form } from "./model.ts";

/**
 * The int64 fields that are not simply a safe integer (which is the rule: what is beyond is a protocol error).
 *
 * - `saturating`: a client may well send any 64 bits here (as "the end", "forever", or an id that nobody has), and
 *   Kafka answers with an error code or takes it as very far away. A value beyond the safe integers becomes the
 *   nearest of them, which no offset, id or time ever reaches.
 * - `bigint`: the exact value matters.
 *
 * Keys are message, dot, path of field names in camel case. A key that fits no field stops the generator.
 */
export const int64Forms: Readonly<Record<string, Int64Form>> = {
  "AddOffsetsToTxnRequest.producerId": "saturating",
  "AddPartitionsToTxnRequest.transactions.producerId": "saturating",
  "AddPartitionsToTxnRequest.v3AndBelowProducerId": "saturating",
  "CreateDelegationTokenRequest.maxLifetimeMs": "saturating",
  "DeleteRecordsRequest.topics.partitions.offset": "saturating",
  "EndTxnRequest.producerId": "saturating",
  "ExpireDelegationTokenRequest.expiryTimePeriodMs": "saturating",
  "FetchRequest.replicaState.replicaEpoch": "saturating",
  "FetchRequest.topics.partitions.fetchOffset": "saturating",
  // Its default, "not told", is the largest int64.
  "FetchRequest.topics.partitions.highWatermark": "bigint",
  "FetchRequest.topics.partitions.logStartOffset": "saturating",
  "InitProducerIdRequest.producerId": "saturating",
  "ListOffsetsRequest.topics.partitions.timestamp": "saturating",
  "ListTransactionsRequest.durationFilter": "saturating",
  "OffsetCommitRequest.retentionTimeMs": "saturating",
  "OffsetCommitRequest.topics.partitions.committedOffset": "saturating",
  "RenewDelegationTokenRequest.renewPeriodMs": "saturating",
  "TxnOffsetCommitRequest.producerId": "saturating",
  "TxnOffsetCommitRequest.topics.partitions.committedOffset": "saturating",
  "WriteTxnMarkersRequest.markers.producerId": "saturating",
};
