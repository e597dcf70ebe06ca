import { repeatedBatch } from "./batches.ts";
import { BatchWalker } from "./batch_walker.ts";
import { BrokerConnection } from "./connection.ts";
import { preload } from "./fetch.ts";
import { decodeSessionId, encodeSessionStart, FetchReader, PreparedFetch } from "./fetch_messages.ts";
import type { LoadResult, SessionFetchJob, Target } from "./job.ts";
import { readBack } from "./read_back.ts";
import { correlationIdAt } from "./requests.ts";
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
  const connection = await BrokerConnection.open(target);
  try {
    return await window.measure(read(connection, job, records, window), job);
  } finally {
    connection.close();
  }
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
  const answer = new FetchReader();
  const walker = new BatchWalker(null);
  let sent = 0;
  let answered = 0;
  let sentAtMs = 0;
  const onResponse = (bytes: Uint8Array<ArrayBuffer>, start: number, end: number) => {
    answered = correlationIdAt(bytes, start);
    answer.read(bytes, start, end);
    const before = walker.records;
    walker.walk(bytes, answer.recordsStart, answer.recordsEnd);
    const count = walker.records - before;
    window.note(performance.now() - sentAtMs, count, count * recordBytes);
    if (walker.nextOffset === records) walker.nextOffset = 0;
  };
  while (!window.isStopping) {
    sentAtMs = performance.now();
    request.setEpoch(++sent);
    await connection.send(request.at(walker.nextOffset, sent));
    while (answered !== sent) await connection.receive(onResponse);
  }
}
