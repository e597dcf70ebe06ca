import { BrokerConnection } from "./connection.ts";
import { PreparedFetch } from "./fetch_messages.ts";
import type { LoadResult, StoredReadJob, Target } from "./job.ts";
import { PartitionFetches } from "./partition_fetches.ts";
import { MeasuringWindow } from "./window.ts";

const MAX_WAIT_MS = 500;

/** Reads what a topic has: each partition from its first record to its last, shared out among the connections. */
export async function runStoredRead(job: StoredReadJob, target: Target): Promise<LoadResult> {
  const window = new MeasuringWindow(target);
  const readers = Array.from({ length: job.connections }, (_, index) => read(job, target, window, index));
  return await window.measure(Promise.all(readers), job);
}

async function read(
  job: StoredReadJob,
  target: Target,
  window: MeasuringWindow,
  index: number,
): Promise<void> {
  using connection = await BrokerConnection.open(target);
  do {
    for (let partition = index; partition < job.partitions; partition += job.connections) {
      await readPartition(job, connection, window, partition);
    }
  } while (job.isEndless && !window.isStopping);
}

/** Offsets must follow one another up to the high watermark. */
async function readPartition(
  job: StoredReadJob,
  connection: BrokerConnection,
  window: MeasuringWindow,
  partition: number,
): Promise<void> {
  const { topic, fetchBytes, recordBytes } = job;
  const request = new PreparedFetch({ topic, partition, maxBytes: fetchBytes, maxWaitMs: MAX_WAIT_MS });
  const fetches = new PartitionFetches({ connection, request, recordBytes, window });
  let endOffset = Number.POSITIVE_INFINITY;
  while (fetches.walker.nextOffset < endOffset && !(job.isEndless && window.isStopping)) {
    endOffset = await fetches.next();
  }
}
