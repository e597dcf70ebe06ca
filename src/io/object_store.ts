/** What a store knows of an object without its bytes. */
export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** Changes with the content, and perhaps with that alone; opaque. What {@link PutCondition.ifMatch} takes. */
  readonly etag: string;
  /** When it was stored, by the store's clock: ms since the epoch. */
  readonly modifiedMs: number;
}

/** Bytes `[fromByte, fromByte + lengthBytes)`; a negative `fromByte` counts from the end, to which it then reads. */
export interface ByteRange {
  readonly fromByte: number;
  readonly lengthBytes: number;
}

/** What was read, and of which object. */
export interface StoredBytes {
  /** The caller's own; short when the object ends before the range does. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  /** Of the whole object. */
  readonly sizeBytes: number;
}

/** When a put may take effect. Atomic: of many that race at most one succeeds. */
export type PutCondition =
  /** Only where there is no object of that key. */
  | { readonly ifAbsent: true }
  /** Only over the object with this etag. */
  | { readonly ifMatch: string };

/**
 * What is to be stored. `parts` is asked anew for each attempt and must give the same bytes each time; the bytes
 * of a part may be overwritten once the next one is asked for.
 */
export interface ObjectContent {
  readonly sizeBytes: number;
  parts(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * Named objects: an S3 bucket below a prefix, a directory, or memory. Keys are relative, of the characters
 * `A-Z a-z 0-9 . _ - /`, with no empty, `.` or `..` part, and at most 900 long: anything else breaks an assertion. No key is the folder of
 * another one (`a` beside `a/b`), as where objects are files that cannot be. What else lies there is never listed.
 *
 * Writes are durable when their promise resolves, reads see them at once, and an object is there as a whole or not
 * at all. Failures are `KliteError`s: `NOT_FOUND`; `CONFLICT` when a condition does not hold; `STORE_UNAVAILABLE`
 * (retriable) when all attempts within the deadline failed: then a put or a delete may or may not have taken effect;
 * `STORE_REFUSED` when the store says no for good (rights, a bucket that is not there); `DISK_FULL` of a directory.
 */
export interface ObjectStore {
  /** Where this is, for messages: `s3://bucket/prefix` or a path. */
  readonly description: string;
  get(key: string, range?: ByteRange): Promise<StoredBytes>;
  /** `null` when there is none. */
  head(key: string): Promise<ObjectInfo | null>;
  /**
   * Stores an object; answers its etag. A put whose answer was lost is looked up and compared, so `CONFLICT` is
   * never the echo of one's own success. Without a condition it replaces.
   */
  put(
    key: string,
    content: Uint8Array | ObjectContent,
    condition?: PutCondition,
  ): Promise<{ readonly etag: string }>;
  /** All objects whose keys begin with `prefix`, in the order of their keys, in pages. */
  list(prefix: string, options?: { readonly afterKey?: string }): AsyncIterable<readonly ObjectInfo[]>;
  /** The distinct next parts of keys below `prefix` (which ends with `/` or is empty), up to the next `/`, sorted. */
  listFolders(prefix: string): Promise<readonly string[]>;
  /** Removes objects; those that are not there are no error. */
  delete(keys: readonly string[]): Promise<void>;
  /**
   * Removes what puts to keys that begin with `prefix`, cut short more than `olderThanMs` ago, have left and no list
   * shows. A directory does not know the keys any more: it is one broker's own, and all of that goes.
   */
  removeUnfinished(prefix: string, olderThanMs: number): Promise<void>;
  close(): Promise<void>;
}
