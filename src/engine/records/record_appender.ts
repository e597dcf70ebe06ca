import { ErrorCode } from "../../base/error_codes.ts";
import { type Partition, writeError } from "../../cluster/mod.ts";
import {
  ATTRIBUTE,
  BATCH_AT,
  BatchHeader,
  BatchValidator,
  type BatchVerdict,
  patchBaseOffset,
  patchLeaderEpoch,
  type ProduceFacts,
  type RecordError,
} from "../../records/mod.ts";
import type { PartitionLog } from "../../log/mod.ts";
import { Compression } from "../../records/mod.ts";
import type { Engine } from "../engine.ts";
import { Recompressor } from "./recompressor.ts";

/** What became of a batch, in the terms of a Produce response. */
export interface AppendOutcome {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly recordErrors: readonly RecordError[];
  /** −1 on errors. */
  readonly baseOffset: number;
  /** The broker's time under LogAppendTime, else −1. */
  readonly appendTimeMs: number;
  /** −1 on errors, but those that come from the log itself in Kafka. */
  readonly logStartOffset: number;
  /** The log must be durable up to here before this may be acknowledged. */
  readonly endLsn: number;
}

/** What is asked about the request that a batch came in. */
export interface ProduceRequestFacts extends ProduceFacts {
  readonly transactionalId: string | null;
}

/** What `ProduceFacts` say of a batch that is compressed anew: no more records than the loop has the time for. */
function bounded({ version, isTransactional, partitionName }: ProduceFacts, maxDecompressedBytes: number) {
  return { version, isTransactional, partitionName, maxDecompressedBytes };
}

/** The version of Produce that knows TRANSACTION_ABORTABLE, and the one that adds partitions by writing (KIP-890). */
const ABORTABLE_FROM = 11;
const ADDS_IMPLICITLY_FROM = 12;

/** What Kafka finds wrong with a batch when it is in the log's hands already. */
const FROM_LOG: ReadonlySet<number> = new Set([
  ErrorCode.INVALID_RECORD,
  ErrorCode.INVALID_TIMESTAMP,
  ErrorCode.INVALID_PRODUCER_EPOCH,
]);

/** Refusals that pass by themselves: a full log is one whose records become objects at this moment. */
const WAITS: ReadonlySet<Engine["wal"]["refusal"]> = new Set(["not_ready", "log_full"]);

/**
 * Takes record batches from producers into the log. The one copy is from the
 * socket's buffer into the log's memory image; there the batch is checked and
 * gets its offset, and is either made an entry or forgotten.
 */
