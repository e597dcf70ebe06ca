import { commitInput } from "../actors/offsets.ts";
import { Producer } from "../actors/producer.ts";
import { api } from "../api.ts";
import { scenario } from "../scenario.ts";
import { Matrix, refusal } from "./matrix.ts";

const OPEN = "Ongoing";

export const transactionsMatrix = scenario("who may use transactions", async (peer) => {
  const topic = await peer.topic("topic");
  const marked = await peer.topic("marked");
  const nowhere = peer.unique("nowhere");
  const group = peer.unique("group");
  await peer.send(api.offsetCommit, 9, commitInput(group, [{ topic, offset: 5 }]));
  const [open, idle] = [new Producer(peer, "open", { transactions: 1 }), new Producer(peer, "idle")];
  for (const producer of [open, idle]) await producer.inits();
  await open.adds(topic);
  const openId = peer.unique("open");
  const who = { producerId: open.producerId, producerEpoch: open.epoch };
  const matrix = await Matrix.open(peer);

  await matrix.asks("InitProducerId 5", api.initProducerId, 5, () => ({
    transactionalId: peer.unique("taken"),
    transactionTimeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
  }), { told: refusal, after: () => Promise.resolve() });
  const adds = (question: string, names: readonly string[]) =>
    matrix.asks(`AddPartitionsToTxn 3 ${question}`, api.addPartitionsToTxn, 3, () => ({
      transactions: [],
      v3AndBelowTransactionalId: openId,
      v3AndBelowProducerId: open.producerId,
      v3AndBelowProducerEpoch: open.epoch,
      v3AndBelowTopics: names.map((name) => ({ name, partitions: [0] })),
    }));
  await adds("of a topic", [topic.name]);
  await adds("of a topic and one that there is not", [topic.name, nowhere]);
  await matrix.asks("AddPartitionsToTxn 5", api.addPartitionsToTxn, 5, () => ({
    transactions: [{
      transactionalId: openId,
      ...who,
      verifyOnly: true,
      topics: [{ name: topic.name, partitions: [0] }],
    }],
    v3AndBelowTransactionalId: "",
    v3AndBelowProducerId: 0,
    v3AndBelowProducerEpoch: 0,
    v3AndBelowTopics: [],
  }));
  await matrix.asks("AddOffsetsToTxn 4", api.addOffsetsToTxn, 4, () => ({
    transactionalId: openId,
    ...who,
    groupId: group,
  }));
  for (const version of [4, 5]) {
    await matrix.asks(`TxnOffsetCommit ${version}`, api.txnOffsetCommit, version, () => ({
      transactionalId: openId,
      groupId: group,
      ...who,
      topics: [topic.name, nowhere].map((name) => ({
        name,
        partitions: [{ partitionIndex: 0, committedOffset: 7, committedMetadata: "" }],
      })),
    }));
  }
  await matrix.asks("DescribeTransactions 0", api.describeTransactions, 0, () => ({
    transactionalIds: [openId, peer.unique("idle"), peer.unique("none")],
  }), {
    // Kafka tells of its offsets topic, too. A refusal has the id 0, which may be somebody's.
    told: ({ transactionStates }) =>
      transactionStates.map(({ topics, producerId, ...state }) => ({
        ...state,
        whose: state.errorCode === 0 && producerId === open.producerId ? "open" : null,
        topics: topics.filter(({ topic }) => !topic.startsWith("__")),
      })),
  });
  await matrix.asks("ListTransactions 2", api.listTransactions, 2, () => ({
    stateFilters: [OPEN],
    producerIdFilters: [],
    durationFilter: -1,
    transactionalIdPattern: null,
  }));
  await matrix.asks("EndTxn 5", api.endTxn, 5, () => ({
    transactionalId: peer.unique("idle"),
    producerId: idle.producerId,
    producerEpoch: idle.epoch + 10,
    committed: true,
  }));
  await matrix.asks("WriteTxnMarkers 1", api.writeTxnMarkers, 1, () => ({
    markers: [{
      producerId: 987_654_321,
      producerEpoch: 0,
      transactionResult: false,
      topics: [marked.name, nowhere].map((name) => ({ name, partitionIndexes: [0] })),
      coordinatorEpoch: 0,
    }],
  }), { told: ({ markers }) => markers.map(({ topics }) => topics) });
});
