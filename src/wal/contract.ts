import type { Histogram } from "../base/histogram.ts";
import type { Clock } from "../io/clock.ts";
import type { Disk } from "../io/disk.ts";
import type { Random } from "../io/random.ts";
import type { Tracer } from "../io/telemetry.ts";
import type { SegmentHeader } from "./segment_header.ts";

/** CRC-32C of `bytes[start, end)`, unsigned. Handed in, so that a faster one fits the image's memory. */
export type Checksum = (bytes: Uint8Array, start: number, end: number) => number;

/** Why {@link Wal.begin} gave no room. */
export type Refusal =
  /** The disk is full. Asked again every second; service resumes when there is room. */
  | "disk_full"
  /** `maxDiskBytes` is used up: something must be freed first. */
  | "log_full"
  /** The entry does not fit into one segment, ever. */
  | "too_large"
  /** The next segment is just being made ready: await {@link Wal.whenRoom} and ask again. */
  | "not_ready"
  /** The log has failed or is closed; nothing will be accepted any more. */
  | "failed";

/** What the log is and where it lives; the same for recovery and for writing. */
export interface LogOptions {
  readonly disk: Disk;
  /** Directory below the disk's root, for the log alone. */
  readonly directory: string;
  /** 16 bytes that tell this log from another's: files with a different id are refused. */
  readonly logId: Uint8Array;
  readonly checksum: Checksum;
}

/** An entry met during recovery, in log order. The object and its bytes are valid during the call only. */
export interface RecoveredEntry {
  /** Where the entry begins; its payload begins at `lsn + ENTRY_HEADER_BYTES`. */
  readonly lsn: number;
  readonly stream: number;
  readonly kind: number;
  readonly payloadLength: number;
  /** How many of the payload's first bytes are covered by the header's checksum. */
  readonly prefixBytes: number;
  /**
   * True at and above the snapshot: the entry is wholly verified and `payload` is complete.
   * False below: unless its kind is one that {@link RecoverOptions.wholeKind} names, only the header and
   * the prefix are verified, and `payload` holds the first {@link SCAN_PAYLOAD_BYTES} bytes at most.
   */
  readonly replay: boolean;
  readonly payload: Uint8Array;
}

export interface RecoverOptions extends LogOptions {
  /** Entries from here on are replayed; 0 when there is no snapshot. */
  readonly snapshotLsn: number;
  /** Where a log begins that was not begun empty: without any file, nothing that is needed is missing up to there. */
  readonly firstLsn?: number;
  /** Entries of this kind are verified and told as a whole below the snapshot, too. */
  readonly wholeKind?: number;
  /**
   * Damaged acknowledged data is dropped instead of refused: below the snapshot the unreadable
   * range is skipped, above it the log is cut.
   */
  readonly acceptDataLoss?: boolean;
  /**
   * The unreadable range below the snapshot is skipped in any case, and told in `RecoveredLog.damaged`: the caller knows
   * whether anything that was in it is needed, and must not open the log if so.
   */
  readonly skipsBelowSnapshot?: boolean;
  onEntry(entry: RecoveredEntry): void;
}

/** `[fromLsn, toLsn)`, acknowledged but unreadable, given up by `acceptDataLoss`. */
export interface LostRange {
  readonly fromLsn: number;
  readonly toLsn: number;
}

/** A place below the snapshot that cannot be read, and why it must have held something. */
export interface DamagedPlace extends LostRange {
  readonly path: string;
  readonly positionBytes: number;
  readonly reason: string;
}

/** A log as recovery found it, to be handed to `openWal`. Nothing on disk has been changed yet. */
export interface RecoveredLog {
  /** The first LSN that is held. Whether what is needed below the snapshot is there, the caller must check. */
  readonly oldestLsn: number;
  /** Where the log ends: behind the last entry that counts. */
  readonly endLsn: number;
  /** Where it goes on: `endLsn`, or the snapshot's LSN when more than that was given up. */
  readonly startLsn: number;
  readonly lost: readonly LostRange[];
  /** What was skipped below the snapshot without leave to lose it. */
  readonly damaged: readonly DamagedPlace[];
  readonly found: FoundLog;
}

