import { buildBatch } from "../../../src/records/compress.ts";
import type { FetchResponse } from "../../../src/protocol/generated/fetch_response.ts";
import type { ProduceResponse } from "../../../src/protocol/generated/produce_response.ts";
import type { TopicRef } from "../../support/requests.ts";
import { Producer } from "../actors/producer.ts";
import { UNKNOWN_ID } from "../common.ts";
import { api } from "../api.ts";
import { scenario } from "../scenario.ts";
import { Matrix } from "./matrix.ts";

const TIMEOUT_MS = 10_000;
const WRITTEN_MS = 1_700_000_000_000;
const NOT_ALLOWED = 29;
const VALUE = new TextEncoder().encode("value");

const plain = () => buildBatch([{ value: VALUE, timestampMs: WRITTEN_MS }]);

/** Where it was written is another place each time. */
function written({ responses }: ProduceResponse): unknown {
  return responses.map(({ partitionResponses, ...topic }) => ({
    ...topic,
    // Of a retry Kafka tells the time, which is another matter, too.
    partitionResponses: partitionResponses.map(({ baseOffset, logAppendTimeMs: _, ...partition }) => ({
      ...partition,
      baseOffset: baseOffset >= 0,
    })),
  }));
}

/** In which order topics come, and whether one comes twice, is another matter. */
function fetched({ responses }: FetchResponse, read: TopicRef): unknown {
  return responses.flatMap(({ topic, topicId, partitions }) => {
    const word = topic === read.name || topicId === read.topicId ? "read" : "nowhere";
    return partitions.map(({ partitionIndex, errorCode, records }) => ({
      name: `${word} ${partitionIndex}`,
      errorCode,
      records,
    }));
  });
}

/** What a replica is told otherwise is another matter. */
function allowed({ responses }: FetchResponse): unknown {
  return responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode !== NOT_ALLOWED));
}

export const recordsMatrix = scenario("who may write and read records", async (peer) => {
  const topic = await peer.topic("topic");
  const nowhere: TopicRef = { name: peer.unique("nowhere"), topicId: UNKNOWN_ID };
  const producer = new Producer(peer, "the holder");
  await producer.inits();
  const matrix = await Matrix.open(peer);
  const produces = (
    question: string,
    version: number,
    batch: () => Uint8Array,
    transactionalId: string | null,
  ) =>
    matrix.asks(`Produce ${version} ${question}`, api.produce, version, () => ({
      transactionalId,
      acks: -1,
      timeoutMs: TIMEOUT_MS,
      topicData: [topic, nowhere].map((each) => ({
        ...each,
        partitionData: [{ index: 0, records: batch() }, { index: 9, records: batch() }],
      })),
    }), { told: written });
  for (const version of [12, 13]) await produces("of plain records", version, plain, null);
  const { producerId, epoch: producerEpoch } = producer;
  const inTransaction = () =>
    buildBatch([{ value: VALUE, timestampMs: WRITTEN_MS }], {
      producerId,
      producerEpoch,
      baseSequence: 0,
      isTransactional: true,
    });
  // The first of them writes, the others say the same again.
  await produces("in a transaction", 12, inTransaction, peer.unique("the holder"));
  await produces("in a transaction of no id", 12, inTransaction, null);
  await produces("plain records with a transactional id", 12, plain, peer.unique("the holder"));
  await producer.aborts();
  await matrix.asks("InitProducerId 5 without a transactional id", api.initProducerId, 5, () => ({
    transactionalId: null,
    transactionTimeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
  }), { told: ({ errorCode, producerEpoch }) => ({ errorCode, producerEpoch }) });

  const read = await peer.topic("read");
  await peer.send(api.produce, 12, {
    transactionalId: null,
    acks: -1,
    timeoutMs: TIMEOUT_MS,
    topicData: [{ ...read, partitionData: [{ index: 0, records: plain() }] }],
  });
  const fetching = (replicaId: number, version: number) => ({
    ...(version >= 15 ? { replicaState: { replicaId, replicaEpoch: -1 } } : { replicaId }),
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 2 ** 20,
    isolationLevel: 0,
    sessionEpoch: -1,
    topics: [read, nowhere].map(({ name, topicId }) => ({
      topic: name,
      topicId,
      partitions: [0, 9].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 2 ** 20 })),
    })),
    forgottenTopicsData: [],
  });
  for (const version of [12, 17]) {
    await matrix.asks(`Fetch ${version}`, api.fetch, version, () => fetching(-1, version), {
      told: (answer) => fetched(answer, read),
    });
    await matrix.asks(`Fetch ${version} of a replica`, api.fetch, version, () => fetching(2, version), {
      told: allowed,
    });
  }
});
