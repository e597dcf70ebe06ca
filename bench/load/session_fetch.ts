import { repeatedBatch } from "./batches.ts";
import { BrokerConnection } from "./connection.ts";
import { preload } from "./fetch.ts";
import { decodeSessionId, encodeSessionStart, PreparedFetch } from "./fetch_messages.ts";
import type { LoadResult, SessionFetchJob, Target } from "./job.ts";
import { PartitionFetches } from "./partition_fetches.ts";
import { readBack } from "./read_back.ts";
import { createTopic } from "./topic.ts";
import { MeasuringWindow } from "./window.ts";

const MAX_WAIT_MS = 500;

/** Fills the first partition, then reads it over and over in a session that has all. */
export async function runSessionFetch(job: SessionFetchJob, target: Target): Promise<LoadResult> {
  await createTopic(target, job.topic, job.partitions);
  const batch = repeatedBatch(job);
  const records = await preload(target, job, { partition: 0, batch, bytes: job.preloadBytes });
  await readBack(target, job.topic, [{ partition: 0, records, sent: batch.bytes }]);
  const window = new MeasuringWindow(target);
  using connection = await BrokerConnection.open(target);
  return await window.measure(read(connection, job, records, window), job);
}

async function read(
  connection: BrokerConnection,
  { topic, partitions, fetchBytes, recordBytes }: SessionFetchJob,
  records: number,
  window: MeasuringWindow,
): Promise<void> {
  const options = { topic, partition: 0, maxBytes: fetchBytes, maxWaitMs: MAX_WAIT_MS };
  const sessionId = decodeSessionId(await connection.call(encodeSessionStart(options, partitions)));
  const request = new PreparedFetch({ ...options, sessionId });
  const fetches = new PartitionFetches({ connection, request, recordBytes, window });
  const { walker } = fetches;
  for (let epoch = 1; !window.isStopping; epoch++) {
    request.setEpoch(epoch);
    await fetches.next();
    if (walker.nextOffset === records) walker.nextOffset = 0;
  }
}
