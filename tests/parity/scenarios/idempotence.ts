import { Producer, reads } from "../actors/producer.ts";
import { api } from "../api.ts";
import type { Peer } from "../peer.ts";
import { scenario } from "../scenario.ts";

async function idempotent(peer: Peer, name: string): Promise<Producer> {
  const producer = new Producer(peer, name, { transactionalId: null });
  await producer.inits();
  return producer;
}

export const idempotence = [
  scenario("producers write in turn, each in its own sequence", async (peer) => {
    const topic = await peer.topic("topic");
    const [a, b] = [await idempotent(peer, "a"), await idempotent(peer, "b")];
    for (const round of ["one", "two", "three"]) {
      await a.produces(topic, [`a ${round}`]);
      await b.produces(topic, [`b ${round}`, "and more"]);
    }
    await a.produces(topic, ["a gap"], { sequence: 4 });
    await b.produces(topic, ["not a gap"], { sequence: 6 });
    await reads(peer, topic, 10);
  }),

  scenario("a producer has a sequence for each partition", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const a = await idempotent(peer, "a");
    await a.produces(topic, ["one", "two"]);
    await a.produces(topic, ["one"], { partition: 1 });
    await a.produces(topic, ["a gap"], { partition: 1, sequence: 2 });
    await a.produces(topic, ["three"]);
  }),

  scenario("each of the last five batches may be sent again", async (peer) => {
    const topic = await peer.topic("topic");
    const a = await idempotent(peer, "a");
    for (let sequence = 0; sequence < 12; sequence += 2) await a.produces(topic, ["x", "y"]);
    for (let sequence = 0; sequence < 12; sequence += 2) await a.produces(topic, ["x", "y"], { sequence });
    await a.produces(topic, ["x"], { sequence: 10 });
    await a.produces(topic, ["y"], { sequence: 11 });
    await a.produces(topic, ["y", "z"], { sequence: 11 });
    await reads(peer, topic, 12);
  }),

  scenario("a gap is refused until it is filled", async (peer) => {
    const topic = await peer.topic("topic");
    const a = await idempotent(peer, "a");
    await a.produces(topic, ["0"]);
    await a.produces(topic, ["2"], { sequence: 2 });
    await a.produces(topic, ["3"], { sequence: 3 });
    await a.produces(topic, ["1"], { sequence: 1 });
    await a.produces(topic, ["2"], { sequence: 2 });
    await a.produces(topic, ["3"], { sequence: 3 });
    await reads(peer, topic, 4);
  }),

  scenario("a new producer may not begin in the middle, unless nobody knows it", async (peer) => {
    const topic = await peer.topic("topic");
    const [a, b] = [await idempotent(peer, "a"), await idempotent(peer, "b")];
    await a.produces(topic, ["middle"], { sequence: 9 });
    await a.produces(topic, ["on"], { sequence: 10 });
    await b.produces(topic, ["first"], { sequence: 0 });
    await b.produces(topic, ["middle"], { sequence: 9 });
  }),

  scenario("a higher epoch begins anew, a lower one is over", async (peer) => {
    const topic = await peer.topic("topic");
    const a = await idempotent(peer, "a");
    await a.produces(topic, ["old"]);
    await a.produces(topic, ["in the middle"], { epoch: 1, sequence: 1 });
    await a.produces(topic, ["new"], { epoch: 1, sequence: 0 });
    await a.produces(topic, ["far"], { epoch: 9, sequence: 0 });
    for (const epoch of [0, 1, 8]) await a.produces(topic, ["late"], { epoch, sequence: 1 });
    await a.produces(topic, ["on"], { epoch: 9, sequence: 1 });
    await a.produces(topic, ["the last"], { epoch: 32_767, sequence: 0 });
    await reads(peer, topic, 5);
  }),

  scenario("an idempotent producer that wants to bump its epoch gets another id (KIP-360)", async (peer) => {
    const topic = await peer.topic("topic");
    const a = await idempotent(peer, "a");
    await a.produces(topic, ["one"]);
    const { producerId, epoch } = a;
    for (const version of [3, 4, 5]) await a.inits({ version, producerId, epoch });
    await a.produces(topic, ["two"]);
    await a.produces(topic, ["three"], { producerId, epoch, sequence: 1 });
  }),

  scenario("a transactional batch by a producer without transactions", async (peer) => {
    const topic = await peer.topic("topic");
    const a = await idempotent(peer, "a");
    for (const version of [11, 12]) {
      await a.produces(topic, ["x"], { version, isTransactional: true });
      await a.produces(topic, ["x"], {
        version,
        isTransactional: true,
        transactionalId: peer.unique("nobody"),
      });
    }
  }),

  scenario("many batches are sent at once", async (peer) => {
    const topic = await peer.topic("topic");
    const a = await idempotent(peer, "a");
    const batches = Array.from(
      { length: 6 },
      (_, sequence) => a.produces(topic, [`${sequence}`], { sequence }),
    );
    await Promise.all(batches);
    await reads(peer, topic, 6);
  }),

  scenario("ids differ", async (peer) => {
    for (let version = 0; version <= 5; version++) {
      await peer.ask(`an id, version ${version}`, api.initProducerId, version, {
        transactionalId: null,
        transactionTimeoutMs: 1,
      });
    }
  }),
];
