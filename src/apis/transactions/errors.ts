import { ErrorCode } from "../../base/error_codes.ts";
import type { Refusal } from "../../cluster/mod.ts";

/**
 * A refusal in the words that a version of a request has. Older clients know a fenced producer only as one of
 * a wrong epoch; what cannot be written now is asked for again by all.
 */
export function transactionError({ error }: Refusal, version: number, knowsFencedFrom: number): number {
  if (error === ErrorCode.KAFKA_STORAGE_ERROR) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  if (error === ErrorCode.PRODUCER_FENCED && version < knowsFencedFrom) {
    return ErrorCode.INVALID_PRODUCER_EPOCH;
  }
  return error;
}
