import { ErrorCode } from "../../base/error_codes.ts";
import type { Engine, FetchContext, SessionPartition } from "../../engine/mod.ts";
import type { BatchRange, PartitionLog } from "../../engine/mod.ts";
import type {
  FetchResponseFetchableTopicResponseInput,
  FetchResponseInput,
  FetchResponsePartitionDataInput,
} from "../../protocol/generated/fetch_response.ts";
import { BATCH_AT, batchAt, readInt32 } from "../../records/outside.ts";
import { withoutCleaned } from "./aborted.ts";
import { ColdReads, type ColdResult, type ColdWish } from "./cold_reads.ts";
import { leaderEpochError } from "./leader_epoch.ts";

type PartitionData = FetchResponsePartitionDataInput;
type Records = readonly Uint8Array[];

const NO_RECORDS: Records = [];
const NOTHING_READ: ReadonlyMap<SessionPartition, ColdResult> = new Map();

export interface FetchLimits {
  /** Bytes of records in the whole answer. */
  readonly maxBytes: number;
  /** Bytes of records that are worth an answer before the client's time is over. */
  readonly minBytes: number;
  readonly isReadCommitted: boolean;
  /** Whether topics are named by id. */
  readonly byId: boolean;
  /** Whether the topic of that name may be read; without a name, whether it may be told that an id is unknown. */
  mayRead(name: string | undefined): boolean;
}

/** What one partition of a fetch gets: an error, a diverging epoch, or a range of batches. */
interface PlannedPartition {
  readonly asked: SessionPartition;
  readonly log: PartitionLog | undefined;
  readonly errorCode: number;
  readonly diverging: { readonly epoch: number; readonly endOffset: number } | undefined;
  readonly range: BatchRange | undefined;
  /** What has to be read, or has been, from a file or an object. */
  readonly cold: ColdWish | ColdResult | undefined;
  /** What counts against the limits of the whole answer. */
  readonly bytes: number;
  /** What there is within the limits, counting bytes and not batches, as Kafka does. */
  readonly readableBytes: number;
  /** Whether the client gets to know with this answer, or knows, all that there is to know. */
  readonly isDrained: boolean;
}

/**
 * What a fetch would answer right now. Made and used without waiting in between:
 * offsets and places of batches are those of the moment.
 *
 * What has to be read first from files or objects is known only when it has been: then the plan is made
 * again, with `read`. Until then it counts as what its partition may have at most, as remote reads do in Kafka.
 */
export class FetchPlan {
  /** What there has to be more before it is worth an answer; 0 when there is something to tell at once. */
  readonly missingBytes: number;
  readonly #engine: Engine;
  readonly #context: FetchContext;
  readonly #limits: FetchLimits;
  readonly #read: ReadonlyMap<SessionPartition, ColdResult>;
  readonly #partitions: PlannedPartition[] = [];

  constructor(
    engine: Engine,
    context: FetchContext,
    limits: FetchLimits,
    read: ReadonlyMap<SessionPartition, ColdResult> = NOTHING_READ,
  ) {
    this.#engine = engine;
    this.#context = context;
    this.#limits = limits;
    this.#read = read;
    let bytes = 0;
    let missingBytes = limits.minBytes;
    let isUrgent = false;
    // Those that need no look exist.
    let isAnyKnown = context.hasSettled;
    for (const asked of context.partitions) {
      const planned = this.#plan(asked, limits.maxBytes - bytes, bytes === 0);
      bytes += planned.bytes;
      missingBytes -= planned.readableBytes;
      // Partitions that do not exist, or may not be read, are told of with the others, as in Kafka.
      const isKnown = !isUnknown(planned.errorCode);
      isAnyKnown ||= isKnown;
      isUrgent ||= isKnown && (planned.errorCode !== ErrorCode.NONE || planned.diverging !== undefined);
      this.#partitions.push(planned);
    }
    this.missingBytes = isUrgent || !isAnyKnown ? 0 : Math.max(0, missingBytes);
  }

  /** The partitions whose new records may end a wait. */
  get logs(): readonly PartitionLog[] {
    return this.#partitions.flatMap(({ log }) => log === undefined ? [] : [log]);
  }

  /** Whether a file or an object must be read before it can be answered in full. */
  get isCold(): boolean {
    return this.#partitions.some(({ cold }) => cold !== undefined && "maxBytes" in cold);
  }

