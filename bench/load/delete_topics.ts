import { BrokerConnection, type Endpoint } from "./connection.ts";
import { checkDeleteTopics, decodeTopicNames, encodeDeleteTopics, encodeMetadataOfAll } from "./requests.ts";

/** Deletes a topic that exists, with all its records. */
export async function deleteTopic(endpoint: Endpoint, topic: string): Promise<void> {
  using connection = await BrokerConnection.open(endpoint);
  await deleteTopics(connection, [topic]);
}

/** Deletes all topics but the broker's own. */
export async function deleteAllTopics(endpoint: Endpoint): Promise<void> {
  using connection = await BrokerConnection.open(endpoint);
  const topics = decodeTopicNames(await connection.call(encodeMetadataOfAll()));
  if (topics.length > 0) await deleteTopics(connection, topics);
}

async function deleteTopics(connection: BrokerConnection, topics: readonly string[]): Promise<void> {
  checkDeleteTopics(await connection.call(encodeDeleteTopics(topics)));
}
