import { BrokerConnection, type Endpoint } from "./connection.ts";
import {
  decodeCreateTopic,
  decodeFetch,
  decodePartitionsWithLeader,
  encodeCreateTopic,
  encodeMetadata,
  isNotYetServed,
  PreparedFetch,
} from "./requests.ts";

const READY_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 20;

/** Makes the topic and waits until every partition has a leader that serves it. */
export async function createTopic(endpoint: Endpoint, topic: string, partitions: number): Promise<void> {
  const connection = await BrokerConnection.open(endpoint);
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  const untilTrue = async (ask: () => Promise<boolean>) => {
    while (!(await ask())) {
      if (performance.now() > giveUpAt) {
        throw new Error(`topic ${topic} was not ready in ${READY_WITHIN_MS} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  };
  try {
    await untilTrue(async () =>
      decodeCreateTopic(await connection.call(encodeCreateTopic(topic, partitions)))
    );
    await untilTrue(async () => {
      return decodePartitionsWithLeader(await connection.call(encodeMetadata(topic))) === partitions;
    });
    for (let partition = 0; partition < partitions; partition++) {
      await untilTrue(() => servesFetch(connection, topic, partition));
    }
  } finally {
    connection.close();
  }
}

/** Whether the partition can be read. Kafka's metadata may name a leader that has not taken office yet. */
async function servesFetch(connection: BrokerConnection, topic: string, partition: number): Promise<boolean> {
  const request = new PreparedFetch({ topic, partition, maxBytes: 1, maxWaitMs: 0 });
  const response = await connection.call(request.at(0, 1));
  try {
    decodeFetch(response);
    return true;
  } catch (error) {
    if (isNotYetServed(error)) return false;
    throw error;
  }
}
