import type { ProducerIdentity } from "./batches.ts";
import { BrokerConnection, type Endpoint } from "./connection.ts";
import { FetchReader, PreparedFetch } from "./fetch_messages.ts";
import {
  decodeCreateTopic,
  decodeInitProducerId,
  decodePartitionsWithLeader,
  encodeCreateTopic,
  encodeInitProducerId,
  encodeMetadata,
  isNotYetServed,
} from "./requests.ts";

const READY_WITHIN_MS = 90_000;
const ASK_AGAIN_MS = 20;

/** Makes the topic and waits until every partition has a leader that serves it. */
export async function createTopic(endpoint: Endpoint, topic: string, partitions: number): Promise<void> {
  using connection = await BrokerConnection.open(endpoint);
  const what = `topic ${topic}`;
  await untilTrue(what, async () => {
    return decodeCreateTopic(await connection.call(encodeCreateTopic(topic, partitions)));
  });
  await untilTrue(what, async () => {
    return decodePartitionsWithLeader(await connection.call(encodeMetadata(topic))) === partitions;
  });
  for (let partition = 0; partition < partitions; partition++) {
    await untilTrue(what, () => servesFetch(connection, topic, partition));
  }
}

/** Asks for the identity of an idempotent producer. */
export async function initProducer(endpoint: Endpoint): Promise<ProducerIdentity> {
  using connection = await BrokerConnection.open(endpoint);
  return await untilThere("a producer id", async () => {
    return decodeInitProducerId(await connection.call(encodeInitProducerId()));
  });
}

async function untilTrue(what: string, ask: () => Promise<boolean>): Promise<void> {
  await untilThere(what, async () => (await ask()) || null);
}

/** Asks again and again until the answer is not null. */
async function untilThere<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (let answer = await ask();; answer = await ask()) {
    if (answer !== null) return answer;
    if (performance.now() > giveUpAt) throw new Error(`${what} was not ready in ${READY_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** Whether the partition can be read. Kafka's metadata may name a leader that has not taken office yet. */
async function servesFetch(connection: BrokerConnection, topic: string, partition: number): Promise<boolean> {
  const request = new PreparedFetch({ topic, partition, maxBytes: 1, maxWaitMs: 0 });
  const { bytes, start, end } = await connection.call(request.at(0, 1));
  try {
    new FetchReader().read(bytes, start, end);
    return true;
  } catch (error) {
    if (isNotYetServed(error)) return false;
    throw error;
  }
}
