import { addOffsetsToTxnRequest } from "../../src/protocol/generated/add_offsets_to_txn_request.ts";
import { addOffsetsToTxnResponse } from "../../src/protocol/generated/add_offsets_to_txn_response.ts";
import {
  addPartitionsToTxnRequest,
  type AddPartitionsToTxnRequestInput,
} from "../../src/protocol/generated/add_partitions_to_txn_request.ts";
import {
  type AddPartitionsToTxnResponse,
  addPartitionsToTxnResponse,
} from "../../src/protocol/generated/add_partitions_to_txn_response.ts";
import { endTxnRequest } from "../../src/protocol/generated/end_txn_request.ts";
import { endTxnResponse } from "../../src/protocol/generated/end_txn_response.ts";
import { txnOffsetCommitRequest } from "../../src/protocol/generated/txn_offset_commit_request.ts";
import { txnOffsetCommitResponse } from "../../src/protocol/generated/txn_offset_commit_response.ts";
import { initProducerIdRequest } from "../../src/protocol/generated/init_producer_id_request.ts";
import { initProducerIdResponse } from "../../src/protocol/generated/init_producer_id_response.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { only, produce, type ProduceResult, type TopicRef } from "./requests.ts";
import type { WireClient } from "./wire_client.ts";

/** What Apache Kafka answers while the last transaction is still being ended. */
const CONCURRENT_TRANSACTIONS = 51;
const ATTEMPTS = 400;
const BETWEEN_ATTEMPTS_MS = 25;

/** Request versions of the two ways in which transactions go (KIP-890). */
const VERSIONS = {
  1: { produce: 11, add: 3, commitOffset: 3, end: 4 },
  2: { produce: 12, add: 5, commitOffset: 5, end: 5 },
} as const;

const encoder = new TextEncoder();

/** A producer's identity: what one InitProducerId or EndTxn gave it. */
export interface Identity {
  readonly producerId: number;
  readonly epoch: number;
}

/** What a producer's batches and its client may differ in from the usual. */
export interface ProducerOptions {
  readonly transactionVersion?: 1 | 2;
  /** The time of all its records; default now. */
  readonly timestampMs?: number;
}

/** What a call may differ in from what a good client would send. */
export interface CallOptions {
  readonly as?: Identity;
  readonly version?: number;
  readonly partition?: number;
  readonly sequence?: number;
}

/** A transactional producer in single requests, with sequences of its own and no cleverness beyond it. */
export class TransactionalProducer {
  readonly transactionalId: string;
  readonly transactionVersion: 1 | 2;
  identity: Identity = { producerId: -1, epoch: -1 };
  readonly #client: WireClient;
  readonly #timestampMs: number | undefined;
  readonly #sequences = new Map<string, number>();

  constructor(client: WireClient, transactionalId: string, options: ProducerOptions = {}) {
    this.#client = client;
    this.transactionalId = transactionalId;
    this.transactionVersion = options.transactionVersion ?? 2;
    this.#timestampMs = options.timestampMs;
  }

