/** DescribeProducers 0 (KIP-664): what a partition remembers of its producers, and where their open transactions begin. */
import { ErrorCode } from "../../base/error_codes.ts";
import { topicNameProblem } from "../../cluster/mod.ts";
import { describeProducersRequest } from "../../protocol/generated/describe_producers_request.ts";
import {
  describeProducersResponse,
  type DescribeProducersResponseInput,
  type DescribeProducersResponsePartitionResponseInput,
} from "../../protocol/generated/describe_producers_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnTopic } from "../rights.ts";

export const describeProducers = defineApi({
  request: describeProducersRequest,
  response: describeProducersResponse,
  handle(services, { topics }, call): DescribeProducersResponseInput {
    // Each once, or a small request for the same many producers over and over would have a boundless answer.
    const told = new Set<string>();
    const isFirst = (name: string, index: number) => told.size < told.add(`${name} ${index}`).size;
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.filter((index) => isFirst(name, index))
          .map((index) => describe(services, call, name, index)),
      })),
    };
  },
});

function describe(
  services: Services,
  call: Call,
  topic: string,
  partitionIndex: number,
): DescribeProducersResponsePartitionResponseInput {
  const problem = topicNameProblem(topic);
  if (problem !== null) {
    return {
      partitionIndex,
      errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
      errorMessage: `Topic name is invalid: ${problem}`,
      activeProducers: [],
    };
  }
  if (!mayOnTopic(services, call, AclOperation.READ, topic)) {
    return { partitionIndex, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, activeProducers: [] };
  }
  const { engine } = services;
  const partition = engine.state.topic(topic)?.partitions[partitionIndex];
  if (partition === undefined) {
    return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, activeProducers: [] };
  }
  const log = engine.log(partition);
  return {
    partitionIndex,
    errorCode: ErrorCode.NONE,
    activeProducers: Array.from(log.describeProducers(), (producer) => ({
      producerId: producer.id,
      producerEpoch: producer.epoch,
      lastSequence: producer.lastSequence,
      lastTimestamp: producer.lastTimestampMs,
      coordinatorEpoch: producer.coordinatorEpoch,
      currentTxnStartOffset: log.transactionStart(producer.id) ?? -1,
    })),
  };
}
