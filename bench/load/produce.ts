import { type ProducerIdentity, type RepeatedBatch, repeatedBatch } from "./batches.ts";
import type { LoadResult, ProduceJob, Target } from "./job.ts";
import { PayloadBudget } from "./payload_budget.ts";
import { PipelinedProducer } from "./producer.ts";
import { untilQuiet } from "./quiet.ts";
import { readBack } from "./read_back.ts";
import { createTopic, initProducer } from "./topic.ts";
import { MeasuringWindow } from "./window.ts";

/** From so many connections on it tells something how the answers are shared among them. */
const MANY_CONNECTIONS = 16;
/** So many partitions written to for the first time keep a broker busy behind the answers. */
const MANY_PARTITIONS = 16;

const IDLE_TOPIC = "bench-idle";

interface Writer {
  readonly producer: PipelinedProducer;
  readonly partitions: readonly number[];
  readonly batch: RepeatedBatch;
}

/** Writes at full speed, then reads everything back and compares. */
export async function runProduce(job: ProduceJob, target: Target): Promise<LoadResult> {
  await createTopic(target, job.topic, job.partitions);
  // The same for all runs against a broker.
  if (job.idlePartitions > 0) await createTopic(target, IDLE_TOPIC, job.idlePartitions);
  const window = new MeasuringWindow(target);
  const budget = new PayloadBudget(job.bytesMax, () => window.cutShort());
  const answered = new Float64Array(job.connections);
  const writers: Writer[] = [];
  for (let connection = 0; connection < job.connections; connection++) {
    const identity: ProducerIdentity | null = job.isIdempotent ? await initProducer(target) : null;
    const batch = repeatedBatch(job, identity);
    const partitions = partitionsOf(job, connection);
    const producer = await PipelinedProducer.open(target, {
      topic: job.topic,
      partitions,
      batch,
      identity,
      inFlight: job.inFlight,
      onAck: (latencyMs) => {
        if (window.isOpen) answered[connection]!++;
        window.note(latencyMs, batch.records, batch.payloadBytes);
        budget.spend(batch.payloadBytes);
      },
      mayGoOn: () => !window.isStopping && !budget.isSpent,
    });
    writers.push({ producer, partitions, batch });
  }
  for (const { producer } of writers) await producer.prime();
  if (job.busyPartitions >= MANY_PARTITIONS) await untilQuiet(target.pids);
  const result = await window.measure(Promise.all(writers.map(({ producer }) => producer.run())), job);
  const expected = writers.flatMap(({ producer, partitions, batch }) => {
    return partitions.map((partition, index) => ({
      partition,
      records: producer.ackedRecords(index),
      sent: batch.bytes,
      isSequenced: job.isIdempotent,
    }));
  });
  await readBack(target, job.topic, expected);
  return { ...result, slowestShare: job.connections >= MANY_CONNECTIONS ? slowestShare(answered) : null };
}

/** Every connection has its own part of the partitions that are written to. */
function partitionsOf({ connections, busyPartitions }: ProduceJob, connection: number): number[] {
  const partitions: number[] = [];
  for (let partition = connection; partition < busyPartitions; partition += connections) {
    partitions.push(partition);
  }
  return partitions;
}

/** What the connection with the fewest answers got of an equal share; 1 is perfectly fair. */
function slowestShare(answered: Float64Array): number {
  const mean = answered.reduce((sum, count) => sum + count, 0) / answered.length;
  return Math.min(...answered) / mean;
}
