/**
 * Objects: record batches that have left the log for the object store, and the heavy work on them. It knows objects
 * and stores, not what is live: which objects a partition has is metadata, kept by whoever hands in the jobs.
 *
 * **Keys** (below the store's prefix; `object_keys.ts`):
 *
 *     klite-<cluster id>/<topic name>-<topic id>/<partition>/<base offset>.obj                      as flushed
 *     klite-<cluster id>/<topic name>-<topic id>/<partition>/<base offset>-<end offset>-<generation>.obj  rewritten
 *     klite-<cluster id>/meta/snapshot-<lsn>.json   klite-<cluster id>/meta/lease.json
 *
 * Offsets have 20 digits and an LSN 16, so that a list is in their order; topic ids are in Kafka's text form.
 *
 * **Object**: whole batches one behind another from the first byte on, as consumers get them, then the footer,
 * big-endian: for each batch 32 bytes, then the count and the magic "KLIX".
 *
 *      0 base offset i64   8 position u32   12 length u32   16 last offset delta i32   20 max timestamp i64
 *     28 record count i32                                   behind all entries: 0 entry count u32   4 magic u32
 *
 * So a cold read is one read of the footer, which is kept, and one of a range.
 *
 * **Invariants.**
 * 1. Nothing is put, and nothing is handed out, that was not checked: each batch's length, place and CRC, the footer's
 *    every entry, and by `ObjectSeal` what no CRC of a batch covers. What does not fit is `DATA_DAMAGED` and says
 *    where.
 * 2. An object is put where there is none. Only what an earlier attempt has left there is replaced, and only for whoever
 *    knows it by its etag, and knows that it is no other broker's; a rewritten object gets another name instead.
 * 3. Memory is bounded whatever the sizes of objects: 4 MiB (or one batch) and the footer for each object written,
 *    and what `object_reader.ts` names for all reads.
 *
 * `ObjectJobs` is the way in. `RemoteObjectJobs` has a Worker do them. What does them (`local_jobs.ts`) is not behind this
 * door: the Worker loads it, or a simulation, and a broker does without.
 */
export type { ObjectJobs, StoreJob } from "./contract.ts";
export { PLACE_NUMBERS } from "./contract.ts";
export { RemoteObjectJobs } from "./remote_jobs.ts";
export type { TierWorkerConfig } from "./worker_config.ts";
