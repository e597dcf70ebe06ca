/**
 * AddPartitionsToTxn 0–5. 2 knows PRODUCER_FENCED, 4 is for brokers: many
 * transactions at once, and only asking (KIP-890); 5 knows TRANSACTION_ABORTABLE.
 *
 * Where one of a transaction's partitions does not exist, none is added.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { type TransactionMember, verifyPartitions } from "../../cluster/mod.ts";
import { Pauses } from "../../engine/mod.ts";
import {
  addPartitionsToTxnRequest,
  type AddPartitionsToTxnRequestAddPartitionsToTxnTopic,
} from "../../protocol/generated/add_partitions_to_txn_request.ts";
import {
  addPartitionsToTxnResponse,
  type AddPartitionsToTxnResponseAddPartitionsToTxnTopicResultInput,
  type AddPartitionsToTxnResponseInput,
} from "../../protocol/generated/add_partitions_to_txn_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnCluster, mayOnTopic, mayOnTransaction } from "../rights.ts";
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
  async handle(services, request, call): Promise<AddPartitionsToTxnResponseInput> {
    const { version } = call;
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
        resultsByTopicV3AndBelow: await addOfClient(services, asked, call),
      };
    }
    if (!mayOnCluster(services, call, AclOperation.CLUSTER_ACTION)) {
      const errorCode = ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
      return { throttleTimeMs: 0, errorCode, resultsByTransaction: [], resultsByTopicV3AndBelow: [] };
    }
    const resultsByTransaction = [];
    const pauses = new Pauses(services.engine.clock);
    for (const { transactionalId, producerId, producerEpoch, verifyOnly, topics } of request.transactions) {
      await pauses.next();
      const member = { id: transactionalId, producerId, epoch: producerEpoch };
      const topicResults = await add(services, { member, verifyOnly, topics }, version);
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

/** Up to version 3 it is clients who ask, and they need the right to write. */
async function addOfClient(services: Services, asked: Asked, call: Call): Promise<TopicResults> {
  if (!mayOnTransaction(services, call, AclOperation.WRITE, asked.member.id)) {
    return resultsOf(asked.topics, () => ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  }
  const mayWrite = asked.topics.map(({ name }) => mayOnTopic(services, call, AclOperation.WRITE, name));
  return await add(services, asked, call.version, mayWrite);
}

async function add(
  { engine }: Services,
  { member, verifyOnly, topics }: Asked,
  version: number,
  mayWrite: readonly boolean[] = topics.map(() => true),
): Promise<TopicResults> {
  const streams = topics.map(({ name, partitions }) =>
    partitions.map((index) => engine.state.topic(name)?.partitions[index]?.stream)
  );
  const problem = (topic: number, at: number) => {
    if (mayWrite[topic] !== true) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
    return streams[topic]![at] === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE;
  };
  if (mayWrite.includes(false) || streams.some((ofTopic) => ofTopic.includes(undefined))) {
    return resultsOf(topics, (topic, at) => problem(topic, at) || ErrorCode.OPERATION_NOT_ATTEMPTED);
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
