import { BatchWalker } from "./batches.ts";
import { BrokerConnection } from "./connection.ts";
import type { FetchJob, LoadResult, Target } from "./job.ts";
import { PipelinedProducer, type RepeatedBatch, repeatedBatch } from "./produce.ts";
import { readBack } from "./read_back.ts";
import { correlationIdAt, decodeFetch, PreparedFetch } from "./requests.ts";
import { createTopic } from "./topic.ts";
import { MeasuringWindow } from "./window.ts";

const PRELOAD_IN_FLIGHT = 4;
const MAX_WAIT_MS = 500;

/** Fills the partitions, checks them byte by byte, then reads them over and over at full speed. */
export async function runFetch(job: FetchJob, target: Target): Promise<LoadResult> {
  await createTopic(target, job.topic, job.connections);
  const batch = repeatedBatch(job.recordsPerBatch, job.recordBytes);
  const partitions = Array.from({ length: job.connections }, (_, partition) => partition);
  const records = await Promise.all(
    partitions.map((partition) => preload(target, job, partition, batch)),
  );
  for (const partition of partitions) {
    await readBack(target, { topic: job.topic, partition, records: records[partition]!, sent: batch.bytes });
  }
  const window = new MeasuringWindow(target);
  const readers = await Promise.all(
    partitions.map((partition) => {
      return LoopingReader.open(target, { job, partition, records: records[partition]!, window });
    }),
  );
  return await window.measure(Promise.all(readers.map((reader) => reader.run())), job);
}

/** Writes the given amount to one partition and returns how many records were acknowledged. */
async function preload(
  target: Target,
  job: FetchJob,
  partition: number,
  batch: RepeatedBatch,
): Promise<number> {
  let leftBytes = job.preloadBytes;
  const producer = await PipelinedProducer.open(target, {
    topic: job.topic,
    partition,
    batch,
    inFlight: PRELOAD_IN_FLIGHT,
    onAck: () => leftBytes -= batch.payloadBytes,
    mayGoOn: () => leftBytes > 0,
  });
  await producer.run();
  return producer.ackedRecords;
}

interface ReaderOptions {
  readonly job: FetchJob;
  readonly partition: number;
  /** How many records the partition holds. */
  readonly records: number;
  readonly window: MeasuringWindow;
}

/** Fetches one partition from the first offset to the last, then again, with one request at a time. */
class LoopingReader {
  readonly #connection: BrokerConnection;
  readonly #options: ReaderOptions;

  private constructor(connection: BrokerConnection, options: ReaderOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  static async open(target: Target, options: ReaderOptions): Promise<LoopingReader> {
    return new LoopingReader(await BrokerConnection.open(target), options);
  }

  async run(): Promise<void> {
    const { job, partition, records, window } = this.#options;
    const { topic, fetchBytes, recordBytes } = job;
    const request = new PreparedFetch({ topic, partition, maxBytes: fetchBytes, maxWaitMs: MAX_WAIT_MS });
    const walker = new BatchWalker(null);
    let sent = 0;
    let answered = 0;
    let sentAtMs = 0;
    const onResponse = (bytes: Uint8Array<ArrayBuffer>, start: number, end: number) => {
      answered = correlationIdAt(bytes, start);
      const fetched = decodeFetch({ bytes, start, end });
      if (fetched.highWatermark !== records) {
        throw new Error(`a partition of ${records} records now claims ${fetched.highWatermark}`);
      }
      const before = walker.records;
      walker.walk(fetched.records);
      const count = walker.records - before;
      window.note(performance.now() - sentAtMs, count, count * recordBytes);
      if (walker.nextOffset === records) walker.nextOffset = 0;
    };
    try {
      while (!window.isStopping) {
        sentAtMs = performance.now();
        await this.#connection.send(request.at(walker.nextOffset, ++sent));
        while (answered !== sent) await this.#connection.receive(onResponse);
      }
    } finally {
      this.#connection.close();
    }
  }
}
