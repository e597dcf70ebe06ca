import { type LogOwner, PartitionLog } from "../partition_log.ts";

/** A partition that nothing but its name is known of. */
export const TEST_OWNER: LogOwner = { topic: { name: "orders", id: "0123456789abcdefABCDEF" }, index: 0 };

/** The log of a partition that has no records. */
export function emptyLog(stream = 1): PartitionLog {
  return new PartitionLog(stream, TEST_OWNER);
}
