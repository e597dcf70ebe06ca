/** Transactions over TCP, as an Apache Kafka broker would carry them out. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { apiVersionsRequest } from "../../src/protocol/generated/api_versions_request.ts";
import { apiVersionsResponse } from "../../src/protocol/generated/api_versions_response.ts";
import { describeProducersRequest } from "../../src/protocol/generated/describe_producers_request.ts";
import { describeProducersResponse } from "../../src/protocol/generated/describe_producers_response.ts";
import { describeTransactionsRequest } from "../../src/protocol/generated/describe_transactions_request.ts";
import { describeTransactionsResponse } from "../../src/protocol/generated/describe_transactions_response.ts";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { fetchResponse } from "../../src/protocol/generated/fetch_response.ts";
import { listOffsetsRequest } from "../../src/protocol/generated/list_offsets_request.ts";
import { listOffsetsResponse } from "../../src/protocol/generated/list_offsets_response.ts";
import { listTransactionsRequest } from "../../src/protocol/generated/list_transactions_request.ts";
import { listTransactionsResponse } from "../../src/protocol/generated/list_transactions_response.ts";
import { writeTxnMarkersRequest } from "../../src/protocol/generated/write_txn_markers_request.ts";
import { writeTxnMarkersResponse } from "../../src/protocol/generated/write_txn_markers_response.ts";
import {
  createTopic,
  deleteTopic,
  fetch,
  fetchInput,
  fetchResults,
  LATEST,
  only,
  produce,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { readCommitted } from "../support/read_committed.ts";
import { TestBroker } from "../support/test_broker.ts";
import { transactionalBatch, TransactionalProducer } from "../support/transactional_producer.ts";
import type { WireClient } from "../support/wire_client.ts";

const { NONE } = ErrorCode;
const READ_COMMITTED = 1;
const BOTH = [1, 2] as const;

async function start(options: { readonly partitions?: number } = {}) {
  const broker = await TestBroker.start();
  const client = await broker.connect();
  const topic = await createTopic(client, "topic", options);
  return { broker, client, topic };
}

/** A producer with its identity. */
async function producerOf(client: WireClient, version: 1 | 2, id = "tx", timeoutMs?: number) {
  const producer = new TransactionalProducer(client, id, { transactionVersion: version });
  assert.equal(await producer.init(timeoutMs === undefined ? {} : { timeoutMs }), NONE);
  return producer;
}

/** Writes to partition 0 in the way of the producer's version. */
async function write(producer: TransactionalProducer, topic: TopicRef, ...values: string[]): Promise<void> {
  if (producer.transactionVersion === 1) assert.deepEqual(await producer.add(topic, [0]), [NONE]);
  assert.equal((await producer.write(topic, values)).errorCode, NONE);
}

