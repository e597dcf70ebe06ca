import type { OffsetRecord } from "./groups/offsets/records.ts";
import type { GroupRecord } from "./groups/records.ts";
import type { TransactionRecord } from "./transactions/records.ts";

/**
 * Everything that can change the cluster's state, as data. A record says what
 * has been decided, never what was asked for, so applying it needs no judgement.
 *
 * Records are written to the log as JSON: they are few, and whoever has to read
 * a log by hand can. Fields may be added; a meaning never changes.
 */
export type MetadataRecord =
  | GroupRecord
  | OffsetRecord
  | TransactionRecord
  | {
    readonly type: "topic_created";
    readonly name: string;
    readonly id: string;
    readonly firstStream: number;
    readonly partitions: number;
    readonly configs: Readonly<Record<string, string>>;
  }
  | { readonly type: "topic_deleted"; readonly id: string }
  | {
    readonly type: "partitions_created";
    readonly id: string;
    readonly firstStream: number;
    readonly count: number;
  }
  /** All producer ids below `next` are taken. */
  | { readonly type: "producer_ids_allocated"; readonly next: number }
  /** Visible records may have been lost before this point: clients must check their positions. */
  | { readonly type: "leader_epoch_raised"; readonly epoch: number };
