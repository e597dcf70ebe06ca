import { BrokerConnection } from "./connection.ts";
import type { LoadResult, MetadataJob, Target } from "./job.ts";
import { countPartitions, encodeCreateTopics, encodeMetadataOfAll, refusedTopics } from "./requests.ts";
import { MeasuringWindow } from "./window.ts";

/** Topics that one request makes: Kafka's controller takes its time for each. */
const TOPICS_PER_REQUEST = 50;
const READY_WITHIN_MS = 120_000;
const ASK_AGAIN_MS = 100;

/** Makes many topics, then asks for the metadata of all of them, over and over. */
export async function runMetadata(job: MetadataJob, target: Target): Promise<LoadResult> {
  using connection = await BrokerConnection.open(target);
  const partitions = job.topics * job.partitions;
  await createTopics(connection, job);
  await untilKnown(connection, partitions);
  const window = new MeasuringWindow(target);
  return await window.measure(ask(connection, partitions, window), job);
}

async function createTopics(connection: BrokerConnection, job: MetadataJob): Promise<void> {
  for (let from = 0; from < job.topics; from += TOPICS_PER_REQUEST) {
    const count = Math.min(TOPICS_PER_REQUEST, job.topics - from);
    const names = Array.from({ length: count }, (_, index) => `${job.topic}-${from + index}`);
    const refused = refusedTopics(await connection.call(encodeCreateTopics(names, job.partitions)));
    if (refused > 0) throw new Error(`${refused} of ${count} topics were not made`);
  }
}

/** A cluster may tell of its topics a little later than it has made them. */
async function untilKnown(connection: BrokerConnection, partitions: number): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (countPartitions(await connection.call(encodeMetadataOfAll())) < partitions) {
    if (performance.now() > giveUpAt) throw new Error(`not all of ${partitions} partitions are told of`);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** Whether all is told is looked at once more at the end: to decode each answer would be what is measured. */
async function ask(connection: BrokerConnection, partitions: number, window: MeasuringWindow): Promise<void> {
  while (!window.isStopping) {
    const sentAtMs = performance.now();
    const answer = await connection.call(encodeMetadataOfAll());
    window.note(performance.now() - sentAtMs, partitions, answer.end - answer.start);
  }
  const told = countPartitions(await connection.call(encodeMetadataOfAll()));
  if (told < partitions) throw new Error(`only ${told} of ${partitions} partitions are told of`);
}
