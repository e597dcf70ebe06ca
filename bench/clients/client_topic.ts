/** The topics that real clients get. */
import { LINGER_BATCH_BYTES, recordsPerBatch, repeatedBatch } from "../load/batches.ts";
import { preload } from "../load/fetch.ts";
import type { Target } from "../load/job.ts";
import { readBack } from "../load/read_back.ts";
import { createTopic } from "../load/topic.ts";

export const CLIENT_PARTITIONS = 4;

/** What the tools are to move. */
export interface PerfOptions {
  readonly topic: string;
  readonly records: number;
  /** Records before those that count. */
  readonly warmupRecords: number;
  readonly recordBytes: number;
}

/** Makes a topic. */
export async function createClientTopic(target: Target, topic: string): Promise<void> {
  await createTopic(target, topic, CLIENT_PARTITIONS);
}

/**
 * Makes a topic with at least the records that are to be consumed, in the same batches at every broker: a client's own
 * are smaller the sooner a broker answers, and then take longer to consume. Answers how many records there are, once they have been read back.
 */
export async function fillClientTopic(target: Target, options: PerfOptions): Promise<number> {
  const { topic, recordBytes, warmupRecords, records } = options;
  await createClientTopic(target, topic);
  const shape = {
    recordsPerBatch: recordsPerBatch(LINGER_BATCH_BYTES, recordBytes),
    recordBytes,
    compression: null,
  };
  const batch = repeatedBatch(shape);
  const bytes = Math.ceil((warmupRecords + records) / CLIENT_PARTITIONS) * recordBytes;
  const filled = await Promise.all(
    Array.from({ length: CLIENT_PARTITIONS }, (_, partition) => {
      return preload(target, { topic }, { partition, batch, bytes });
    }),
  );
  const total = filled.reduce((sum, count) => sum + count, 0);
  await expectRecords(target, topic, total);
  return total;
}

/** Throws unless a topic of {@link CLIENT_PARTITIONS} partitions holds exactly so many records. */
export async function expectRecords(target: Target, topic: string, expected: number): Promise<void> {
  const partitions = Array.from({ length: CLIENT_PARTITIONS }, (_, partition) => {
    return { partition, records: null, sent: null };
  });
  const records = await readBack(target, topic, partitions);
  if (records !== expected) throw new Error(`the topic holds ${records} records, ${expected} were sent`);
}
