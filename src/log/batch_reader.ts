import { assert } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import type { Clock } from "../io/clock.ts";
import { EventLimiter } from "../io/event_limiter.ts";
import type { EventSink } from "../io/events.ts";
import type { StoredObject } from "../objects/stored_object.ts";
import { batchAt } from "../records/outside.ts";
import { ENTRY_HEADER_BYTES } from "../wal/mod.ts";
import { ColdBatches } from "./cold_batches.ts";
import { LateReads } from "./late_reads.ts";
import { type LogBytes, readLogFiles } from "./log_file_reader.ts";
import type { BatchRange, PartitionLog } from "./partition_log.ts";
import type { StoredReader } from "./stored_reader.ts";

/** Most bytes read for one partition at a time, what lies between its batches in the log included. */
const READ_BYTES_MAX = 2 * 1024 * 1024;

export interface BatchReaderParts {
  readonly wal: LogBytes;
  readonly stored: StoredReader;
  readonly events: EventSink;
  readonly clock: Clock;
}

/**
 * Fetches the bytes of batches from the tier where they are: the log's memory image (views, no copy), its segment
 * files, or objects. What is read from files and objects is checked; where one of them fails and the other has the
 * same batches, that one is asked, and an event tells of it.
 */
export class BatchReader {
  /** Whoever gives up waiting for a read leaves it here. */
  readonly late = new LateReads<ColdBatches>();
  readonly #wal: LogBytes;
  readonly #stored: StoredReader;
  readonly #events: EventSink;
  readonly #limiter: EventLimiter;

  constructor({ wal, stored, events, clock }: BatchReaderParts) {
    this.#wal = wal;
    this.#stored = stored;
    this.#events = events;
    this.#limiter = new EventLimiter(clock);
  }

  /**
   * The batches of `range` as views of the log's memory, valid until the log is
   * appended to; `null` when its first batch is not in memory any more.
   */
  inMemory(log: PartitionLog, range: BatchRange): readonly Uint8Array[] | null {
    const { batches } = log;
    const views: Uint8Array[] = [];
    for (let row = range.fromRow; row < range.toRow; row++) {
      const view = this.#wal.view(batches.lsn(row) + ENTRY_HEADER_BYTES, batches.lengthBytes(row));
      if (view === null) return null;
      views.push(view);
    }
    return views;
  }

  /** Whether the first batch of `range` must be read from a file. */
  isCold(log: PartitionLog, range: BatchRange): boolean {
    const { batches } = log;
    const row = range.fromRow;
    return this.#wal.view(batches.lsn(row) + ENTRY_HEADER_BYTES, batches.lengthBytes(row)) === null;
  }

  /**
   * The first batches at or behind `fromOffset` and below `endOffset`, wherever they are: as many as come at once
   * within `maxBytes`, one at least unless there is none; none either when the log start passes `fromOffset` meanwhile.
   * @throws KliteError DATA_DAMAGED when no tier has the first one whole; else why it cannot be read now.
   */
  async read(
    log: PartitionLog,
    fromOffset: number,
    endOffset: number,
    maxBytes: number = READ_BYTES_MAX,
  ): Promise<ColdBatches> {
    const bytes = Math.min(maxBytes, READ_BYTES_MAX);
    let offset = fromOffset;
    // Compaction may have left nothing for a long way.
    while (offset < endOffset && offset >= log.logStartOffset) {
      const found = await this.#readNext(log, offset, endOffset, bytes);
      if (found === "moved") continue;
      if (found.batches.length > 0) return found;
      assert(found.nextOffset > offset, "a read that finds nothing says where to go on");
      offset = found.nextOffset;
    }
    return new ColdBatches([], offset);
  }

  /**
   * The first batch of an object, at or behind `fromOffset`, with a timestamp of at least `timestampMs`, or of those
   * with the largest one; `null` when there is none, "moved" when the object has been replaced meanwhile.
   * @throws KliteError as {@link read} does.
   */
  async find(
    log: PartitionLog,
    object: StoredObject,
    fromOffset: number,
    timestampMs: number | "max",
  ): Promise<Uint8Array | null | "moved"> {
    try {
      return await this.#stored.find({ partition: log.place, object, fromOffset, timestampMs });
    } catch (error) {
      if (!isLive(log, object)) return "moved";
      throw this.#told(log, object.baseOffset, error, false);
    }
  }

  /** "moved": the batches are not where they were when the reading began. */
  async #readNext(
    log: PartitionLog,
    offset: number,
    endOffset: number,
    maxBytes: number,
  ): Promise<ColdBatches | "moved"> {
    if (log.isStoredOnly(offset)) return await this.#fromObject(log, offset, endOffset, maxBytes);
    const { batches } = log;
    const [fromRow, toRow] = [batches.rowOf(offset), batches.rowOf(endOffset)];
    if (fromRow >= toRow) return new ColdBatches([], endOffset);
    const { found: inLog, fault } = await readLogFiles(this.#wal, log, fromRow, toRow, maxBytes);
    if (inLog.batches.length > 0) return inLog;
    assert(fault !== null, "the log holds what its index says");
    if (log.isStoredOnly(offset) || offset < log.logStartOffset) return "moved";
    const isStored = offset < log.storedEnd && log.objects.count > 0;
    this.#told(log, offset, fault, isStored);
    const isDamaged = fault.code === "DATA_DAMAGED";
    if (!isStored) {
      if (isDamaged) this.#stored.logDamaged(log, offset, fault);
      throw fault;
    }
    const found = await this.#fromObject(log, offset, endOffset, maxBytes);
    if (isDamaged && found !== "moved") this.#stored.logDamaged(log, offset, fault);
    return found;
  }

  async #fromObject(
    log: PartitionLog,
    offset: number,
    endOffset: number,
    maxBytes: number,
  ): Promise<ColdBatches | "moved"> {
    const object = log.objects.at(log.objects.indexOf(offset));
    const job = {
      partition: log.place,
      object,
      fromOffset: offset,
      endOffset: Math.min(endOffset, object.endOffset),
    };
    try {
      const { bytes, nextOffset } = await this.#stored.read({ ...job, maxBytes });
      return new ColdBatches(split(bytes), nextOffset);
    } catch (error) {
      if (!isLive(log, object)) return "moved";
      const isDamaged = error instanceof KliteError && error.code === "DATA_DAMAGED";
      if (!isDamaged || maxBytes === 1) throw this.#told(log, offset, error, false);
      // What is before the damage can be had.
      return await this.#fromObject(log, offset, endOffset, 1);
    }
  }

  /** Tells of a read that failed, and answers why. */
  #told(log: PartitionLog, offset: number, error: unknown, hasOther: boolean): unknown {
    const { topicName, index } = log.place;
    const partition = `${topicName}-${index}`;
    this.#limiter.limit(partition, (suppressed) => {
      this.#events({ type: "read_failed", partition, offset, hasOther, error, suppressed });
    });
    return error;
  }
}

/** Whether the partition still has the object, rather than another in its place. */
function isLive(log: PartitionLog, { baseOffset, endOffset, generation }: StoredObject): boolean {
  const { objects } = log;
  const index = objects.indexOf(baseOffset);
  if (index === objects.count) return false;
  const now = objects.at(index);
  return now.baseOffset === baseOffset && now.endOffset === endOffset && now.generation === generation;
}

/** Batches that lie one behind the other. */
function split(bytes: Uint8Array): Uint8Array[] {
  const batches: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = batchAt(bytes, at, bytes.length);
    assert(length > 0, "whole batches are read");
    batches.push(bytes.subarray(at, at + length));
    at += length;
  }
  return batches;
}
