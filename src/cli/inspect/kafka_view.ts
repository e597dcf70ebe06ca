import { ErrorCode } from "../../base/error_codes.ts";
import type {
  AclFacts,
  BatchFound,
  ClusterView,
  GroupFacts,
  GroupSummary,
  ProducerFacts,
  QuotaFacts,
  TokenFacts,
  TopicFacts,
  TransactionFacts,
  UserFacts,
} from "../../broker/inspect/mod.ts";
import { describeProducersRequest } from "../../protocol/generated/describe_producers_request.ts";
import { describeProducersResponse } from "../../protocol/generated/describe_producers_response.ts";
import { describeTransactionsRequest } from "../../protocol/generated/describe_transactions_request.ts";
import { describeTransactionsResponse } from "../../protocol/generated/describe_transactions_response.ts";
import { listTransactionsRequest } from "../../protocol/generated/list_transactions_request.ts";
import { listTransactionsResponse } from "../../protocol/generated/list_transactions_response.ts";
import { fetchBatches } from "./kafka_batches.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { refuseError } from "./kafka_errors.ts";
import { brokerGroup, brokerGroups } from "./kafka_groups.ts";
import { brokerAcls, brokerQuotas, brokerTokens, brokerUsers } from "./kafka_security.ts";
import { brokerTopics, listOffsets, topicIds } from "./kafka_topics.ts";

/** States in which a transaction has not ended. */
const OPEN = ["Ongoing", "PrepareCommit", "PrepareAbort", "PrepareEpochFence"];
/** Transactions described in one request. */
const DESCRIBED_AT_ONCE = 500;

/** What a running broker answers over the Kafka protocol. */
export class KafkaView implements ClusterView {
  readonly source: string;
  /** A broker that answers says itself what is wrong, there where it is asked. */
  readonly problems: readonly string[] = [];
  readonly #client: KafkaClient;

  constructor(client: KafkaClient) {
    this.#client = client;
    this.source = `broker at ${client.address}`;
  }

  async topicNames(): Promise<readonly string[]> {
    return Array.from(await topicIds(this.#client, null), ({ name }) => name).sort();
  }

  topics(names: readonly string[] | null): Promise<readonly TopicFacts[]> {
    return brokerTopics(this.#client, names);
  }

  groups(): Promise<readonly GroupSummary[]> {
    return brokerGroups(this.#client);
  }

  group(id: string): Promise<GroupFacts | null> {
    return brokerGroup(this.#client, id);
  }

  async transactions(isAll: boolean): Promise<readonly TransactionFacts[]> {
    const listed = await this.#client.send(listTransactionsRequest, listTransactionsResponse, 0, {
      stateFilters: isAll ? [] : OPEN,
      producerIdFilters: [],
    });
    refuseError("transactions", listed.errorCode);
    const ids = listed.transactionStates.map(({ transactionalId }) => transactionalId).sort();
    const facts: TransactionFacts[] = [];
    for (let at = 0; at < ids.length; at += DESCRIBED_AT_ONCE) {
      const transactionalIds = ids.slice(at, at + DESCRIBED_AT_ONCE);
      const request = { transactionalIds };
      const answer = await this.#client.send(
        describeTransactionsRequest,
        describeTransactionsResponse,
        0,
        request,
      );
      for (
        const { errorCode, transactionState: state, transactionStartTimeMs: startMs, ...each } of answer
          .transactionStates
      ) {
        // Expired since it was listed.
        if (errorCode === ErrorCode.TRANSACTIONAL_ID_NOT_FOUND) continue;
        refuseError(`the transaction '${each.transactionalId}'`, errorCode);
        const { transactionalId, producerId, producerEpoch, transactionTimeoutMs: timeoutMs } = each;
        facts.push({
          ...{ transactionalId, state, producerId, producerEpoch, timeoutMs },
          startMs: startMs < 0 ? null : startMs,
          partitions: each.topics.map(({ topic, partitions }) => ({
            topic,
            partitions: partitions.toSorted((a, b) => a - b),
          })).sort((a, b) => a.topic < b.topic ? -1 : 1),
        });
      }
    }
    return facts;
  }

  async producers(topic: string, partitions: readonly number[]): Promise<readonly ProducerFacts[]> {
    const answer = await this.#client.send(describeProducersRequest, describeProducersResponse, 0, {
      topics: [{ name: topic, partitionIndexes: partitions }],
    });
    return answer.topics.flatMap(({ name, partitions }) =>
      partitions.flatMap(({ partitionIndex: partition, errorCode, errorMessage, activeProducers }) => {
        refuseError(`the producers of ${name}-${partition}`, errorCode, errorMessage);
        return activeProducers.map((producer): ProducerFacts => ({
          partition,
          producerId: producer.producerId,
          producerEpoch: producer.producerEpoch,
          lastSequence: producer.lastSequence,
          lastTimestampMs: producer.lastTimestamp,
          coordinatorEpoch: producer.coordinatorEpoch,
          transactionStartOffset: producer.currentTxnStartOffset < 0 ? null : producer.currentTxnStartOffset,
        })).sort((a, b) => a.producerId - b.producerId);
      })
    );
  }

  users(): Promise<readonly UserFacts[]> {
    return brokerUsers(this.#client);
  }

  acls(): Promise<readonly AclFacts[]> {
    return brokerAcls(this.#client);
  }

  quotas(): Promise<readonly QuotaFacts[]> {
    return brokerQuotas(this.#client);
  }

  tokens(): Promise<readonly TokenFacts[]> {
    return brokerTokens(this.#client);
  }

  async offsetAt(topic: string, partition: number, timestampMs: number): Promise<number | null> {
    const found = await listOffsets(
      this.#client,
      [{ name: topic, partitions: [partition] }],
      timestampMs,
      false,
    );
    const offset = found.get(`${topic}-${partition}`) ?? -1;
    return offset < 0 ? null : offset;
  }

  batches(
    topic: string,
    partition: number,
    fromOffset: number,
    endOffset: number,
  ): AsyncIterable<BatchFound> {
    return fetchBatches(this.#client, { topic, partition }, fromOffset, endOffset);
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}