  /** InitProducerId; takes on what it gives. Answers the error code. */
  async init(
    options: { readonly timeoutMs?: number; readonly expected?: Identity; readonly version?: number } = {},
  ): Promise<number> {
    const { timeoutMs = 60_000, expected = { producerId: -1, epoch: -1 }, version = 4 } = options;
    const answer = await patiently(() =>
      this.#client.send(initProducerIdRequest, initProducerIdResponse, version, {
        transactionalId: this.transactionalId,
        transactionTimeoutMs: timeoutMs,
        producerId: expected.producerId,
        producerEpoch: expected.epoch,
      })
    );
    if (answer.errorCode === 0) this.#become(answer.producerId, answer.producerEpoch);
    return answer.errorCode;
  }

  /** AddPartitionsToTxn of one topic; the error codes of its partitions. */
  async add(topic: TopicRef, partitions: readonly number[], options: CallOptions = {}): Promise<number[]> {
    const { producerId, epoch } = options.as ?? this.identity;
    const version = options.version ?? VERSIONS[this.transactionVersion].add;
    const { transactionalId } = this;
    const topics = [{ name: topic.name, partitions }];
    const input: AddPartitionsToTxnRequestInput = version < 4
      ? {
        transactions: [],
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: epoch,
        v3AndBelowTopics: topics,
      }
      : {
        transactions: [{ transactionalId, producerId, producerEpoch: epoch, topics }],
        v3AndBelowTransactionalId: "",
        v3AndBelowProducerId: 0,
        v3AndBelowProducerEpoch: 0,
        v3AndBelowTopics: [],
      };
    const answer = await patiently(
      () => this.#client.send(addPartitionsToTxnRequest, addPartitionsToTxnResponse, version, input),
      (answer) => resultsOf(answer)[0]?.partitionErrorCode ?? 0,
    );
    return resultsOf(answer).map(({ partitionErrorCode }) => partitionErrorCode);
  }

  /** Produces one batch in the transaction; the sequence goes on when it was taken. */
  async write(topic: TopicRef, values: readonly string[], options: CallOptions = {}): Promise<ProduceResult> {
    const { partition = 0, version = VERSIONS[this.transactionVersion].produce } = options;
    const { transactionalId } = this;
    const identity = options.as ?? this.identity;
    const key = `${topic.name}-${partition}`;
    const sequence = options.sequence ?? this.#sequences.get(key) ?? 0;
    const records = transactionalBatch(values, identity, sequence, { timestampMs: this.#timestampMs });
    const result = await patiently(
      () => produce(this.#client, topic, records, { version, partition, transactionalId }),
    );
    if (result.errorCode === 0) this.#sequences.set(key, sequence + values.length);
    return result;
  }

  /** AddOffsetsToTxn; the error code. */
  async addGroup(groupId: string, options: CallOptions = {}): Promise<number> {
    const { producerId, epoch } = options.as ?? this.identity;
    const { transactionalId } = this;
    const answer = await patiently(() =>
      this.#client.send(addOffsetsToTxnRequest, addOffsetsToTxnResponse, options.version ?? 3, {
        transactionalId,
        producerId,
        producerEpoch: epoch,
        groupId,
      })
    );
    return answer.errorCode;
  }

  /** TxnOffsetCommit of one partition, by somebody who is no member of the group; the error code. */
  async commitOffset(groupId: string, topic: TopicRef, partition: number, offset: number): Promise<number> {
    const { producerId, epoch } = this.identity;
    const { transactionalId } = this;
    const version = VERSIONS[this.transactionVersion].commitOffset;
    const answer = await this.#client.send(txnOffsetCommitRequest, txnOffsetCommitResponse, version, {
      transactionalId,
      groupId,
      producerId,
      producerEpoch: epoch,
      topics: [{
        name: topic.name,
        partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: "" }],
      }],
    });
    return only(answer.topics.flatMap(({ partitions }) => partitions)).errorCode;
  }

  /** EndTxn; takes on the identity that it gives. Answers the error code. */
  async end(isCommit: boolean, options: CallOptions = {}): Promise<number> {
    const { producerId, epoch } = options.as ?? this.identity;
    const { transactionalId } = this;
    const version = options.version ?? VERSIONS[this.transactionVersion].end;
    const answer = await patiently(() =>
      this.#client.send(endTxnRequest, endTxnResponse, version, {
        transactionalId,
        producerId,
        producerEpoch: epoch,
        committed: isCommit,
      })
    );
    if (answer.errorCode === 0 && version >= 5) this.#become(answer.producerId, answer.producerEpoch);
    return answer.errorCode;
  }

  #become(producerId: number, epoch: number): void {
    this.identity = { producerId, epoch };
    this.#sequences.clear();
  }
}

/** A batch of a transaction, of this moment unless told otherwise. */
export function transactionalBatch(
  values: readonly string[],
  { producerId, epoch }: Identity,
  baseSequence: number,
  { isTransactional = true, timestampMs = Date.now() }: {
    readonly isTransactional?: boolean;
    readonly timestampMs?: number | undefined;
  } = {},
): Uint8Array {
  return buildBatch(values.map((value) => ({ value: encoder.encode(value), timestampMs })), {
    producerId,
    producerEpoch: epoch,
    baseSequence,
    isTransactional,
  });
}

/** The partitions of an AddPartitionsToTxn answer, whatever its version. */
function resultsOf({ resultsByTopicV3AndBelow, resultsByTransaction }: AddPartitionsToTxnResponse) {
  const topics = [
    ...resultsByTopicV3AndBelow,
    ...resultsByTransaction.flatMap(({ topicResults }) => topicResults),
  ];
  return topics.flatMap(({ resultsByPartition }) => resultsByPartition);
}

/** Asks again as long as the answer is that another transaction is being ended, as clients do. */
async function patiently<Answer>(
  ask: () => Promise<Answer>,
  errorOf: (answer: Answer) => number = (answer) => (answer as { errorCode: number }).errorCode,
): Promise<Answer> {
  for (let attempt = 1;; attempt++) {
    const answer = await ask();
    if (errorOf(answer) !== CONCURRENT_TRANSACTIONS || attempt === ATTEMPTS) return answer;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_ATTEMPTS_MS));
  }
}
