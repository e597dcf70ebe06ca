import { Producer, reads } from "../actors/producer.ts";
import { api } from "../api.ts";
import { pause } from "../client.ts";
import { scenario } from "../scenario.ts";
import { shows, showsProducers } from "../actors/transaction_admin.ts";

/** What operators ask and do about transactions. */
export const transactionAdmin = [
  scenario("transactions are described in every state", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const p = new Producer(peer, "p");
    await shows(peer, "p");
    await p.inits();
    await shows(peer, "p");
    await p.produces(topic, ["one"]);
    await shows(peer, "p");
    await p.commits();
    await shows(peer, "p");
    await p.produces(topic, ["two"]);
    await p.aborts();
    await shows(peer, "p", "nobody", "p");
    await peer.ask("nobody", api.describeTransactions, 0, { transactionalIds: [""] });
    await peer.ask("none", api.describeTransactions, 0, { transactionalIds: [] });
  }),

  scenario("transactions are listed by state, producer, age and name", async (peer) => {
    const topic = await peer.topic("topic");
    const [done, open, fresh] = ["done", "open", "fresh"].map((name) => new Producer(peer, name));
    if (done === undefined || open === undefined || fresh === undefined) return;
    for (const producer of [done, open, fresh]) await producer.inits();
    await done.produces(topic, ["one"]);
    await done.commits();
    await open.produces(topic, ["two"]);
    await shows(peer, "done");
    await pause(50);
    const lists = (question: string, version: number, filters: object) =>
      peer.ask(question, api.listTransactions, version, {
        stateFilters: [],
        producerIdFilters: [],
        ...filters,
      });
    for (const version of [0, 1, 2]) {
      await lists(`all, version ${version}`, version, {});
      await lists(`open ones, version ${version}`, version, { stateFilters: ["Ongoing"] });
      await lists(`two states, version ${version}`, version, { stateFilters: ["Empty", "CompleteCommit"] });
      await lists(`a state in small letters, version ${version}`, version, { stateFilters: ["ongoing"] });
      await lists(`no state, version ${version}`, version, { stateFilters: ["nonsense", "Empty"] });
      await lists(`one producer's, version ${version}`, version, { producerIdFilters: [open.producerId] });
      await lists(`nobody's, version ${version}`, version, { producerIdFilters: [987_654_321] });
    }
    await lists("old ones", 1, { durationFilter: 20 });
    await lists("very old ones", 1, { durationFilter: 3_600_000 });
    await lists("of any age", 1, { durationFilter: 0 });
    await lists("of a name", 2, { transactionalIdPattern: `(open|fresh).*${peer.unique("")}` });
    await lists("of part of a name", 2, { transactionalIdPattern: "open" });
    await lists("of an empty name", 2, { transactionalIdPattern: "" });
    await lists("of no pattern", 2, { transactionalIdPattern: "(" });
  }),

  scenario("producers are described, in and out of transactions", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const [p, plain] = [new Producer(peer, "p"), new Producer(peer, "plain", { transactionalId: null })];
    await p.inits();
    await plain.inits();
    await showsProducers(peer, topic.name, [0, 1]);
    await plain.produces(topic, ["one", "two"]);
    await p.produces(topic, ["three"]);
    await showsProducers(peer, topic.name, [0]);
    await p.commits();
    await reads(peer, topic, 4);
    await showsProducers(peer, topic.name, [0]);
    await showsProducers(peer, topic.name, [7, -1]);
    await showsProducers(peer, peer.unique("nowhere"));
    await showsProducers(peer, "");
  }),

  scenario("an operator ends what hangs in a partition", async (peer) => {
    const topic = await peer.topic("topic");
    const p = new Producer(peer, "p");
    await p.inits();
    await p.produces(topic, ["hanging"]);
    const marker = {
      producerId: p.producerId,
      producerEpoch: p.epoch,
      transactionResult: false,
      topics: [{ name: topic.name, partitionIndexes: [0] }],
      coordinatorEpoch: 0,
    };
    const writes = (question: string, more: object, version = 1) =>
      peer.ask(question, api.writeTxnMarkers, version, { markers: [{ ...marker, ...more }] });
    await writes("in no partition", { topics: [{ name: topic.name, partitionIndexes: [9] }] });
    await writes("in no topic", { topics: [{ name: peer.unique("nowhere"), partitionIndexes: [0] }] });
    await writes("of an epoch before", { producerEpoch: -1 });
    await writes("as it should be", {});
    await reads(peer, topic, 2);
    await writes("again", {});
    await writes("again, version 2", {}, 2);
    await writes("of nobody", { producerId: 987_654_321 });
  }),
];