/** What recovery found on disk and what is to be done about it; the log's own business. */
export interface FoundLog {
  /** `null` for a log that does not exist yet. */
  readonly secret: number | null;
  /** The run in force at the end. */
  readonly run: number;
  /** All below was durable when an entry that counts was written. */
  readonly provenDurableLsn: number;
  /** Files with entries that count, oldest first. */
  readonly live: readonly FoundSegment[];
  readonly spare: readonly FoundSegment[];
  /** Files to be deleted. */
  readonly discard: readonly string[];
  /** Places below the snapshot that were given up and are to be mended. */
  readonly mends: readonly Mend[];
  /** Whether bytes behind the end must be wiped, because a loss was accepted there. */
  readonly wipe: boolean;
  readonly nextSlot: number;
}

/** What makes the chain of entries whole again around a given-up place, so that it is given up but once. */
export type Mend =
  /** An entry without meaning goes over the place, from `lsn` to `endLsn`; it carries the runs before and behind it on. */
  | {
    readonly kind: "fill";
    readonly path: string;
    readonly position: number;
    readonly lsn: number;
    readonly endLsn: number;
    readonly run: number;
    readonly nextRun: number;
  }
  /** A segment's header says where the one before it ends now. */
  | { readonly kind: "join"; readonly path: string; readonly header: SegmentHeader };

export interface FoundSegment {
  readonly path: string;
  readonly baseLsn: number;
  readonly endLsn: number;
  readonly capacityBytes: number;
}

export interface WalOptions extends LogOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Size of a segment file and of its image; a multiple of 4096. */
  readonly segmentBytes: number;
  /** Bytes for images of the newest segments; at least two images are kept. */
  readonly memoryBytes: number;
  /** Bound of the bytes on disk, spare segments included; 0 is none. */
  readonly maxDiskBytes: number;
  /**
   * Room at the end of the last segment that there is, which only urgent entries get: those that lead to something
   * being freed. An entry must leave it, so it also limits the size of one.
   */
  readonly reserveBytes: number;
  /** Told of commits, if anybody wants to know. */
  readonly tracer?: Tracer | null;
  /** Longest extra wait for more entries before a commit starts, in ms; 0 is none. */
  readonly syncIntervalMs: number;
  /** Gives the memory of one image, 8-byte aligned. Untouched pages should cost nothing. */
  allocateImage?(bytes: number): Uint8Array;
  /**
   * After every commit, in order: all that lies below `durableLsn` survives a power cut. Must not
   * throw. The first call comes while the log is being opened.
   */
  onDurable(durableLsn: number): void;
  /** Once, when a write or a sync has failed: nothing is acknowledged any more, the process should end. */
  onFailure(error: unknown): void;
}

/** Counters since the start, and sizes now. */
export interface WalFigures {
  readonly diskBytes: number;
  /** Segments that hold entries. */
  readonly segmentCount: number;
  /** Segments that are ready to be used. */
  readonly spareCount: number;
  readonly commitCount: number;
  readonly syncedBytes: number;
  readonly lastSyncMs: number;
  /** How long commits took, in seconds. */
  readonly commitSeconds: Histogram;
  /** Memory of the newest segments. */
  readonly imageBytes: number;
}

/** Bytes of the log. */
export interface LsnRange {
  readonly baseLsn: number;
  readonly endLsn: number;
}

/** A segment whose file stays as it is, even when it is freed, until it is released. */
export interface HeldSegment {
  /** Below the disk's root. */
  readonly path: string;
  /** It holds the entries in `[baseLsn, endLsn)`. */
  readonly baseLsn: number;
  readonly endLsn: number;
  /** Where the byte at `lsn` is in the file. */
  positionOf(lsn: number): number;
  release(): void;
}