for (const version of BOTH) {
  Deno.test(`version ${version}: a transaction is seen as a whole when it commits, and never when it aborts`, async () => {
    const { broker, client, topic } = await start();
    await using _ = broker;
    const producer = await producerOf(client, version);
    await write(producer, topic, "a", "b");
    await produce(client, topic, textBatch(["plain"]));
    assert.deepEqual(await readCommitted(client, topic), []);
    assert.equal((await fetch(client, topic, 0)).lastStableOffset, 0);
    assert.equal(await producer.end(true), NONE);
    assert.deepEqual(await readCommitted(client, topic), ["a", "b", "plain"]);

    await write(producer, topic, "c");
    assert.equal(await producer.end(false), NONE);
    await write(producer, topic, "d");
    assert.equal(await producer.end(true), NONE);
    assert.deepEqual(await readCommitted(client, topic), ["a", "b", "plain", "d"]);
    await broker.restart();
    const again = await broker.connect();
    assert.deepEqual(await readCommitted(again, topic), ["a", "b", "plain", "d"]);
    const { abortedTransactions, lastStableOffset, highWatermark } = await fetch(again, topic, 0, {
      isolationLevel: READ_COMMITTED,
    });
    assert.deepEqual(abortedTransactions, [{ producerId: producer.identity.producerId, firstOffset: 4 }]);
    assert.deepEqual([lastStableOffset, highWatermark], [8, 8]);
  });

  Deno.test(`version ${version}: a partition is added, written, the broker restarted: the first write is not lost`, async () => {
    const { broker, client, topic } = await start({ partitions: 2 });
    await using _ = broker;
    const producer = await producerOf(client, version);
    await write(producer, topic, "first");
    await broker.restart();
    const after = new TransactionalProducer(await broker.connect(), "tx", { transactionVersion: version });
    after.identity = producer.identity;
    assert.equal(await after.addGroup("group"), NONE);
    if (version === 1) assert.deepEqual(await after.add(topic, [1]), [NONE]);
    assert.equal((await after.write(topic, ["second"], { partition: 1 })).errorCode, NONE);
    assert.equal(await after.end(true), NONE);
    const client2 = await broker.connect();
    assert.deepEqual(await readCommitted(client2, topic), ["first"]);
    assert.deepEqual(await readCommitted(client2, topic, 1), ["second"]);
  });

  Deno.test(`version ${version}: a zombie's transaction is aborted before its successor is answered`, async () => {
    const { broker, client, topic } = await start();
    await using _ = broker;
    const zombie = await producerOf(client, version);
    await write(zombie, topic, "zombie");
    const producer = await producerOf(client, version);
    assert.equal((await fetch(client, topic, 0)).lastStableOffset, 2, "the marker is there");
    assert.equal((await zombie.write(topic, ["late"])).errorCode, ErrorCode.INVALID_PRODUCER_EPOCH);
    assert.equal(await zombie.end(true), ErrorCode.PRODUCER_FENCED);
    await write(producer, topic, "good");
    assert.equal(await producer.end(true), NONE);
    assert.deepEqual(await readCommitted(client, topic), ["good"]);
  });

  Deno.test(`version ${version}: the time-out of a transaction aborts it, with the codes of Kafka`, async () => {
    const { broker, client, topic } = await start();
    await using _ = broker;
    const producer = await producerOf(client, version, "tx", 1000);
    await write(producer, topic, "too late");
    while ((await fetch(client, topic, 0)).lastStableOffset < 2) {
      await new Promise((done) => setTimeout(done, 20));
    }
    assert.equal((await producer.write(topic, ["more"])).errorCode, ErrorCode.INVALID_PRODUCER_EPOCH);
    const committed = version === 1 ? ErrorCode.PRODUCER_FENCED : ErrorCode.INVALID_TXN_STATE;
    assert.equal(await producer.end(true), committed);
    if (version === 2) assert.equal(await producer.end(false), NONE);
    assert.equal(await producer.init({ expected: producer.identity }), NONE);
    await write(producer, topic, "in time");
    assert.equal(await producer.end(true), NONE);
    assert.deepEqual(await readCommitted(client, topic), ["in time"]);
  });

  Deno.test(`version ${version}: a delayed batch of a past transaction does not land in the next one`, async () => {
    const { broker, client, topic } = await start();
    await using _ = broker;
    const producer = await producerOf(client, version);
    await write(producer, topic, "a");
    const past = producer.identity;
    assert.equal(await producer.end(true), NONE);
    const delayed = await producer.write(topic, ["delayed"], { as: past, sequence: 1 });
    assert.notEqual(delayed.errorCode, NONE);
    await write(producer, topic, "b");
    if (version === 2) {
      const again = await producer.write(topic, ["delayed"], { as: past, sequence: 1 });
      assert.equal(again.errorCode, ErrorCode.INVALID_PRODUCER_EPOCH);
    }
    assert.equal(await producer.end(true), NONE);
    assert.deepEqual(await readCommitted(client, topic), ["a", "b"]);
  });

  Deno.test(`version ${version}: a batch that is sent twice stands in the transaction once`, async () => {
    const { broker, client, topic } = await start();
    await using _ = broker;
    const producer = await producerOf(client, version);
    await write(producer, topic, "a", "b");
    const again = await producer.write(topic, ["a", "b"], { sequence: 0 });
    assert.deepEqual([again.errorCode, again.baseOffset], [NONE, 0]);
    const gap = await producer.write(topic, ["d"], { sequence: 3 });
    assert.equal(gap.errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert.equal(await producer.end(true), NONE);
    assert.deepEqual(await readCommitted(client, topic), ["a", "b"]);
  });
}

Deno.test("a transaction goes from beginning to end at every version that is advertised", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  const committed: string[] = [];
  for (const version of [0, 1, 2, 3, 4, 5]) {
    const producer = new TransactionalProducer(client, `tx-${version}`, { transactionVersion: 1 });
    assert.equal(await producer.init({ version }), NONE, `InitProducerId ${version}`);
    for (const isCommit of [true, false]) {
      assert.deepEqual(await producer.add(topic, [0], { version }), [NONE], `AddPartitionsToTxn ${version}`);
      const value = `${version} ${isCommit}`;
      assert.equal((await producer.write(topic, [value], { version: 3 + 2 * version })).errorCode, NONE);
      assert.equal(await producer.addGroup("group", { version: Math.min(version, 4) }), NONE);
      assert.equal(await producer.end(isCommit, { version }), NONE, `EndTxn ${version}`);
      if (isCommit) committed.push(value);
    }
  }
  assert.deepEqual(await readCommitted(client, topic), committed);
});

