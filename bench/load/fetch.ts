import { type RepeatedBatch, repeatedBatch } from "./batches.ts";
import { BrokerConnection } from "./connection.ts";
import { PreparedFetch } from "./fetch_messages.ts";
import type { FetchJob, LoadResult, Target } from "./job.ts";
import { dropPageCache } from "./page_cache.ts";
import { PartitionFetches } from "./partition_fetches.ts";
import { PipelinedProducer } from "./producer.ts";
import { readBack } from "./read_back.ts";
import { createTopic } from "./topic.ts";
import { MeasuringWindow } from "./window.ts";

const PRELOAD_IN_FLIGHT = 4;
const MAX_WAIT_MS = 500;
/** Written behind a cold read's data, so that no broker has that in its own memory any more. */
const FILLER_BYTES = 128_000_000;

/** Fills the partitions, then reads them: over and over at full speed, or once from the disk. */
export async function runFetch(job: FetchJob, target: Target): Promise<LoadResult> {
  await createTopic(target, job.topic, job.isCold ? job.connections + 1 : job.connections);
  const batch = repeatedBatch(job);
  const partitions = Array.from({ length: job.connections }, (_, partition) => partition);
  const records = await Promise.all(
    partitions.map((partition) => preload(target, job, { partition, batch, bytes: job.preloadBytes })),
  );
  const check = () => {
    return readBack(
      target,
      job.topic,
      partitions.map((partition) => ({ partition, records: records[partition]!, sent: batch.bytes })),
    );
  };
  if (job.isCold) {
    await preload(target, job, { partition: job.connections, batch, bytes: FILLER_BYTES });
    await dropPageCache(target.dataDir);
  } else {
    await check();
  }
  const window = new MeasuringWindow(target);
  const connections = await Promise.all(partitions.map(() => BrokerConnection.open(target)));
  const reads = connections.map((connection, partition) => {
    return read(connection, { job, partition, records: records[partition]!, window });
  });
  const result = await window.measure(Promise.all(reads), job);
  if (job.isCold) await check();
  return result;
}

/** What to write before reading. */
export interface Preload {
  readonly partition: number;
  readonly batch: RepeatedBatch;
  readonly bytes: number;
}

/** Writes the given amount to one partition and returns how many records were acknowledged. */
export async function preload(
  target: Target,
  job: { readonly topic: string },
  { partition, batch, bytes }: Preload,
): Promise<number> {
  let leftBytes = bytes;
  const producer = await PipelinedProducer.open(target, {
    topic: job.topic,
    partitions: [partition],
    batch,
    identity: null,
    inFlight: PRELOAD_IN_FLIGHT,
    onAck: () => leftBytes -= batch.payloadBytes,
    mayGoOn: () => leftBytes > 0,
  });
  await producer.run();
  return producer.ackedRecords(0);
}

interface ReadOptions {
  readonly job: FetchJob;
  readonly partition: number;
  /** How many records the partition holds. */
  readonly records: number;
  readonly window: MeasuringWindow;
}

/** Fetches one partition from the first offset to the last, and again unless it is to be cold, one request at a time. */
async function read(
  opened: BrokerConnection,
  { job, partition, records, window }: ReadOptions,
): Promise<void> {
  const { topic, fetchBytes, recordBytes, isCold } = job;
  using connection = opened;
  const request = new PreparedFetch({ topic, partition, maxBytes: fetchBytes, maxWaitMs: MAX_WAIT_MS });
  const fetches = new PartitionFetches({ connection, request, recordBytes, window });
  const { walker } = fetches;
  while (!window.isStopping && walker.nextOffset < records) {
    const highWatermark = await fetches.next();
    if (highWatermark !== records) {
      throw new Error(`a partition of ${records} records now claims ${highWatermark}`);
    }
    if (walker.nextOffset === records && !isCold) walker.nextOffset = 0;
  }
}