/** The one write-ahead log. See `mod.ts` for what it promises. */
export interface Wal {
  /** The first LSN that is still held. */
  readonly oldestLsn: number;
  /** All below is durable. */
  readonly durableLsn: number;
  /** The LSN that the next entry gets. */
  readonly endLsn: number;
  /** Where {@link begin}'s position points into. Changes with {@link begin}: ask after it. */
  readonly image: Uint8Array;
  /** Why the last {@link begin} or {@link append} answered −1. */
  readonly refusal: Refusal;
  readonly figures: WalFigures;
  /** Bytes of the segments that hold entries: what counts against `maxDiskBytes` until it is freed. */
  readonly liveBytes: number;

  /**
   * Makes room for an entry of `payloadBytes` and answers the position in {@link image}
   * where its payload goes, or −1 (see {@link refusal}). The payload may then be copied,
   * changed and checked in place. It is an entry only once {@link end} is called; not
   * calling it abandons it. Nothing is awaited between the two. Views of older segments
   * may end here: see {@link view}.
   *
   * `isUrgent` is for entries that lead to something being freed. They get the reserve, and where that is used
   * up, room beyond `maxDiskBytes`, which nothing else is written to.
   */
  begin(payloadBytes: number, isUrgent?: boolean): number;

  /**
   * Appends what {@link begin} made room for and answers its LSN. `kind` is 1–255.
   *
   * The header's checksum covers `payload[0, prefixBytes)` (at most 255), `bodyCrc` is the CRC-32C
   * of `payload[bodyStart, payloadBytes)`, with `bodyStart <= prefixBytes`. They may
   * overlap, so that a record batch's own checksum (from byte 21) serves as the body's while
   * all of its header is verified by a mere scan.
   */
  end(stream: number, kind: number, prefixBytes: number, bodyCrc: number, bodyStart?: number): number;

  /** {@link begin}, copy, {@link end}, with the whole payload as body: an LSN, or −1. */
  append(stream: number, kind: number, payload: Uint8Array, isUrgent?: boolean): number;

  /** Resolves when all below `lsn` is durable; rejects when the log fails first. */
  whenDurable(lsn: number): Promise<void>;

  /**
   * Hands what was appended to the system without waiting for a sync, and answers the LSN below which that is
   * done: what lies there survives a killed process, but not a power cut. It may be less than all.
   */
  write(): number;

  /** Whether the reserve has room for an urgent entry of so many bytes: for those that must not lead beyond the bound. */
  hasReserve(payloadBytes: number): boolean;

  /** Whether there is room for anything but the largest entries, as far as can be told without asking for it. */
  readonly hasRoom: boolean;

  /** Resolves when it makes sense to call {@link begin} again after a refusal: there may be room, or another reason. */
  whenRoom(): Promise<void>;

  /**
   * The log's bytes `[lsn, lsn + length)` without a copy, or `null` when they are not in
   * memory or not in one segment. Valid until the next {@link begin} or {@link append}, and
   * not across an `await`.
   */
  view(lsn: number, length: number): Uint8Array | null;

  /**
   * Copies the log's bytes from `lsn` on into `into`, from memory or the segment's file, and
   * answers how many: fewer than asked at the end of a segment or of the log. A run of
   * neighbouring entries comes with one call. `NOT_FOUND` when `lsn` has been freed.
   */
  read(lsn: number, into: Uint8Array): Promise<number>;

  /**
   * Keeps the file that has the log's byte at `lsn` as it is, for whoever reads it by its path; only what is
   * durable is in it. `NOT_FOUND` when `lsn` has been freed.
   */
  hold(lsn: number): HeldSegment;

  /** The segments of which nothing is in memory any more, oldest first. */
  coldSegments(): readonly LsnRange[];

  /** Gives up all segments that lie wholly below `lsn`; they are recycled once nobody reads them. */
  free(lsn: number): void;

  /** Deletes the files that are free but for a few, at once and in the background: others lack room on the disk. */
  shrink(): void;

  /** Commits what has been appended, then lets go of all files. */
  close(): Promise<void>;
}