Deno.test("a commit that is delayed past its transaction does not commit the next one", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  const producer = await producerOf(client, 2);
  await write(producer, topic, "a");
  const past = producer.identity;
  assert.equal(await producer.end(true), NONE);
  await write(producer, topic, "b");
  const present = producer.identity;
  assert.equal(await producer.end(true, { as: past }), ErrorCode.PRODUCER_FENCED);
  assert.deepEqual(producer.identity, present);
  assert.deepEqual(await readCommitted(client, topic), ["a"]);
  assert.equal(await producer.end(false), NONE);
  assert.deepEqual(await readCommitted(client, topic), ["a"]);
});

Deno.test("what is refused with INVALID_TXN_STATE is not visible later", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  const producer = await producerOf(client, 1);
  for (
    const [version, errorCode] of [
      [10, ErrorCode.INVALID_TXN_STATE],
      [11, ErrorCode.TRANSACTION_ABORTABLE],
    ] as const
  ) assert.equal((await producer.write(topic, ["never"], { version })).errorCode, errorCode);
  await write(producer, topic, "a");
  const outside = transactionalBatch(["outside"], producer.identity, 1, { isTransactional: false });
  assert.equal((await produce(client, topic, outside)).errorCode, ErrorCode.INVALID_TXN_STATE);
  assert.equal(await producer.end(true), NONE);
  assert.equal(await producer.end(false), ErrorCode.INVALID_TXN_STATE);
  assert.deepEqual(await readCommitted(client, topic), ["a"]);
});

Deno.test("a partition that does not exist keeps the others out of the transaction", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  for (const version of [3, 5]) {
    const producer = await producerOf(client, 1);
    assert.deepEqual(await producer.add(topic, [0, 9], { version }), [
      ErrorCode.OPERATION_NOT_ATTEMPTED,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    assert.equal((await producer.write(topic, ["a"])).errorCode, ErrorCode.TRANSACTION_ABORTABLE);
  }
});

Deno.test("fenced is said in the words that a version has", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  const zombie = await producerOf(client, 1);
  await producerOf(client, 1);
  for (
    const [version, errorCode] of [
      [1, ErrorCode.INVALID_PRODUCER_EPOCH],
      [2, ErrorCode.PRODUCER_FENCED],
    ] as const
  ) {
    assert.deepEqual(await zombie.add(topic, [0], { version }), [errorCode]);
    assert.equal(await zombie.addGroup("group", { version }), errorCode);
    assert.equal(await zombie.end(true, { version }), errorCode);
  }
  const stranger = { producerId: zombie.identity.producerId + 1000, epoch: 0 };
  assert.equal(await zombie.init({ expected: stranger, version: 3 }), ErrorCode.INVALID_PRODUCER_EPOCH);
  assert.equal(await zombie.init({ expected: stranger, version: 4 }), ErrorCode.PRODUCER_FENCED);
});

