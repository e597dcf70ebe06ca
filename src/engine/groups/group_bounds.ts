import { ErrorCode } from "../../base/error_codes.ts";
import type { Refusal } from "../../cluster/mod.ts";

/** What the log has no room for is tried again so much later. */
export const RETRY_MS = 1000;

/** A change that found no room in the log, in terms that clients know what to do with. */
export function unwritten({ error }: Refusal): ErrorCode {
  return error === ErrorCode.MESSAGE_TOO_LARGE
    ? ErrorCode.UNKNOWN_SERVER_ERROR
    : ErrorCode.COORDINATOR_NOT_AVAILABLE;
}
