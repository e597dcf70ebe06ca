import { BatchWalker } from "./batch_walker.ts";
import { BrokerConnection } from "./connection.ts";
import { FetchReader, PreparedFetch } from "./fetch_messages.ts";
import type { LoadResult, StoredReadJob, Target } from "./job.ts";
import { correlationIdAt } from "./requests.ts";
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
  const connection = await BrokerConnection.open(target);
  try {
    do {
      for (let partition = index; partition < job.partitions; partition += job.connections) {
        await readPartition(job, connection, window, partition);
      }
    } while (job.isEndless && !window.isStopping);
  } finally {
    connection.close();
  }
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
  const answer = new FetchReader();
  const walker = new BatchWalker(null);
  let endOffset = Number.POSITIVE_INFINITY;
  let sent = 0;
  let answered = 0;
  let sentAtMs = 0;
  const onResponse = (bytes: Uint8Array<ArrayBuffer>, start: number, end: number) => {
    answered = correlationIdAt(bytes, start);
    answer.read(bytes, start, end);
    endOffset = answer.highWatermark;
    const before = walker.records;
    if (endOffset > 0) walker.walk(bytes, answer.recordsStart, answer.recordsEnd);
    const count = walker.records - before;
    window.note(performance.now() - sentAtMs, count, count * recordBytes);
  };
  while (walker.nextOffset < endOffset && !(job.isEndless && window.isStopping)) {
    sentAtMs = performance.now();
    await connection.send(request.at(walker.nextOffset, ++sent));
    while (answered !== sent) await connection.receive(onResponse);
  }
}
