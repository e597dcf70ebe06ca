/**
 * The one write-ahead log: everything durable is an entry of it, in one order. It knows entries, not
 * what they mean.
 *
 * **LSN.** An entry's address is its byte position in an endless log: monotone, a multiple of 8,
 * never used twice for something that was acknowledged. Segment files cut that log into pieces; the
 * byte at `lsn` lies in the segment with `baseLsn <= lsn`, at `64 + lsn - baseLsn`. An entry never
 * spans segments, and a segment begins where the one before ends.
 *
 * **Segment file** (`00000001.wal` and up, little-endian): a 64-byte header, entries, then
 * bytes that mean nothing. Files are written full of zeros before use and used again when freed, so
 * that a commit only overwrites allocated blocks: nothing of the file system's own has to be synced
 * with it, and a full disk is met before an entry is accepted. Zeros and commits go past the system's
 * page cache where that is possible (`DiskFile.writeThrough`): there zeros are cheap (0.1 ms of
 * processor time a MB; through the cache 0.3, and 2.9 where its memory is new), and a commit is one
 * call off the event loop for the write and its sync. Files that grow instead would cost each commit
 * one of the file system's own, and meet the full disk too late.
 *
 *      0 magic "KLWL"   4 version u16   6 state u8 (1 live, 2 spare)   8 base LSN u64
 *     16 end LSN of the segment before u64   24 log id, 16 bytes   40 secret u32
 *     44 run before the first entry u32   48 file size u32   60 CRC-32C of bytes 0-59
 *
 * **Entry**: a 40-byte header, the payload, zeros up to a multiple of 8.
 *
 *      0 header CRC u32   4 body CRC u32   8 payload length u32   12 stream u32   16 own LSN u64
 *     24 durable LSN u64   32 run u32   36 kind u8   37 prefix bytes u8   38 body start u8   39 zero
 *
 * The header CRC covers bytes 4-39 and the payload's first "prefix bytes", mixed with the log's
 * secret: nothing that a client sends can be taken for an entry. The body CRC covers the payload from
 * "body start" on, and may be one that the payload carries anyway. Kind 0 is the log's own.
 *
 * **What holds on disk, at every moment:**
 * 1. A segment is wholly durable before a byte of the next one is written. So a gap between segments
 *    is damage, never a torn tail.
 * 2. Live segments are an unbroken chain: they are freed from the oldest on, one at a time, and
 *    durably marked as spare before anything else overwrites them.
 * 3. An entry counts if its CRCs hold, its own LSN is that of its place (what a recycled file held
 *    before never fits), and its run is the run in force.
 * 4. Each start begins a *run*, with an entry of kind 0 that names the run it continues and is
 *    durable before any other is written. Bytes that a crash left behind the tail belong to an
 *    earlier run, so that they never come to life again when new entries grow up to them, without
 *    anything having to be erased.
 *
 * **Torn or damaged.** The log ends at the first LSN `n` without an entry that counts, unless
 * something proves that `n` had been durable: an entry behind it that was written when more than `n`
 * was durable, a later segment, or the snapshot. Then acknowledged data is damaged and recovery
 * refuses. The last entry of each commit is stamped with the durable LSN of that moment, so that all
 * but the very last commit is proven. Remains of an earlier run never prove anything false: they
 * were written when no more was durable than what is still in front of them; where that does not
 * hold, after an accepted loss, they are erased. A loss that is accepted below the snapshot is mended,
 * so that it is met but once: an entry of kind 0 goes over it, or the next segment's header says that
 * the one before ends earlier.
 *
 * **Full.** At its bound, or on a full disk, the log refuses entries. What was freed can only be known as free by
 * entries, too, so urgent ones are still taken: a reserve at the end of the last segment is theirs, and a segment
 * beyond the bound when that is used up.
 *
 * **Use:** `recoverLog` tells the entries, `openWal` begins the run, then `begin`/`end` append.
 * A failed write or sync is never repeated: nothing is acknowledged any more.
 */
export type {
  DamagedPlace,
  FoundLog,
  FoundSegment,
  HeldSegment,
  LostRange,
  LsnRange,
  RecoveredEntry,
  RecoveredLog,
  RecoverOptions,
  Refusal,
  Wal,
  WalOptions,
} from "./contract.ts";
export { emptyHeader, ENTRY_HEADER_BYTES, entryBytes, readHeader, SCAN_PAYLOAD_BYTES } from "./entry.ts";
export { openWal } from "./open.ts";
export { recoverLog } from "./recovery.ts";
export { FIRST_LSN, SEGMENT_HEADER_BYTES } from "./segment_header.ts";
