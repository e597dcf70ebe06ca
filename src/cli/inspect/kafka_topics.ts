import { ErrorCode } from "../../base/error_codes.ts";
import type { TopicFacts } from "../../broker/inspect/mod.ts";
import { describeLogDirsRequest } from "../../protocol/generated/describe_log_dirs_request.ts";
import { describeLogDirsResponse } from "../../protocol/generated/describe_log_dirs_response.ts";
import { listOffsetsRequest } from "../../protocol/generated/list_offsets_request.ts";
import { listOffsetsResponse } from "../../protocol/generated/list_offsets_response.ts";
import { metadataRequest } from "../../protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../protocol/generated/metadata_response.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { refuseError } from "./kafka_errors.ts";

const METADATA_VERSION = 12;
const LIST_OFFSETS_VERSION = 7;
const LOG_DIRS_VERSION = 3;
/** Offsets asked for in one request: each may take the broker a read. */
const PARTITIONS_AT_ONCE = 10_000;
/** What ListOffsets takes in place of a time. */
const EARLIEST = -2;
const LATEST = -1;

/** A topic by its name and id, and its partitions. */
interface ListedTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: readonly number[];
}

/** The topics of these names that there are; all when `null`. None is made by being asked for. */
export async function topicIds(client: KafkaClient, names: readonly string[] | null): Promise<ListedTopic[]> {
  const answer = await client.send(metadataRequest, metadataResponse, METADATA_VERSION, {
    topics: names?.map((name) => ({ name })) ?? null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  return answer.topics.flatMap(({ errorCode, name, topicId: id, partitions }) => {
    const isNone = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ||
      errorCode === ErrorCode.INVALID_TOPIC_EXCEPTION;
    if (isNone || name === null) return [];
    refuseError(`the topic '${name}'`, errorCode);
    return [{ name, id, partitions: partitions.map((each) => each.partitionIndex).sort((a, b) => a - b) }];
  }).sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Offsets and sizes of topics. */
export async function brokerTopics(
  client: KafkaClient,
  names: readonly string[] | null,
): Promise<TopicFacts[]> {
  const topics = await topicIds(client, names);
  if (topics.length === 0) return [];
  const start = await listOffsets(client, topics, EARLIEST, false);
  const stable = await listOffsets(client, topics, LATEST, true);
  const end = await listOffsets(client, topics, LATEST, false);
  const sizes = await partitionSizes(client, topics);
  return topics.map(({ name, id, partitions }) => ({
    name,
    id,
    partitions: partitions.map((partition) => {
      const key = `${name}-${partition}`;
      return {
        partition,
        startOffset: start.get(key) ?? -1,
        stableOffset: stable.get(key) ?? -1,
        endOffset: end.get(key) ?? -1,
        sizeBytes: sizes.get(key) ?? null,
        tiers: null,
      };
    }),
  }));
}

/** Offsets by time, by `topic-partition`; −1 where there is none. */
export async function listOffsets(
  client: KafkaClient,
  topics: readonly Pick<ListedTopic, "name" | "partitions">[],
  timestamp: number,
  isReadCommitted: boolean,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const some of inPieces(topics)) {
    const answer = await client.send(listOffsetsRequest, listOffsetsResponse, LIST_OFFSETS_VERSION, {
      replicaId: -1,
      isolationLevel: isReadCommitted ? 1 : 0,
      topics: some.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })),
      })),
    });
    for (const { name, partitions } of answer.topics) {
      for (const { partitionIndex, errorCode, offset } of partitions) {
        refuseError(`the offsets of ${name}-${partitionIndex}`, errorCode);
        found.set(`${name}-${partitionIndex}`, offset);
      }
    }
  }
  return found;
}

async function partitionSizes(
  client: KafkaClient,
  topics: readonly ListedTopic[],
): Promise<Map<string, number>> {
  const answer = await client.send(describeLogDirsRequest, describeLogDirsResponse, LOG_DIRS_VERSION, {
    topics: topics.map(({ name: topic, partitions }) => ({ topic, partitions })),
  });
  refuseError("the sizes of partitions", answer.errorCode);
  const sizes = new Map<string, number>();
  for (const { topics } of answer.results) {
    for (const { name, partitions } of topics) {
      for (const { partitionIndex, partitionSize, isFutureKey } of partitions) {
        if (!isFutureKey) sizes.set(`${name}-${partitionIndex}`, partitionSize);
      }
    }
  }
  return sizes;
}

/** Topics in groups of so many partitions, or of one topic. */
function* inPieces<T extends Pick<ListedTopic, "partitions">>(topics: readonly T[]): Iterable<readonly T[]> {
  let piece: T[] = [];
  let count = 0;
  for (const topic of topics) {
    if (piece.length > 0 && count + topic.partitions.length > PARTITIONS_AT_ONCE) {
      yield piece;
      piece = [];
      count = 0;
    }
    piece.push(topic);
    count += topic.partitions.length;
  }
  yield piece;
}
