import type { ConfigRecord } from "./configs/records.ts";
import type { OffsetRecord } from "./groups/offsets/records.ts";
import type { GroupRecord } from "./groups/records.ts";
import type { SecurityRecord } from "./security/records.ts";
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
  | TierRecord
  | ConfigRecord
  | SecurityRecord
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

/** An object of the object store, as `StoredObject` of the log room has it. */
export type ObjectRecord = Readonly<{
  baseOffset: number;
  endOffset: number;
  generation: number;
  sizeBytes: number;
  dataBytes: number;
  batchCount: number;
  maxTimestampMs: number;
  isClean: boolean;
  deleteHorizonMs: number;
  seal?: Readonly<{ footerCrc: number; fromLeaderEpoch: number; toLeaderEpoch: number }>;
}>;

/** What becomes of a partition's records below the log. The logs apply these; the cluster's state has no part in it. */
export type TierRecord =
  /** The partition's next objects are stored, each beginning where the one before ends. */
  | { readonly type: "objects_stored"; readonly stream: number; readonly objects: readonly ObjectRecord[] }
  /** The objects that stand for `[fromOffset, toOffset)` are replaced by others that stand for the same. */
  | {
    readonly type: "objects_replaced";
    readonly stream: number;
    readonly fromOffset: number;
    readonly toOffset: number;
    readonly objects: readonly ObjectRecord[];
  }
  /** Records below `offset` are gone: by retention, or at a client's demand. Objects wholly below it are dead. */
  | { readonly type: "log_start_moved"; readonly stream: number; readonly offset: number };
