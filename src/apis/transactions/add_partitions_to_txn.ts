/**
 * AddPartitionsToTxn 0–5. 2 knows PRODUCER_FENCED, 4 is for brokers: many
 * transactions at once, and only asking (KIP-890); 5 knows TRANSACTION_ABORTABLE.
 *
 * Where one of a transaction's partitions does not exist, none is added.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { type TransactionMember, verifyPartitions } from "../../cluster/mod.ts";
import { type Engine, Pauses } from "../../engine/mod.ts";
import {
  addPartitionsToTxnRequest,
  type AddPartitionsToTxnRequestAddPartitionsToTxnTopic,
} from "../../protocol/generated/add_partitions_to_txn_request.ts";
import {
  addPartitionsToTxnResponse,
  type AddPartitionsToTxnResponseAddPartitionsToTxnTopicResultInput,
  type AddPartitionsToTxnResponseInput,
} from "../../protocol/generated/add_partitions_to_txn_response.ts";
import { defineApi } from "../api.ts";
import { transactionError } from "./errors.ts";

type Topics = readonly AddPartitionsToTxnRequestAddPartitionsToTxnTopic[];
type TopicResults = AddPartitionsToTxnResponseAddPartitionsToTxnTopicResultInput[];

const KNOWS_FENCED_FROM = 2;
const BATCHED_FROM = 4;

interface Asked {
  readonly member: TransactionMember;
  readonly verifyOnly: boolean;
  readonly topics: Topics;
}

export const addPartitionsToTxn = defineApi({
  request: addPartitionsToTxnRequest,
  response: addPartitionsToTxnResponse,
  async handle({ engine }, request, { version }): Promise<AddPartitionsToTxnResponseInput> {
    if (version < BATCHED_FROM) {
      const member = {
        id: request.v3AndBelowTransactionalId,
        producerId: request.v3AndBelowProducerId,
        epoch: request.v3AndBelowProducerEpoch,
      };
      const asked = { member, verifyOnly: false, topics: request.v3AndBelowTopics };
      return {
        throttleTimeMs: 0,
        resultsByTransaction: [],
        resultsByTopicV3AndBelow: await add(engine, asked, version),
      };
    }
    const resultsByTransaction = [];
    const pauses = new Pauses(engine.clock);
    for (const { transactionalId, producerId, producerEpoch, verifyOnly, topics } of request.transactions) {
      await pauses.next();
      const member = { id: transactionalId, producerId, epoch: producerEpoch };
      const topicResults = await add(engine, { member, verifyOnly, topics }, version);
      resultsByTransaction.push({ transactionalId, topicResults });
    }
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      resultsByTransaction,
      resultsByTopicV3AndBelow: [],
    };
  },
});

async function add(
  engine: Engine,
  { member, verifyOnly, topics }: Asked,
  version: number,
): Promise<TopicResults> {
  const streams = topics.map(({ name, partitions }) =>
    partitions.map((index) => engine.state.topic(name)?.partitions[index]?.stream)
  );
  if (streams.some((ofTopic) => ofTopic.includes(undefined))) {
    return resultsOf(
      topics,
      (topic, at) =>
        streams[topic]![at] === undefined
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : ErrorCode.OPERATION_NOT_ATTEMPTED,
    );
  }
  const wanted = streams.flat().filter((stream) => stream !== undefined);
  if (verifyOnly) {
    const errors = verifyPartitions(engine.state, member, wanted).values();
    return resultsOf(topics, () => errors.next().value ?? ErrorCode.NONE);
  }
  const refusal = await engine.transactions.addPartitions(member, wanted);
  const errorCode = refusal === null ? ErrorCode.NONE : transactionError(refusal, version, KNOWS_FENCED_FROM);
  return resultsOf(topics, () => errorCode);
}

/** One error code for each partition, by the numbers of topic and partition in the request. */
function resultsOf(topics: Topics, errorOf: (topic: number, at: number) => number): TopicResults {
  return topics.map(({ name, partitions }, topic) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex, at) => ({
      partitionIndex,
      partitionErrorCode: errorOf(topic, at),
    })),
  }));
}
