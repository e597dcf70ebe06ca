/** An offset as records carry it; the text is left out when it is empty. */
export type OffsetRow = readonly [
  partition: number,
  offset: number,
  leaderEpoch: number,
  metadata?: string,
];

/** Offsets in partitions of one topic. Topics are known by id: a new one of the same name begins without offsets. */
export interface TopicRows {
  readonly topic: string;
  readonly rows: readonly OffsetRow[];
}

/** What changes committed offsets; one record per request. The end of a transaction is a record of its own. */
export type OffsetRecord =
  | {
    readonly type: "offsets_committed";
    readonly group: string;
    readonly atMs: number;
    /** When the client has said how long they are to be kept. */
    readonly expireMs?: number;
    readonly topics: readonly TopicRows[];
  }
  /** Takes effect when the producer's transaction commits. */
  | {
    readonly type: "txn_offsets_written";
    readonly producerId: number;
    readonly group: string;
    readonly atMs: number;
    readonly topics: readonly TopicRows[];
  }
  /** Asked for, or expired. Offsets of a deleted topic or group go with it, without this. */
  | {
    readonly type: "offsets_deleted";
    readonly group: string;
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  };