Deno.test("a long poll of committed records is answered by the commit, not by what is written before", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  const producer = await producerOf(client, 2);
  const input = fetchInput(topic, 0, { isolationLevel: READ_COMMITTED, maxWaitMs: 30_000, minBytes: 1 });
  let isAnswered = false;
  const consumer = await broker.connect();
  const polled = consumer.send(fetchRequest, fetchResponse, 12, input).then((answer) => {
    isAnswered = true;
    return only(fetchResults(answer));
  });
  await write(producer, topic, "a");
  await write(producer, topic, "b");
  assert.equal(isAnswered, false);
  assert.equal(await producer.end(true), NONE);
  const { records, lastStableOffset } = await polled;
  assert.equal(lastStableOffset, 3);
  assert.ok((records?.length ?? 0) > 0);
});

Deno.test("a session of committed records hears of the commit", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  const producer = await producerOf(client, 2);
  await write(producer, topic, "a");
  const first = { ...fetchInput(topic, 0, { isolationLevel: READ_COMMITTED }), sessionEpoch: 0 };
  const { sessionId } = await client.send(fetchRequest, fetchResponse, 12, first);
  const next = (sessionEpoch: number) =>
    client.send(fetchRequest, fetchResponse, 12, { ...first, sessionId, sessionEpoch, topics: [] });
  assert.deepEqual(fetchResults(await next(1)), [], "there is nothing to tell");
  assert.equal(await producer.end(true), NONE);
  assert.equal(only(fetchResults(await next(2))).lastStableOffset, 2);
});

Deno.test("the latest offset of committed records is where the first open transaction begins", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  await produce(client, topic, textBatch(["plain"], 1000));
  const producer = await producerOf(client, 2);
  await write(producer, topic, "a");
  const offset = async (timestamp: number, isolationLevel: number) => {
    const answer = await client.send(listOffsetsRequest, listOffsetsResponse, 8, {
      replicaId: -1,
      isolationLevel,
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, timestamp }] }],
    });
    return only(only(answer.topics).partitions).offset;
  };
  assert.deepEqual([await offset(LATEST, 0), await offset(LATEST, READ_COMMITTED)], [2, 1]);
  assert.deepEqual([await offset(2000, 0), await offset(2000, READ_COMMITTED)], [1, -1]);
  assert.equal(await producer.end(true), NONE);
  assert.deepEqual([await offset(LATEST, READ_COMMITTED), await offset(2000, READ_COMMITTED)], [3, 1]);
});

Deno.test("a topic may be deleted while transactions are open in it, and the broker restarted", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  const producer = await producerOf(client, 2);
  const kept = await createTopic(client, "kept");
  await write(producer, topic, "gone");
  await write(producer, kept, "kept");
  assert.equal(await deleteTopic(client, topic.name), NONE);
  assert.equal(await producer.end(true), NONE);
  await broker.restart();
  assert.deepEqual(await readCommitted(await broker.connect(), kept), ["kept"]);
});

Deno.test("operators see transactions and producers, and can end what hangs in a partition", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  const producer = await producerOf(client, 2);
  await write(producer, topic, "hangs");
  const { producerId, epoch } = producer.identity;
  const described = await client.send(describeTransactionsRequest, describeTransactionsResponse, 0, {
    transactionalIds: ["tx", "unknown", ""],
  });
  assert.deepEqual(
    described.transactionStates.map(({ errorCode }) => errorCode),
    [NONE, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, ErrorCode.INVALID_REQUEST],
  );
  const [state] = described.transactionStates;
  assert.equal(state?.transactionState, "Ongoing");
  assert.deepEqual(state?.topics, [{ topic: "topic", partitions: [0] }]);

  const active = async () => {
    const answer = await client.send(describeProducersRequest, describeProducersResponse, 0, {
      topics: [{ name: "topic", partitionIndexes: [0] }],
    });
    return only(only(only(answer.topics).partitions).activeProducers);
  };
  assert.deepEqual(
    { ...await active(), lastTimestamp: 0 },
    {
      producerId,
      producerEpoch: epoch,
      lastSequence: 0,
      lastTimestamp: 0,
      coordinatorEpoch: -1,
      currentTxnStartOffset: 0,
    },
  );

  const abort = async (producerEpoch: number) => {
    const answer = await client.send(writeTxnMarkersRequest, writeTxnMarkersResponse, 1, {
      markers: [{
        producerId,
        producerEpoch,
        transactionResult: false,
        topics: [{ name: "topic", partitionIndexes: [0, 7] }],
        coordinatorEpoch: 0,
      }],
    });
    return only(only(answer.markers).topics).partitions.map(({ errorCode }) => errorCode);
  };
  assert.deepEqual(await abort(epoch - 1), [
    ErrorCode.INVALID_PRODUCER_EPOCH,
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ]);
  assert.deepEqual(await abort(epoch), [NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]);
  assert.equal((await active()).currentTxnStartOffset, -1);
  assert.equal((await fetch(client, topic, 0)).lastStableOffset, 2);
});

