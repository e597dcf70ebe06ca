import { repeatedBatch } from "./batches.ts";
import type { LoadResult, ProduceConsumeJob, Target } from "./job.ts";
import { PayloadBudget } from "./payload_budget.ts";
import { PipelinedProducer } from "./producer.ts";
import { TailReader } from "./tail_reader.ts";
import { createTopic } from "./topic.ts";
import { MeasuringWindow } from "./window.ts";

/**
 * Every partition has a producer and a consumer, all at full speed. Records count when they are
 * consumed; latency is that of the produce requests.
 */
export async function runProduceConsume(job: ProduceConsumeJob, target: Target): Promise<LoadResult> {
  const { topic, recordBytes } = job;
  await createTopic(target, topic, job.pairs);
  const batch = repeatedBatch(job);
  const window = new MeasuringWindow(target);
  const written = new PayloadBudget(job.bytesMax, () => {});
  const read = new PayloadBudget(job.bytesMax, () => window.cutShort());
  const pair = async (partition: number) => {
    const producer = await PipelinedProducer.open(target, {
      topic,
      partitions: [partition],
      batch,
      identity: null,
      inFlight: job.inFlight,
      onAck: (latencyMs) => {
        window.noteLatency(latencyMs, 1);
        written.spend(batch.payloadBytes);
      },
      mayGoOn: () => !window.isStopping && !written.isSpent,
    });
    await producer.prime();
    const consumer = await TailReader.open(target, {
      topic,
      partition,
      onRecords: (from, to) => {
        const bytes = (to - from) * recordBytes;
        window.count(to - from, bytes);
        read.spend(bytes);
      },
    });
    return async () => {
      const produced = producer.run().then(() => consumer.endAt(producer.ackedRecords(0)));
      await Promise.all([produced, consumer.run()]);
    };
  };
  const runs = await Promise.all(Array.from({ length: job.pairs }, (_, partition) => pair(partition)));
  const result = await window.measure(Promise.all(runs.map((run) => run())), job);
  return { ...result, requests: null };
}
