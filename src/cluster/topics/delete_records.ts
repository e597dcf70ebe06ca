import { ErrorCode } from "../../base/error_codes.ts";
import { type Decision, refuse } from "../decision.ts";
import type { Partition } from "./topic.ts";

/** Where the records of a partition begin, and up to where they are visible. */
export interface LogBounds {
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

/** Asks for all visible records. */
const TO_HIGH_WATERMARK = -1;

/**
 * Decides whether a partition's records below `offset` are deleted, those below the high watermark at -1 (KIP-107).
 * What is gone already needs no record.
 */
export function decideDeleteRecords({ topic, stream }: Partition, log: LogBounds, offset: number): Decision {
  if (topic.isInternal) {
    return refuse(
      ErrorCode.INVALID_TOPIC_EXCEPTION,
      `Cannot delete records of internal topic ${topic.name}.`,
    );
  }
  const { compacted, deletesRecords } = topic.settings;
  // With no policy at all records are kept for ever, but for those that somebody asks to delete.
  if (compacted && !deletesRecords) {
    return refuse(ErrorCode.POLICY_VIOLATION, `The cleanup.policy of ${topic.name} only compacts records.`);
  }
  const toOffset = offset === TO_HIGH_WATERMARK ? log.highWatermark : offset;
  if (toOffset < 0 || toOffset > log.highWatermark) {
    return refuse(
      ErrorCode.OFFSET_OUT_OF_RANGE,
      `Offset ${toOffset} is not between 0 and the high watermark ${log.highWatermark}.`,
    );
  }
  return toOffset > log.logStartOffset
    ? { records: [{ type: "log_start_moved", stream, offset: toOffset }] }
    : { records: [] };
}
