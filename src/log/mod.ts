/**
 * One partition's records: offsets, batches and where their bytes are.
 *
 * The bytes themselves stand in the write-ahead log: the newest in its memory
 * image, older ones in its segment files, the oldest in objects of the object
 * store. A {@link PartitionLog} knows the place of each batch in the log by its LSN,
 * and its objects ({@link ObjectList}), which follow each other without a gap; what
 * is flushed may be in both for a while. {@link BatchReader} fetches bytes from wherever
 * they are, and checks what does not come from memory. Batches are opaque: only their
 * headers were ever looked at.
 *
 * From the headers and the control batches follows what a partition knows of its producers
 * ({@link ProducerStates}: sequences, epochs) and of their transactions (which are open and since where, which
 * were aborted): the log is the only record of both. What was aborted is remembered as long as the partition has
 * the records, 32 bytes for each.
 */
export { PartitionLog } from "./partition_log.ts";
export type { BatchRange, LogOwner, PartitionLogSnapshot } from "./partition_log.ts";
export {
  heldOffsets,
  lacksRecords,
  lacksRecordsBetween,
  leaveGapsToObjects,
  leaveToObjects,
} from "./held_records.ts";
export { ObjectList, rowOf } from "./object_list.ts";
export { BatchReader } from "./batch_reader.ts";
export type { LogBytes } from "./log_file_reader.ts";
export { ColdBatches } from "./cold_batches.ts";
export type { StoredReader } from "./stored_reader.ts";
export { Traffic } from "./traffic.ts";
export type { AbortedTransaction } from "./partition_transactions.ts";
