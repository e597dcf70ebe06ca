import { deleteTopicsRequest } from "../../src/protocol/generated/delete_topics_request.ts";
import { deleteTopicsResponse } from "../../src/protocol/generated/delete_topics_response.ts";
import { Reader } from "../../src/protocol/mod.ts";
import { BrokerConnection, type Endpoint } from "../load/connection.ts";
import { BrokerError, frame } from "../load/requests.ts";

const VERSION = 1;
const TIMEOUT_MS = 30_000;

/** Deletes a topic that exists, with all its records. */
export async function deleteTopic(endpoint: Endpoint, topic: string): Promise<void> {
  const connection = await BrokerConnection.open(endpoint);
  try {
    const request = frame(deleteTopicsRequest, VERSION, {
      topics: [],
      topicNames: [topic],
      timeoutMs: TIMEOUT_MS,
    });
    const { bytes, start, end } = await connection.call(request);
    const reader = new Reader().reset(bytes, start, end);
    reader.int32();
    const [deleted] = deleteTopicsResponse.decode(reader, VERSION).responses;
    if (deleted?.errorCode !== 0) throw new BrokerError("DeleteTopics", deleted?.errorCode ?? -1);
  } finally {
    connection.close();
  }
}
