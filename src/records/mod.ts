/**
 * Record batches, the unit that producers send, the log stores and consumers get: version 2, the
 * only one since Kafka 4. The broker never takes records out of a batch to serve them; it checks
 * a batch once when it comes, writes its place into the header, and from then on moves its bytes.
 *
 * A batch is a header of 61 bytes, big-endian, then its records (see `BATCH_AT` for positions):
 *
 *     0 base offset i64        21 attributes i16          43 producer id i64
 *     8 length behind it i32   23 last offset delta i32   51 producer epoch i16
 *    12 leader epoch i32       27 base timestamp i64      53 base sequence i32
 *    16 magic i8 = 2           35 max timestamp i64       57 record count i32
 *    17 CRC-32C u32 of all behind it                      61 records
 *
 * Attributes: bits 0–2 codec, 3 timestamps are the broker's, 4 transactional, 5 control,
 * 6 the base timestamp is a delete horizon. The CRC leaves out what the broker writes: base
 * offset, length and leader epoch.
 *
 * A record is a length and that many bytes: attributes i8 (none defined), timestamp delta,
 * offset delta, key, value, header count, then key and value of each header. All numbers are
 * zigzag varints, a length of −1 is null. With a codec, the records are compressed as one piece.
 *
 * Invariants: whatever the bytes are, reading ends in a value or in a fault that is returned,
 * and takes memory bounded by the caller's limit. Nothing here reads a clock, or keeps bytes that
 * are not its own beyond the call, a cursor's until it is opened again or closed excepted.
 *
 * A broker at rest knows batches from the outside only and does without what looks into them,
 * decompressors above all: what is loaded with it imports `outside.ts`.
 */
export * from "./outside.ts";
export { decompress } from "./compression.ts";
export { RecordCursor } from "./record_cursor.ts";
export { BatchValidator, PLAIN_PRODUCE, type ProduceFacts, type TopicRules } from "./validate.ts";
export type { BatchVerdict, RecordError } from "./verdict.ts";
export { findByTimestamp, findMaxTimestamp } from "./walk.ts";
