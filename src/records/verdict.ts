import { ErrorCode } from "../base/error_codes.ts";

/** One record that made its batch unacceptable, as a Produce response names it (KIP-467). */
export interface RecordError {
  readonly batchIndex: number;
  readonly batchIndexErrorMessage: string;
}

/** What the broker says about a produced batch. */
export interface BatchVerdict {
  /** NONE, or the error that a Produce response carries for the partition. */
  readonly errorCode: ErrorCode;
  /** What was wrong, for the producer's author; null when nothing was. */
  readonly errorMessage: string | null;
  /** The records at fault, where it is single records. */
  readonly recordErrors: readonly RecordError[];
}

/** The verdict on every good batch: one object, so that it costs nothing. */
export const ACCEPTED: BatchVerdict = { errorCode: ErrorCode.NONE, errorMessage: null, recordErrors: [] };

/** Refuses the whole batch, no record in particular. */
export function refuse(errorCode: ErrorCode, errorMessage: string): BatchVerdict {
  return { errorCode, errorMessage, recordErrors: ACCEPTED.recordErrors };
}

/** Refuses what is not a batch as a producer may send it. */
export function invalidRecord(errorMessage: string): BatchVerdict {
  return refuse(ErrorCode.INVALID_RECORD, errorMessage);
}

/** Refuses what seems damaged on its way; a producer sends it again. */
export function corrupt(errorMessage: string): BatchVerdict {
  return refuse(ErrorCode.CORRUPT_MESSAGE, errorMessage);
}
