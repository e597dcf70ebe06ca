import { Committer, fetchOffsetsInput } from "../actors/committer.ts";
import { GroupAdmin } from "../actors/group_admin.ts";
import { Member } from "../actors/member.ts";
import { Producer } from "../actors/producer.ts";
import { api } from "../api.ts";
import { scenario } from "../scenario.ts";

/** Kafka looks for expired offsets every few seconds only. */
export const expiry = [
  scenario("offsets live as long as the client says, and the group goes with the last", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const [c, admin] = [new Committer(peer, "c"), new GroupAdmin(peer)];
    await c.commits([{ topic, offset: 1 }], { version: 4, retentionTimeMs: 100 });
    await c.commits([{ topic, partition: 1, offset: 2 }], { version: 2, retentionTimeMs: 3_600_000 });
    await c.client.askUntil(
      "fetches all",
      api.offsetFetch,
      5,
      fetchOffsetsInput(c.group, 5),
      ({ topics }) => topics[0]?.partitions.length === 1,
    );
    await c.commits([{ topic, partition: 1, offset: 2 }], { version: 3, retentionTimeMs: 1 });
    await admin.waitsFor("Dead");
    await c.fetches();
  }),

  scenario("offsets do not expire while somebody reads the topic", async (peer) => {
    const [one, two] = [await peer.topic("one"), await peer.topic("two")];
    const a = new Member(peer, "a", { reads: [one.name], sessionTimeoutMs: 60_000 });
    const c = new Committer(peer, "c");
    await a.joins();
    await a.syncs([[a, "all"]]);
    const options = { version: 4, retentionTimeMs: 1 };
    await a.commits([{ topic: one, offset: 1 }, { topic: two, offset: 2 }], options);
    await c.client.askUntil(
      "fetches all",
      api.offsetFetch,
      5,
      fetchOffsetsInput(c.group, 5),
      ({ topics }) => topics.length === 1,
    );
    await a.leaves();
    await new GroupAdmin(peer).waitsFor("Dead");
  }),

  scenario("a group that everybody has left without an offset is forgotten", async (peer) => {
    const a = new Member(peer, "a");
    await a.joins();
    await a.leaves();
    await new GroupAdmin(peer).waitsFor("Dead");
  }),

  scenario("offsets do not expire while a transaction is about to commit others", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const [p, c, admin] = [new Producer(peer, "p"), new Committer(peer, "c"), new GroupAdmin(peer)];
    await p.inits();
    await p.commitsOffsets(c.group, [{ topic, offset: 2 }]);
    await c.commits([{ topic, offset: 1 }, { topic, offset: 1, partition: 1 }], {
      version: 4,
      retentionTimeMs: 1,
    });
    await c.client.askUntil(
      "fetches all",
      api.offsetFetch,
      5,
      fetchOffsetsInput(c.group, 5),
      ({ topics }) => topics[0]?.partitions.length === 1,
    );
    await p.aborts();
    await admin.waitsFor("Dead");
  }),
];
