import { Producer, reads, WRITTEN_MS } from "../actors/producer.ts";
import { api } from "../api.ts";
import { LATEST } from "../../support/requests.ts";
import type { Peer } from "../peer.ts";
import { loneScenario, scenario } from "../scenario.ts";
import { shows, showsProducers } from "../actors/transaction_admin.ts";

const BOTH = [1, 2] as const;

/** One producer for each of KIP-890's protocols, with a topic of its own. */
function both(name: string, play: (peer: Peer, producer: Producer, word: string) => Promise<void>) {
  return BOTH.map((transactions) =>
    scenario(`${name}, version ${transactions}`, async (peer) => {
      const producer = new Producer(peer, "p", { transactions });
      await producer.inits();
      await play(peer, producer, "topic");
    })
  );
}

export const transactions = [
  ...both("a transaction that commits is read", async (peer, p, word) => {
    const topic = await peer.topic(word);
    await p.adds(topic);
    await p.produces(topic, ["one", "two"]);
    await p.produces(topic, ["three"]);
    await reads(peer, topic, 3);
    await p.commits();
    await reads(peer, topic, 4);
    await shows(peer, "p");
  }),

  ...both("a transaction that aborts is not read", async (peer, p, word) => {
    const topic = await peer.topic(word);
    await p.adds(topic);
    await p.produces(topic, ["one"]);
    await p.produces(topic, ["two"]);
    await p.aborts();
    await reads(peer, topic, 3);
    await shows(peer, "p");
  }),

  ...both("transactions follow one another", async (peer, p, word) => {
    const topic = await peer.topic(word);
    for (const [index, isCommit] of [true, false, true].entries()) {
      await p.adds(topic);
      await p.produces(topic, [`number ${index}`]);
      await (isCommit ? p.commits() : p.aborts());
    }
    await reads(peer, topic, 6);
    await reads(peer, topic, 6, { offset: 2 });
    await reads(peer, topic, 6, { offset: 3 });
    await reads(peer, topic, 6, { offset: 4 });
    await showsProducers(peer, topic.name);
  }),

  ...both("there is nothing to end", async (peer, p) => {
    await p.commits();
    await p.aborts();
    await p.commits();
    await shows(peer, "p");
  }),

  ...both("a transaction is committed twice", async (peer, p, word) => {
    const topic = await peer.topic(word);
    const { producerId, epoch } = p;
    await p.adds(topic);
    await p.produces(topic, ["one"]);
    await p.commits({ producerId, epoch });
    await p.commits({ producerId, epoch });
    await p.aborts({ producerId, epoch });
    await reads(peer, topic, 2);
  }),

  ...both("a transaction is aborted twice", async (peer, p, word) => {
    const topic = await peer.topic(word);
    const { producerId, epoch } = p;
    await p.adds(topic);
    await p.produces(topic, ["one"]);
    await p.aborts({ producerId, epoch });
    await p.aborts({ producerId, epoch });
    await p.commits({ producerId, epoch });
    await reads(peer, topic, 2);
  }),

  ...both("a transaction spans partitions and topics", async (peer, p, word) => {
    const [one, two] = [await peer.topic(word, { partitions: 2 }), await peer.topic("other")];
    await p.adds(one, [0, 1]);
    await p.adds(two);
    await p.produces(one, ["a"], { partition: 0 });
    await p.produces(one, ["b"], { partition: 1 });
    await p.produces(two, ["c"]);
    await shows(peer, "p");
    await p.commits();
    await reads(peer, one, 2);
    await reads(peer, one, 2, { partition: 1 });
    await reads(peer, two, 2);
  }),

  ...both("partitions are added and nothing is written to them", async (peer, p, word) => {
    const topic = await peer.topic(word, { partitions: 2 });
    await p.adds(topic, [0, 1]);
    await p.produces(topic, ["one"]);
    await p.commits();
    await reads(peer, topic, 2);
    await reads(peer, topic, 1, { partition: 1 });
  }),

  ...both("a new producer aborts what the old one had open, and fences it", async (peer, old, word) => {
    const topic = await peer.topic(word);
    await old.adds(topic);
    await old.produces(topic, ["zombie"]);
    const young = new Producer(peer, "young", { transactionalId: "p" });
    await young.inits();
    await reads(peer, topic, 2);
    await old.produces(topic, ["late"]);
    await old.adds(topic);
    await old.commits();
    await old.aborts();
    await old.inits({ producerId: old.producerId, epoch: old.epoch });
    await young.produces(topic, ["fresh"]);
    await young.commits();
    await reads(peer, topic, 4);
  }),

  ...both("a new producer comes when nothing is open", async (peer, old, word) => {
    const topic = await peer.topic(word);
    await old.adds(topic);
    await old.produces(topic, ["done"]);
    await old.commits();
    const young = new Producer(peer, "young", { transactionalId: "p", transactions: 1 });
    await young.inits();
    await old.produces(topic, ["late"]);
    await old.adds(topic);
    await old.commits();
    await reads(peer, topic, 2);
  }),

  ...both("a producer bumps its own epoch (KIP-360)", async (peer, p, word) => {
    const topic = await peer.topic(word);
    await p.adds(topic);
    await p.produces(topic, ["one"]);
    const { producerId, epoch } = p;
    await p.inits({ producerId, epoch });
    await p.inits({ producerId, epoch });
    await p.inits({ producerId: p.producerId, epoch: p.epoch });
    await p.inits({ producerId, epoch });
    await p.inits({ producerId: producerId + 1000, epoch });
    await p.inits({ producerId, epoch: epoch + 100 });
    await p.inits({ producerId, epoch: -1 });
    await p.inits({ producerId: -1, epoch });
    await reads(peer, topic, 2);
  }),

  scenario("a transactional id is given an identity, at every version", async (peer) => {
    for (let version = 0; version <= 5; version++) {
      const p = new Producer(peer, `p${version}`);
      await p.inits({ version });
      await p.inits({ version });
    }
    const p = new Producer(peer, "p");
    await p.inits({ transactionalId: "" });
    for (const timeoutMs of [0, -1, 900_001, 2_147_483_647]) await p.inits({ timeoutMs });
    await p.inits({ timeoutMs: 900_000 });
    await p.inits({ timeoutMs: 1 });
  }),

  scenario("a producer that nobody knows wants to bump its epoch", async (peer) => {
    const p = new Producer(peer, "p");
    await p.inits({ producerId: 7_777_777, epoch: 3 });
    await p.inits();
  }),

  scenario("partitions are added at every version", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    for (let version = 0; version <= 5; version++) {
      const p = new Producer(peer, `p${version}`);
      await p.inits();
      await p.adds(topic, [0, 1], { version });
      await p.adds(topic, [0], { version });
      await p.adds(topic, [0, 7], { version });
      await p.adds({ name: peer.unique("nowhere"), topicId: "" }, [0], { version });
      await p.adds(topic, [0], { version, producerId: p.producerId + 1000 });
      await p.adds(topic, [0], { version, epoch: p.epoch + 1 });
      await p.adds(topic, [0], { version, epoch: -1 });
      await p.adds(topic, [0], { version, transactionalId: "" });
      await p.adds(topic, [0], { version, transactionalId: peer.unique("nobody") });
      await p.adds(topic, [], { version });
    }
  }),

  scenario("a broker asks whether partitions are in a transaction", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const p = new Producer(peer, "p");
    await p.inits();
    await p.adds(topic, [0]);
    for (const version of [4, 5]) {
      await p.adds(topic, [0], { version, verifyOnly: true });
      await p.adds(topic, [0, 1], { version, verifyOnly: true });
      await p.adds(topic, [0], { version, verifyOnly: true, epoch: 5 });
    }
    await p.adds(topic, [1], { version: 4 });
    await p.aborts({ version: 4 });
    await p.adds(topic, [0], { version: 4, verifyOnly: true });
  }),

  scenario("groups are added at every version", async (peer) => {
    for (let version = 0; version <= 4; version++) {
      const p = new Producer(peer, `p${version}`);
      await p.inits();
      await p.addsGroup(peer.unique("group"), { version });
      await p.addsGroup("", { version });
      await p.addsGroup(peer.unique("group"), { version, producerId: p.producerId + 1000 });
      await p.addsGroup(peer.unique("group"), { version, epoch: p.epoch + 1 });
      await p.addsGroup(peer.unique("group"), { version, epoch: -1 });
      await p.addsGroup(peer.unique("group"), { version, transactionalId: peer.unique("nobody") });
      await p.commits({ version: Math.max(version, 0) });
    }
  }),

  scenario(
    "transactions are ended at every version, by those who may and those who may not",
    async (peer) => {
      const topic = await peer.topic("topic");
      for (let version = 0; version <= 5; version++) {
        const p = new Producer(peer, `p${version}`);
        await p.inits();
        await p.adds(topic);
        await p.produces(topic, [`by ${version}`]);
        await p.commits({ version, producerId: p.producerId + 1000 });
        await p.commits({ version, epoch: p.epoch + 1 });
        await p.commits({ version, epoch: -1 });
        await p.commits({ version, transactionalId: peer.unique("nobody") });
        await p.commits({ version, transactionalId: "" });
        await p.commits({ version });
      }
      await reads(peer, topic, 12);
    },
  ),

  loneScenario("a client of version 1 must add its partitions", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const p = new Producer(peer, "p", { transactions: 1 });
    await p.inits();
    for (let version = 3; version <= 11; version++) await p.produces(topic, ["no"], { version });
    await p.adds(topic, [0]);
    for (let version = 3; version <= 11; version++) await p.produces(topic, ["yes"], { version });
    await p.produces(topic, ["no"], { partition: 1 });
    await p.commits();
    await reads(peer, topic, 10);
    await p.produces(topic, ["no"]);
  }),

  scenario("a client of version 2 need not add its partitions", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const p = new Producer(peer, "p");
    await p.inits();
    await p.produces(topic, ["one"], { version: 12 });
    await p.produces(topic, ["two"], { partition: 1 });
    await shows(peer, "p");
    await p.commits();
    await reads(peer, topic, 2);
  }),

  ...both("a batch must fit its producer's transaction", async (peer, p, word) => {
    const topic = await peer.topic(word);
    await p.adds(topic);
    await p.produces(topic, ["another's id"], { transactionalId: peer.unique("other") });
    await p.produces(topic, ["no id"], { transactionalId: null });
    await p.produces(topic, ["an empty id"], { transactionalId: "" });
    await p.produces(topic, ["another's producer"], { producerId: p.producerId + 1000 });
    await p.produces(topic, ["an epoch to come"], { epoch: p.epoch + 1 });
    await p.produces(topic, ["right"]);
    await p.produces(topic, ["an epoch before"], { epoch: p.epoch - 1 });
    await p.produces(topic, ["a gap"], { sequence: 5 });
    await p.produces(topic, ["right"], { sequence: 0 });
    await p.produces(topic, ["not transactional"], { isTransactional: false, transactionalId: null });
    await p.commits();
    await reads(peer, topic, 2);
  }),

  ...both("a new epoch begins with new sequences", async (peer, p, word) => {
    const topic = await peer.topic(word);
    await p.adds(topic);
    await p.produces(topic, ["one"]);
    await p.produces(topic, ["two"]);
    await p.commits();
    await p.adds(topic);
    await p.produces(topic, ["a gap"], { sequence: 7 });
    await p.produces(topic, ["three"]);
    await p.aborts();
    await p.inits();
    await p.adds(topic);
    await p.produces(topic, ["a gap"], { sequence: 3 });
    await p.produces(topic, ["four"]);
    await p.commits();
    await reads(peer, topic, 7);
  }),

  scenario("what is open holds back what was committed behind it", async (peer) => {
    const topic = await peer.topic("topic");
    const [slow, fast, plain] = [
      new Producer(peer, "slow"),
      new Producer(peer, "fast"),
      new Producer(peer, "plain", { transactionalId: null }),
    ];
    for (const producer of [slow, fast, plain]) await producer.inits();
    await plain.produces(topic, ["before"]);
    await slow.produces(topic, ["slow"]);
    await fast.produces(topic, ["fast"]);
    await fast.commits();
    await reads(peer, topic, 4);
    await plain.produces(topic, ["behind"]);
    await reads(peer, topic, 5);
    await fast.produces(topic, ["fast again"]);
    await fast.aborts();
    await reads(peer, topic, 7);
    await slow.commits();
    await reads(peer, topic, 8);
    await reads(peer, topic, 8, { offset: 2 });
    await reads(peer, topic, 8, { offset: 5 });
    await reads(peer, topic, 8, { offset: 6 });
    await reads(peer, topic, 8, { offset: 8 });
  }),

  scenario("offsets are asked for while a transaction is open", async (peer) => {
    const topic = await peer.topic("topic");
    const p = new Producer(peer, "p");
    await p.inits();
    await p.produces(topic, ["one"]);
    await p.commits();
    await p.produces(topic, ["two", "three"]);
    await reads(peer, topic, 4);
    const asks = async (isolationLevel: number) => {
      const times = { latest: LATEST, earliest: -2, largest: -3, then: WRITTEN_MS, later: WRITTEN_MS + 1 };
      for (const [word, timestamp] of Object.entries(times)) {
        await peer.ask(`${word}, level ${isolationLevel}`, api.listOffsets, 8, {
          replicaId: -1,
          isolationLevel,
          topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, timestamp }] }],
        });
      }
    };
    await asks(0);
    await asks(1);
    await p.aborts();
    await reads(peer, topic, 5);
    await asks(1);
  }),

  ...both("a transaction that takes too long is aborted", async (peer, p, word) => {
    const topic = await peer.topic(word);
    await p.inits({ timeoutMs: 700 });
    await p.adds(topic);
    await p.produces(topic, ["slow"]);
    await reads(peer, topic, 2);
    await shows(peer, "p");
    await p.produces(topic, ["late"]);
    await p.adds(topic);
    await p.commits();
    await p.aborts();
    await p.inits({ producerId: p.producerId, epoch: p.epoch });
    await p.adds(topic);
    await p.produces(topic, ["on it goes"]);
    await p.commits();
    await reads(peer, topic, 4);
  }),
];
