import { BatchWalker } from "./batches.ts";
import { BrokerConnection, type Endpoint } from "./connection.ts";
import { decodeFetch, PreparedFetch } from "./requests.ts";

const FETCH_BYTES = 8 * 1024 * 1024;

/** What one partition holds. */
export interface PartitionContents {
  readonly records: number;
  /** Bytes of the record batches. */
  readonly batchBytes: number;
}

/** What one partition is to hold. */
export interface Expected {
  readonly topic: string;
  readonly partition: number;
  /** How many records; null takes what there is. */
  readonly records: number | null;
  /** The batch that was written over and over, or null when batches differ. */
  readonly sent: Uint8Array | null;
}

/** Reads a partition from its first record to its last and throws unless it holds what is expected. */
export async function readBack(endpoint: Endpoint, expected: Expected): Promise<PartitionContents> {
  const { topic, partition } = expected;
  const connection = await BrokerConnection.open(endpoint);
  const request = new PreparedFetch({ topic, partition, maxBytes: FETCH_BYTES, maxWaitMs: 0 });
  const walker = new BatchWalker(expected.sent);
  let isAtEnd = false;
  try {
    while (!isAtEnd) {
      const { highWatermark, records } = decodeFetch(await connection.call(request.at(walker.nextOffset, 1)));
      isAtEnd = walker.nextOffset >= highWatermark;
      if (!isAtEnd) walker.walk(records);
    }
  } finally {
    connection.close();
  }
  if (expected.records !== null && walker.records !== expected.records) {
    throw new Error(
      `partition ${partition} holds ${walker.records} records, ${expected.records} were acknowledged`,
    );
  }
  return { records: walker.records, batchBytes: walker.batchBytes };
}
