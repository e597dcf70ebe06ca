import { repeatedBatch } from "../load/batches.ts";
import { deleteTopic } from "../load/delete_topics.ts";
import type { Target } from "../load/job.ts";
import { PayloadBudget } from "../load/payload_budget.ts";
import { PipelinedProducer } from "../load/producer.ts";
import { readBack } from "../load/read_back.ts";
import { TailReader } from "../load/tail_reader.ts";
import { createTopic } from "../load/topic.ts";

const PAIRS = 4;
const IN_FLIGHT = 4;
const RECORD_BYTES = 1024;
const RECORDS_PER_BATCH = 62;

/**
 * Writes so many bytes of 1 KB records to a topic of its own at full speed while consumers at its end read them,
 * compares all of it with what was sent, and deletes the topic. Answers how many records there were.
 */
export async function runLap(target: Target, topic: string, bytes: number): Promise<number> {
  await createTopic(target, topic, PAIRS);
  const batch = repeatedBatch({
    recordBytes: RECORD_BYTES,
    recordsPerBatch: RECORDS_PER_BATCH,
    compression: null,
  });
  const budget = new PayloadBudget(bytes, () => {});
  const pair = async (partition: number) => {
    const producer = await PipelinedProducer.open(target, {
      topic,
      partitions: [partition],
      batch,
      identity: null,
      inFlight: IN_FLIGHT,
      onAck: () => budget.spend(batch.payloadBytes),
      mayGoOn: () => !budget.isSpent,
    });
    const consumer = await TailReader.open(target, { topic, partition, onRecords: () => {} });
    const produced = producer.run().then(() => consumer.endAt(producer.ackedRecords(0)));
    await Promise.all([produced, consumer.run()]);
    return { partition, records: producer.ackedRecords(0), sent: batch.bytes };
  };
  const expected = await Promise.all(Array.from({ length: PAIRS }, (_, partition) => pair(partition)));
  const records = await readBack(target, topic, expected);
  await deleteTopic(target, topic);
  return records;
}
