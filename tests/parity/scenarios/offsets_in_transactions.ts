import { ErrorCode } from "../../../src/base/error_codes.ts";
import { Committer, fetchOffsetsInput } from "../actors/committer.ts";
import { GroupAdmin } from "../actors/group_admin.ts";
import { Member, together } from "../actors/member.ts";
import { Producer } from "../actors/producer.ts";
import { api } from "../api.ts";
import { loneScenario, scenario } from "../scenario.ts";

/** Offsets that take effect with a transaction. */
export const transactionalOffsets = [
  ...([1, 2] as const).flatMap((transactions) => [
    scenario(`offsets count when their transaction commits, version ${transactions}`, async (peer) => {
      const topic = await peer.topic("topic", { partitions: 2 });
      const p = new Producer(peer, "p", { transactions });
      const c = new Committer(peer, "c");
      const stable = { requireStable: true, of: [[topic, [0, 1]]] } as const;
      await p.inits();
      await c.commits([{ topic, offset: 1 }]);
      if (transactions === 1) await p.addsGroup(c.group);
      await p.commitsOffsets(c.group, [{ topic, offset: 5, metadata: "in the transaction", leaderEpoch: 0 }]);
      await c.fetches();
      for (const version of [7, 8, 9, 10]) await c.fetches({ version, ...stable });
      await c.fetches({ requireStable: true });
      await p.commits();
      await c.client.askUntil(
        "fetches when stable",
        api.offsetFetch,
        9,
        fetchOffsetsInput(c.group, 9, stable),
        ({ groups }) => groups[0]?.topics[0]?.partitions.every(({ errorCode }) => errorCode === 0) ?? false,
      );
    }),

    scenario(`offsets are forgotten when their transaction aborts, version ${transactions}`, async (peer) => {
      const topic = await peer.topic("topic");
      const p = new Producer(peer, "p", { transactions });
      const c = new Committer(peer, "c");
      await p.inits();
      if (transactions === 1) await p.addsGroup(c.group);
      await p.commitsOffsets(c.group, [{ topic, offset: 5 }]);
      await c.fetches({ requireStable: true, of: [[topic, [0]]] });
      await p.aborts();
      await c.client.askUntil(
        "fetches when stable",
        api.offsetFetch,
        9,
        fetchOffsetsInput(c.group, 9, { requireStable: true, of: [[topic, [0]]] }),
        ({ groups }) => groups[0]?.topics[0]?.partitions[0]?.errorCode === 0,
      );
      await new GroupAdmin(peer).describes();
    }),
  ]),

  loneScenario("offsets are committed in transactions at every version", async (peer) => {
    const topic = await peer.topic("topic");
    for (let version = 0; version <= 5; version++) {
      const p = new Producer(peer, `p${version}`);
      const group = peer.unique(`group ${version}`);
      await p.inits();
      await p.commitsOffsets(group, [{ topic, offset: 1 }], { version });
      await p.addsGroup(group);
      await p.commitsOffsets(group, [{ topic, offset: 2 }], { version });
      await p.commitsOffsets(group, [{ topic, offset: 2 }], { version, producerId: p.producerId + 1000 });
      await p.commitsOffsets(group, [{ topic, offset: 2 }], { version, epoch: p.epoch + 1 });
      await p.commitsOffsets(group, [{ topic, offset: 2 }], { version, epoch: -1 });
      await p.commitsOffsets(group, [{ topic, offset: 2 }], {
        version,
        transactionalId: peer.unique("nobody"),
      });
      await p.commitsOffsets("", [{ topic, offset: 2 }], { version });
      await p.commitsOffsets(group, [
        { topic, offset: 1, partition: 7 },
        { topic: { name: peer.unique("nowhere"), topicId: "" }, offset: 1 },
        { topic, offset: 1, metadata: "m".repeat(5000) },
      ], { version });
      await p.commitsOffsets(group, [], { version });
    }
  }),

  scenario("a transaction's offsets must come from a member of the group, if they say that", async (peer) => {
    const topic = await peer.topic("topic");
    const [a, b] = [new Member(peer, "a"), new Member(peer, "b", { instanceId: "i" })];
    const p = new Producer(peer, "p");
    await p.inits();
    const commits = (who: { memberId?: string; generationId?: number; instanceId?: string | null }) =>
      p.commitsOffsets(a.group, [{ topic, offset: 1 }], who);
    await commits({ memberId: "nobody", generationId: 1 });
    await together(a, b);
    await commits({});
    await commits({ memberId: a.memberId, generationId: a.generationId });
    await commits({ memberId: b.memberId, generationId: b.generationId, instanceId: "i" });
    await commits({ memberId: a.memberId, generationId: a.generationId - 1 });
    await commits({ memberId: a.memberId });
    await commits({ memberId: "nobody", generationId: a.generationId });
    await commits({ memberId: a.memberId, generationId: a.generationId, instanceId: "i" });
    await commits({ memberId: a.memberId, generationId: a.generationId, instanceId: "j" });
    const joining = a.joins();
    await b.heartbeatsUntil(ErrorCode.REBALANCE_IN_PROGRESS);
    await commits({ memberId: a.memberId, generationId: a.generationId });
    await Promise.all([joining, b.joins()]);
    await commits({ memberId: a.memberId, generationId: a.generationId });
  }),

  scenario("an offset committed outside is not undone by a transaction that was earlier", async (peer) => {
    const topic = await peer.topic("topic");
    const [p, c] = [new Producer(peer, "p"), new Committer(peer, "c")];
    await p.inits();
    await p.commitsOffsets(c.group, [{ topic, offset: 1 }]);
    await c.commits([{ topic, offset: 9 }]);
    await c.fetches();
    await c.fetches({ requireStable: true });
    await p.commits();
    await p.commitsOffsets(c.group, [{ topic, offset: 2 }]);
    await c.fetches();
  }),

  scenario("of two transactions the one that wrote last counts", async (peer) => {
    const topic = await peer.topic("topic");
    const [p, q, c] = [new Producer(peer, "p"), new Producer(peer, "q"), new Committer(peer, "c")];
    await p.inits();
    await q.inits();
    await p.commitsOffsets(c.group, [{ topic, offset: 1 }]);
    await q.commitsOffsets(c.group, [{ topic, offset: 2 }]);
    const stable = (offset: number) =>
      c.client.askUntil(
        "fetches",
        api.offsetFetch,
        9,
        fetchOffsetsInput(c.group, 9),
        ({ groups }) => groups[0]?.topics[0]?.partitions[0]?.committedOffset === offset,
      );
    await q.commits();
    await stable(2);
    await c.fetches({ requireStable: true });
    await p.commits();
    await p.commitsOffsets(c.group, [{ topic, offset: 3 }]);
    await stable(2);
  }),

  scenario("deleted offsets do not come back with a transaction", async (peer) => {
    const topic = await peer.topic("topic");
    const [p, c, admin] = [new Producer(peer, "p"), new Committer(peer, "c"), new GroupAdmin(peer)];
    await p.inits();
    await p.commitsOffsets(c.group, [{ topic, offset: 1 }]);
    await c.deletes([[topic.name, [0]]]);
    await c.fetches({ requireStable: true, of: [[topic, [0]]] });
    await p.commits();
    await p.commitsOffsets(c.group, [{ topic, offset: 2 }]);
    await admin.deletes();
    await c.fetches({ requireStable: true, of: [[topic, [0]]] });
    await p.commits();
    await p.inits();
    await c.fetches({ of: [[topic, [0]]] });
  }),

  scenario("a new producer forgets the offsets that the old one left open", async (peer) => {
    const topic = await peer.topic("topic");
    const [old, young] = [new Producer(peer, "old", { transactionalId: "t" }), new Producer(peer, "t")];
    const c = new Committer(peer, "c");
    await old.inits();
    await old.commitsOffsets(c.group, [{ topic, offset: 1 }]);
    await young.inits();
    await c.fetches({ requireStable: true, of: [[topic, [0]]] });
    await old.commitsOffsets(c.group, [{ topic, offset: 1 }]);
    await young.commitsOffsets(c.group, [{ topic, offset: 2 }]);
    await young.commits();
    await c.client.askUntil(
      "fetches",
      api.offsetFetch,
      9,
      fetchOffsetsInput(c.group, 9),
      ({ groups }) => groups[0]?.topics.length === 1,
    );
  }),
];