  /** Whether there are neither records nor errors to tell of. */
  get isEmpty(): boolean {
    return this.#partitions.every(({ bytes, errorCode, diverging }) =>
      bytes === 0 && errorCode === ErrorCode.NONE && diverging === undefined
    );
  }

  /** Bytes of records that it would send. */
  get bytes(): number {
    return this.#partitions.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Begins to read what is in no memory any more. */
  readCold(): ColdReads {
    const wishes = this.#partitions.flatMap(({ asked, cold }) =>
      cold !== undefined && "maxBytes" in cold ? [{ asked, wish: cold }] : []
    );
    const hasOther = this.#partitions.some(({ bytes, cold, errorCode, diverging }) =>
      (bytes > 0 && cold === undefined) || errorCode !== ErrorCode.NONE || diverging !== undefined
    );
    return new ColdReads(this.#engine, wishes, hasOther);
  }

  /** The response. Its records are views: encode it before anything else happens. */
  answer(): FetchResponseInput {
    const topics = new Map<
      string,
      FetchResponseFetchableTopicResponseInput & { partitions: PartitionData[] }
    >();
    for (const planned of this.#partitions) {
      const { asked } = planned;
      const data = this.#data(planned);
      const isNews = this.#isNews(asked, data);
      if (planned.isDrained && planned.log !== undefined) this.#context.settle(asked, planned.log);
      if (!isNews) continue;
      const { topicName, topicId } = asked;
      const key = this.#limits.byId ? topicId : topicName;
      const topic = topics.get(key);
      if (topic !== undefined) topic.partitions.push(data);
      else {topics.set(key, {
          ...(this.#limits.byId ? { topicId } : { topic: topicName }),
          partitions: [data],
        });}
    }
    return { errorCode: ErrorCode.NONE, sessionId: this.#context.sessionId, responses: [...topics.values()] };
  }

  /** The response to a client that has to pause. It knows of no new session, so there is none. */
  throttled(throttleTimeMs: number): FetchResponseInput {
    const { sessionId, incremental } = this.#context;
    if (!incremental) this.#engine.fetchSessions.end(sessionId);
    return {
      throttleTimeMs,
      errorCode: ErrorCode.NONE,
      sessionId: incremental ? sessionId : 0,
      responses: [],
    };
  }

  #plan(asked: SessionPartition, room: number, isFirst: boolean): PlannedPartition {
    const { state } = this.#engine;
    const none = {
      asked,
      log: undefined,
      diverging: undefined,
      range: undefined,
      cold: undefined,
      bytes: 0,
      readableBytes: 0,
      isDrained: false,
    };
    const topic = this.#limits.byId ? state.topicById(asked.topicId) : state.topic(asked.topicName);
    if (!this.#limits.mayRead(this.#limits.byId ? topic?.name : asked.topicName)) {
      return { ...none, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED };
    }
    if (topic === undefined && this.#limits.byId) return { ...none, errorCode: ErrorCode.UNKNOWN_TOPIC_ID };
    const partition = topic?.partitions[asked.index];
    if (partition === undefined) return { ...none, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
    const errorCode = leaderEpochError(asked.currentLeaderEpoch, state.leaderEpoch);
    if (errorCode !== ErrorCode.NONE) return { ...none, errorCode };

    const log = this.#engine.log(partition);
    const { fetchOffset } = asked;
    if (asked.lastFetchedEpoch >= 0) {
      const end = log.epochs.endOf(asked.lastFetchedEpoch, state.leaderEpoch, log.logEndOffset);
      if (end.epoch < 0) return { ...none, errorCode: ErrorCode.OFFSET_OUT_OF_RANGE };
      if (end.epoch < asked.lastFetchedEpoch || end.endOffset < fetchOffset) {
        return { ...none, log, errorCode: ErrorCode.NONE, diverging: end };
      }
    }
    if (fetchOffset < log.logStartOffset || fetchOffset > log.logEndOffset) {
      return { ...none, errorCode: ErrorCode.OFFSET_OUT_OF_RANGE };
    }
    const limit = Math.min(asked.maxBytes, room);
    const endOffset = log.readableEnd(this.#limits.isReadCommitted);
    const found = { ...none, log, errorCode: ErrorCode.NONE };
    const read = this.#read.get(asked);
    // The name may have become another topic's while the records of the first one were read.
    if (read?.log === log) return { ...found, ...withRead(read, limit, isFirst) };
    if (log.isStoredOnly(fetchOffset)) {
      if (fetchOffset >= endOffset || (limit <= 0 && !isFirst)) return found;
      const bytes = Math.max(limit, 1);
      return { ...found, cold: { log, endOffset, maxBytes: bytes }, bytes, readableBytes: bytes };
    }
    const range = log.range(fetchOffset, endOffset, limit, isFirst);
    const hasMore = log.hasMoreBehind(range, endOffset);
    const readableBytes = hasMore ? Math.max(range.bytes, limit) : range.bytes;
    const isDrained = !hasMore && range.bytes === 0;
    const isCold = range.bytes > 0 && this.#engine.reader.isCold(log, range);
    const cold = isCold ? { log, endOffset, maxBytes: range.bytes } : undefined;
    return { ...found, range, cold, bytes: range.bytes, readableBytes, isDrained };
  }

  #data(planned: PlannedPartition): PartitionData {
    const { asked, log, errorCode, diverging } = planned;
    if (log === undefined) return failed(asked.index, errorCode);
    const { records, endOffset } = this.#records(planned);
    const isCommitted = this.#limits.isReadCommitted;
    return {
      partitionIndex: asked.index,
      errorCode,
      highWatermark: log.highWatermark,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: log.logStartOffset,
      abortedTransactions: isCommitted ? this.#aborted(planned, log, records, endOffset) : null,
      records,
      ...(diverging !== undefined && { divergingEpoch: diverging }),
    };
  }

  #aborted({ asked, cold }: PlannedPartition, log: PartitionLog, records: Records, endOffset: number) {
    const aborted = log.abortedIn(asked.fetchOffset, endOffset);
    if (aborted.length === 0 || cold === undefined) return aborted;
    return withoutCleaned(aborted, endOffset, records);
  }

  /** What the partition gets, and behind which offset that ends; what is not read yet has to be asked for again. */
  #records({ asked, log, range, cold, bytes }: PlannedPartition): { records: Records; endOffset: number } {
    const none = { records: NO_RECORDS, endOffset: asked.fetchOffset };
    if (cold !== undefined) {
      if ("maxBytes" in cold || cold.found === null || bytes === 0) return none;
      log?.countOut(recordsIn(cold.found.batches), bytes);
      return { records: cold.found.batches, endOffset: cold.found.nextOffset };
    }
    if (log === undefined || range === undefined || range.bytes === 0) return none;
    const records = this.#engine.reader.inMemory(log, range);
    if (records === null) return none;
    const endOffset = log.batches.lastOffset(range.toRow - 1) + 1;
    // Batches in the log are as they were produced: without gaps.
    log.countOut(endOffset - log.batches.baseOffset(range.fromRow), range.bytes);
    return { records, endOffset };
  }

  /** Whether the client has to be told: always, but in a session only what it does not know (KIP-227). */
  #isNews(asked: SessionPartition, data: PartitionData): boolean {
    const { highWatermark, errorCode, records } = data;
    const logStartOffset = data.logStartOffset ?? -1;
    const hasRecords = records !== null && records.length > 0;
    if (hasRecords) this.#context.served(asked);
    const isKnown = this.#context.incremental && !hasRecords && errorCode === ErrorCode.NONE &&
      data.divergingEpoch === undefined && asked.sentHighWatermark === highWatermark &&
      asked.sentLogStartOffset === logStartOffset;
    asked.sentHighWatermark = errorCode === ErrorCode.NONE ? highWatermark : -1;
    asked.sentLogStartOffset = logStartOffset;
    return !isKnown;
  }
}

/** What a partition gets of what was read for it: all of that, unless others have used up the room. */
function withRead(cold: ColdResult, limit: number, isFirst: boolean) {
  if (cold.found === null) return { log: undefined, cold, errorCode: cold.errorCode };
  const { bytes } = cold.found;
  if (bytes > limit && !isFirst) return { cold };
  return { cold, bytes, readableBytes: bytes };
}

function failed(partitionIndex: number, errorCode: number): PartitionData {
  return {
    partitionIndex,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    // Kafka says null where it got as far as the partition, and an empty list where there is none.
    abortedTransactions: isUnknown(errorCode) ? [] : null,
    records: NO_RECORDS,
  };
}

/** Whole batches lie one behind the other in each of them. */
function recordsIn(parts: readonly Uint8Array[]): number {
  let records = 0;
  for (const part of parts) {
    for (let at = 0, length = 0; at < part.length; at += length) {
      length = batchAt(part, at, part.length);
      if (length < 0) break;
      records += readInt32(part, at + BATCH_AT.recordCount);
    }
  }
  return records;
}

function isUnknown(errorCode: number): boolean {
  return errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION || errorCode === ErrorCode.UNKNOWN_TOPIC_ID ||
    errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED;
}
