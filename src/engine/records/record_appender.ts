import { ErrorCode } from "../../base/error_codes.ts";
import { type Partition, writeError } from "../../cluster/mod.ts";
import {
  BatchHeader,
  BatchValidator,
  type BatchVerdict,
  patchBaseOffset,
  patchLeaderEpoch,
  type ProduceFacts,
  type RecordError,
} from "../../records/mod.ts";
import type { PartitionLog } from "../../log/mod.ts";
import type { Engine } from "../engine.ts";

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

  constructor(engine: Engine) {
    this.#engine = engine;
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
    const at = wal.begin(records.length);
    if (at < 0) return WAITS.has(wal.refusal) ? null : this.refuse(errorOf(wal.refusal), wal.refusal);
    const { image } = wal;
    image.set(records, at);

    const { settings } = partition.topic;
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
    const appendTimeMs = settings.logAppendTime ? header.maxTimestampMs : -1;
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

/** The log's refusal in Kafka's terms; all but the first can be retried. */
function errorOf(refusal: Engine["wal"]["refusal"]): number {
  return refusal === "too_large" ? ErrorCode.MESSAGE_TOO_LARGE : ErrorCode.KAFKA_STORAGE_ERROR;
}