export class RecordAppender {
  readonly #engine: Engine;
  readonly #header = new BatchHeader();
  readonly #validator = new BatchValidator();
  readonly #recompressor: Recompressor;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#recompressor = new Recompressor(engine.clock);
  }

  /** What a batch that could not be appended yet waits for, if not for room. */
  waiting(): Promise<void> | null {
    return this.#recompressor.waiting();
  }

  /** Appends a partition's records; `null` when there may be room for them soon (see `RoomQueue`). */
  append(
    partition: Partition,
    records: Uint8Array | null,
    isStrict: boolean,
    request: ProduceRequestFacts,
  ): AppendOutcome | null {
    const { wal } = this.#engine;
    const log = this.#engine.log(partition);
    if (records === null || records.length === 0) {
      return this.#refuseVerdict(this.#validator.noRecords(), log);
    }
    const { settings } = partition.topic;
    if (settings.compression !== null && settings.compression !== codecOf(records)) {
      return this.#appendRecompressed(partition, records, settings.compression, request);
    }
    const at = wal.begin(records.length);
    if (at < 0) return WAITS.has(wal.refusal) ? null : this.refuse(errorOf(wal.refusal), wal.refusal);
    const { image } = wal;
    image.set(records, at);

    const nowMs = this.#engine.clock.nowMs();
    const verdict = this.#validator.validate(
      image,
      at,
      at + records.length,
      settings,
      nowMs,
      isStrict,
      request,
    );
    if (verdict.errorCode !== ErrorCode.NONE) return this.#refuseVerdict(verdict, log);
    return this.#store(partition, log, at, request);
  }

  /** Appends a batch with its records compressed as its topic wants them: that is made of a copy, and stored. */
  #appendRecompressed(
    partition: Partition,
    records: Uint8Array,
    codec: Compression,
    request: ProduceRequestFacts,
  ): AppendOutcome | null {
    const { wal, clock } = this.#engine;
    const { settings } = partition.topic;
    const log = this.#engine.log(partition);
    if (!this.#recompressor.isReady) return null;
    const { maxBytes } = this.#recompressor;
    const batch = records.slice();
    const facts = bounded(request, maxBytes);
    const verdict = this.#validator.validate(batch, 0, batch.length, settings, clock.nowMs(), true, facts);
    if (verdict.errorCode !== ErrorCode.NONE) return this.#refuseVerdict(verdict, log);
    const stored = this.#recompressor.run(
      batch,
      this.#header.read(batch, 0),
      codec,
      settings.compressionLevel,
    );
    if (stored.length > settings.maxMessageBytes) {
      const message =
        `The batch has ${stored.length} bytes, and the topic allows ${settings.maxMessageBytes}.`;
      return this.refuse(ErrorCode.MESSAGE_TOO_LARGE, message);
    }
    const at = wal.begin(stored.length);
    if (at < 0) return WAITS.has(wal.refusal) ? null : this.refuse(errorOf(wal.refusal), wal.refusal);
    wal.image.set(stored, at);
    return this.#store(partition, log, at, request);
  }

  /** Gives the good batch at `at` in the image its place, if its producer may write it. */
  #store(partition: Partition, log: PartitionLog, at: number, request: ProduceRequestFacts): AppendOutcome {
    const { wal } = this.#engine;
    const { image } = wal;
    const header = this.#header.read(image, at);
    if (header.hasProducerId) {
      if (header.isTransactional && !log.isInTransaction(header.producerId, header.producerEpoch)) {
        const errorCode = this.#transactionError(partition, request);
        if (errorCode !== ErrorCode.NONE) return this.refuse(errorCode);
      }
      const original = log.producers.duplicateOf(header);
      if (original !== undefined) {
        const { baseOffset, appendTimeMs } = original;
        return succeeded(baseOffset, appendTimeMs, log.logStartOffset, wal.endLsn);
      }
      const errorCode = log.checkProducer(header, this.#engine.state.leaderEpoch);
      if (errorCode !== ErrorCode.NONE) {
        return { ...this.refuse(errorCode), logStartOffset: log.logStartOffset };
      }
    }

    const baseOffset = log.logEndOffset;
    patchBaseOffset(image, at, baseOffset);
    patchLeaderEpoch(image, at, this.#engine.state.leaderEpoch);
    header.read(image, at);
    const endLsn = this.#engine.appendBatch(partition, header);
    log.countIn(header.recordCount, header.lengthBytes);
    const appendTimeMs = partition.topic.settings.logAppendTime ? header.maxTimestampMs : -1;
    return succeeded(baseOffset, appendTimeMs, log.logStartOffset, endLsn);
  }

  /** Whether the batch in hand may begin, or go on with, its producer's transaction in this partition. */
  #transactionError({ stream }: Partition, { transactionalId, version }: ProduceRequestFacts): number {
    const { state, transactions } = this.#engine;
    const { producerId, producerEpoch: epoch } = this.#header;
    const skills = {
      addsImplicitly: version >= ADDS_IMPLICITLY_FROM,
      knowsAbortable: version >= ABORTABLE_FROM,
    };
    return writeError(
      state,
      { id: transactionalId ?? "", producerId, epoch },
      stream,
      skills,
      transactions.limits,
    );
  }

  /** The outcome of a batch that is not appended. */
  refuse(
    errorCode: number,
    errorMessage: string | null = null,
    recordErrors: readonly RecordError[] = [],
  ): AppendOutcome {
    return {
      errorCode,
      errorMessage,
      recordErrors,
      baseOffset: -1,
      appendTimeMs: -1,
      logStartOffset: -1,
      endLsn: 0,
    };
  }

  #refuseVerdict({ errorCode, errorMessage, recordErrors }: BatchVerdict, log: PartitionLog): AppendOutcome {
    const refused = this.refuse(errorCode, errorMessage, recordErrors);
    // The epoch of a transaction's batch is looked at by the coordinator before.
    const isCoordinators = errorCode === ErrorCode.INVALID_PRODUCER_EPOCH &&
      this.#validator.header.isTransactional;
    const isFromLog = FROM_LOG.has(errorCode) && !isCoordinators;
    return isFromLog ? { ...refused, logStartOffset: log.logStartOffset } : refused;
  }
}

const NO_RECORD_ERRORS: readonly RecordError[] = [];

function succeeded(
  baseOffset: number,
  appendTimeMs: number,
  logStartOffset: number,
  endLsn: number,
): AppendOutcome {
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    recordErrors: NO_RECORD_ERRORS,
    baseOffset,
    appendTimeMs,
    logStartOffset,
    endLsn,
  };
}

/** The codec in the header of a batch, not compressed if there is none: whoever looks closer finds out. */
function codecOf(records: Uint8Array): number {
  return (records[BATCH_AT.attributes + 1] ?? 0) & ATTRIBUTE.compressionMask;
}

/** The log's refusal in Kafka's terms; all but the first can be retried. */
function errorOf(refusal: Engine["wal"]["refusal"]): number {
  return refusal === "too_large" ? ErrorCode.MESSAGE_TOO_LARGE : ErrorCode.KAFKA_STORAGE_ERROR;
}
