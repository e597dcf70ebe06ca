/**
 * DescribeTopicPartitions 0 (KIP-966): topics by name, so many partitions at a time, and where to go on. The one
 * replica of a partition is in sync, so nobody is eligible beside it. Whoever may not describe a topic is
 * not told whether it exists.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { type Topic, topicNameProblem } from "../../cluster/mod.ts";
import { describeTopicPartitionsRequest } from "../../protocol/generated/describe_topic_partitions_request.ts";
import {
  describeTopicPartitionsResponse,
  type DescribeTopicPartitionsResponseCursor,
  type DescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopicInput,
  type DescribeTopicPartitionsResponseInput,
} from "../../protocol/generated/describe_topic_partitions_response.ts";
import { defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnTopic, seesTopic, topicOperations } from "../rights.ts";

type TopicResult = DescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopicInput;

/** Partitions of one answer, as in Kafka: `max.request.partition.size.limit`. */
const PARTITIONS_MAX = 2000;

export const describeTopicPartitions = defineApi({
  request: describeTopicPartitionsRequest,
  response: describeTopicPartitionsResponse,
  handle(services, request, call): DescribeTopicPartitionsResponseInput {
    const { state } = services.engine;
    const { cursor } = request;
    const isAll = request.topics.length === 0;
    const asked = isAll
      ? Array.from(state.topics(), ({ name }) => name)
      : request.topics.map(({ name }) => name);
    const from = cursor?.topicName ?? "";
    const isLost = cursor !== null && (cursor.partitionIndex < 0 || (!isAll && !asked.includes(from)));
    if (isLost) return { topics: isAll ? [] : asked.map(invalid), nextCursor: null };
    const names = [...new Set(asked)].filter((name) => name >= from).sort();
    const topics: TopicResult[] = [];
    const hidden: TopicResult[] = [];
    const answer = (nextCursor: DescribeTopicPartitionsResponseCursor | null) => ({
      topics: [...topics, ...hidden],
      nextCursor,
    });
    const seen = isAll ? names.filter((name) => seesTopic(services, call, name)) : names.filter((name) => {
      const isSeen = mayOnTopic(services, call, AclOperation.DESCRIBE, name);
      if (!isSeen) hidden.push(refused(name));
      return isSeen;
    });
    const operations = (name: string) => topicOperations(services, call, true, name);
    let left = Math.max(1, Math.min(PARTITIONS_MAX, request.responsePartitionLimit));
    for (const name of seen) {
      if (left === 0) return answer({ topicName: name, partitionIndex: 0 });
      const topic = state.topic(name);
      if (topic === undefined) {
        topics.push({ ...missing(name), topicAuthorizedOperations: operations(name) });
        continue;
      }
      const first = name === from ? cursor?.partitionIndex ?? 0 : 0;
      const result = found(services, topic, first, first + left);
      topics.push({ ...result, topicAuthorizedOperations: operations(name) });
      const next = first + result.partitions.length;
      if (next < topic.partitions.length) {
        return answer({ topicName: name, partitionIndex: next });
      }
      left -= result.partitions.length;
    }
    return answer(null);
  },
});

function found({ engine, settings }: Services, topic: Topic, first: number, end: number): TopicResult {
  const self = [settings.nodeId];
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: topic.partitions.slice(first, end).map(({ index }) => ({
      errorCode: ErrorCode.NONE,
      partitionIndex: index,
      leaderId: settings.nodeId,
      leaderEpoch: engine.state.leaderEpoch,
      replicaNodes: self,
      isrNodes: self,
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
    })),
  };
}

function missing(name: string): TopicResult {
  const errorCode = topicNameProblem(name) === null
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.INVALID_TOPIC_EXCEPTION;
  return { errorCode, name, partitions: [] };
}

function refused(name: string): TopicResult {
  return { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name, partitions: [] };
}

/** An answer to a cursor that leads nowhere: there is no field for an error of all. */
function invalid(name: string): TopicResult {
  return { errorCode: ErrorCode.INVALID_REQUEST, name, partitions: [] };
}