Deno.test("transactions are listed with Kafka's filters", async () => {
  const { broker, client, topic } = await start();
  await using _ = broker;
  await write(await producerOf(client, 2, "app-1"), topic, "a");
  await producerOf(client, 2, "app-2");
  const list = async (filters: { readonly states?: string[]; readonly pattern?: string }) => {
    const answer = await client.send(listTransactionsRequest, listTransactionsResponse, 2, {
      stateFilters: filters.states ?? [],
      producerIdFilters: [],
      transactionalIdPattern: filters.pattern ?? null,
    });
    const ids = answer.transactionStates.map(({ transactionalId }) => transactionalId);
    return [answer.errorCode, ids, answer.unknownStateFilters];
  };
  assert.deepEqual(await list({}), [NONE, ["app-1", "app-2"], []]);
  assert.deepEqual(await list({ states: ["Ongoing"] }), [NONE, ["app-1"], []]);
  assert.deepEqual(await list({ states: ["Odd"] }), [NONE, [], ["Odd"]]);
  assert.deepEqual(await list({ pattern: "app-[2-9]" }), [NONE, ["app-2"], []]);
  assert.deepEqual(await list({ pattern: "app" }), [NONE, [], []], "all of the id has to match");
  assert.deepEqual(await list({ pattern: "(" }), [ErrorCode.INVALID_REGULAR_EXPRESSION, [], []]);
});

Deno.test("the version of transactions is a feature that is both supported and finalized", async () => {
  const { broker, client } = await start();
  await using _ = broker;
  const answer = await client.send(apiVersionsRequest, apiVersionsResponse, 4, {
    clientSoftwareName: "test",
    clientSoftwareVersion: "1",
  });
  const name = "transaction.version";
  assert.deepEqual(
    answer.supportedFeatures.find((feature) => feature.name === name),
    { name, minVersion: 0, maxVersion: 2 },
  );
  assert.deepEqual(
    answer.finalizedFeatures.find((feature) => feature.name === name),
    { name, minVersionLevel: 2, maxVersionLevel: 2 },
  );
});

Deno.test("state of transactions is the same from a snapshot as from the log, with many segments between", async () => {
  const { broker, client, topic } = await start({ partitions: 2 });
  await using _ = broker;
  const filler = "x".repeat(60_000);
  const committed: string[] = [];
  const open = await producerOf(client, 2, "open");
  assert.equal((await open.write(topic, ["open"], { partition: 1 })).errorCode, NONE);
  const producer = await producerOf(client, 2);
  for (let i = 0; i < 60; i++) {
    await write(producer, topic, `${i}`);
    await produce(client, topic, textBatch([filler]));
    assert.equal(await producer.end(i % 3 > 0), NONE);
    if (i % 3 > 0) committed.push(`${i}`);
  }
  const shape = async (reader: WireClient) => ({
    values: (await readCommitted(reader, topic)).filter((value) => value !== filler),
    aborted:
      (await fetch(reader, topic, 0, { isolationLevel: READ_COMMITTED, maxBytes: 1000 })).abortedTransactions,
    lastStable: (await fetch(reader, topic, 0, { partition: 1 })).lastStableOffset,
  });
  const before = await shape(client);
  assert.deepEqual(before.values, committed);
  assert.equal(before.lastStable, 0);
  await broker.restart();
  const again = await broker.connect();
  assert.deepEqual(await shape(again), before);
  const after = new TransactionalProducer(again, "open");
  after.identity = open.identity;
  assert.equal(await after.end(true), NONE);
  assert.deepEqual(await readCommitted(again, topic, 1), ["open"]);
});
