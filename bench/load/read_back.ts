import { BatchWalker } from "./batch_walker.ts";
import { BrokerConnection, type Endpoint } from "./connection.ts";
import { FetchReader, PreparedFetch } from "./fetch_messages.ts";

const FETCH_BYTES = 8 * 1024 * 1024;

/** What one partition is to hold. */
export interface Expected {
  readonly partition: number;
  /** How many records; null takes what there is. */
  readonly records: number | null;
  /** The batch that was written over and over, or null when batches differ. */
  readonly sent: Uint8Array | null;
  /** The batches carry the sequence numbers of an idempotent producer. */
  readonly isSequenced?: boolean;
}

/**
 * Reads partitions from their first record to their last and throws unless they hold what is expected.
 * Returns how many records there are.
 */
export async function readBack(
  endpoint: Endpoint,
  topic: string,
  partitions: readonly Expected[],
): Promise<number> {
  using connection = await BrokerConnection.open(endpoint);
  let records = 0;
  for (const expected of partitions) records += await readPartition(connection, topic, expected);
  return records;
}

async function readPartition(
  connection: BrokerConnection,
  topic: string,
  expected: Expected,
): Promise<number> {
  const { partition, isSequenced = false } = expected;
  const request = new PreparedFetch({ topic, partition, maxBytes: FETCH_BYTES, maxWaitMs: 0 });
  const answer = new FetchReader();
  const walker = new BatchWalker(expected.sent, { isSequenced });
  for (let isAtEnd = false; !isAtEnd;) {
    const { bytes, start, end } = await connection.call(request.at(walker.nextOffset, 1));
    answer.read(bytes, start, end);
    isAtEnd = walker.nextOffset >= answer.highWatermark;
    if (!isAtEnd) walker.walk(bytes, answer.recordsStart, answer.recordsEnd);
  }
  if (expected.records !== null && walker.records !== expected.records) {
    throw new Error(
      `partition ${partition} holds ${walker.records} records, ${expected.records} were acknowledged`,
    );
  }
  return walker.records;
}
