import type { EndToEndJob, LoadResult, ProduceAtRateJob, Target } from "./job.ts";
import { PortionClock, RateProducer } from "./rate_producer.ts";
import { TailReader } from "./tail_reader.ts";
import { createTopic } from "./topic.ts";
import { MeasuringWindow } from "./window.ts";

/** A broker that falls this far behind the wanted rate has not held it. */
const RATE_HELD = 0.9;

/**
 * Records come into being in equal portions, one portion a millisecond, and are sent
 * at once. A record's latency runs from the moment the producer has it, so waiting
 * behind a slow broker counts, to the moment it is acknowledged.
 */
export async function runProduceAtRate(job: ProduceAtRateJob, target: Target): Promise<LoadResult> {
  const { topic, recordBytes } = job;
  await createTopic(target, topic, 1);
  const window = new MeasuringWindow(target);
  const clock = new PortionClock(job.recordsPerSecond, job.warmupMs + job.windowMs);
  const note = (ageMs: number) => window.noteLatency(ageMs, clock.portionRecords);
  const producer = await RateProducer.open(target, {
    topic,
    shape: job,
    clock,
    onAck: (from, to) => {
      clock.ages(from, to, note);
      window.count(to - from, (to - from) * recordBytes);
    },
  });
  return held(job, await window.measure(producer.run(() => window.isStopping), job));
}

/** The same, but a record's latency ends when a consumer on another connection holds it. */
export async function runEndToEnd(job: EndToEndJob, target: Target): Promise<LoadResult> {
  const { topic, recordBytes } = job;
  await createTopic(target, topic, 1);
  const window = new MeasuringWindow(target);
  const clock = new PortionClock(job.recordsPerSecond, job.warmupMs + job.windowMs);
  const note = (ageMs: number) => window.noteLatency(ageMs, clock.portionRecords);
  const producer = await RateProducer.open(target, { topic, shape: job, clock, onAck: () => {} });
  const consumer = await TailReader.open(target, {
    topic,
    partition: 0,
    onRecords: (from, to) => {
      clock.ages(from, to, note);
      window.count(to - from, (to - from) * recordBytes);
    },
  });
  const run = async () => {
    await producer.run(() => window.isStopping);
    consumer.endAt(producer.ackedRecords);
  };
  // What counts is the way of a record; its producer and consumer send as many requests as they like.
  return { ...held(job, await window.measure(Promise.all([run(), consumer.run()]), job)), requests: null };
}

/** The result, of a broker that kept up. */
function held({ recordsPerSecond }: { readonly recordsPerSecond: number }, result: LoadResult): LoadResult {
  const perSecond = result.records / (result.windowMs / 1000);
  if (perSecond < RATE_HELD * recordsPerSecond) {
    throw new Error(`held ${Math.round(perSecond)} of ${recordsPerSecond} records a second`);
  }
  return result;
}
