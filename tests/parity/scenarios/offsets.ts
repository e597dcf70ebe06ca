import { ErrorCode } from "../../../src/base/error_codes.ts";
import { zeroUuid } from "../../../src/protocol/mod.ts";
import { Committer, fetchOffsetsInput } from "../actors/committer.ts";
import { GroupAdmin } from "../actors/group_admin.ts";
import { Member, together } from "../actors/member.ts";
import { api } from "../api.ts";
import { UNKNOWN_ID } from "../common.ts";
import { scenario } from "../scenario.ts";

const COMMIT_VERSIONS = [2, 3, 4, 5, 6, 7, 8, 9, 10];
const FETCH_VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

export const offsets = [
  scenario("offsets are committed and fetched at every version", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 3 });
    const c = new Committer(peer, "c");
    const of = [[topic, [0, 1, 2]]] as const;
    for (const version of COMMIT_VERSIONS) {
      await c.commits([
        { topic, offset: version, metadata: `by ${version}`, leaderEpoch: 0 },
        { topic, partition: 2, offset: 100 + version },
      ], { version });
      await c.fetches({ version, of });
    }
    for (const version of FETCH_VERSIONS) await c.fetches({ version, of });
  }),

  scenario("all offsets of a group are fetched", async (peer) => {
    const [one, two] = [await peer.topic("one", { partitions: 2 }), await peer.topic("two")];
    const c = new Committer(peer, "c");
    for (const version of FETCH_VERSIONS) await c.fetches({ version });
    await c.commits([
      { topic: one, offset: 1 },
      { topic: one, partition: 1, offset: 2, leaderEpoch: 7, metadata: "said" },
      { topic: two, offset: 3 },
    ]);
    for (const version of FETCH_VERSIONS) await c.fetches({ version });
  }),

  scenario("offsets of several groups are fetched at once", async (peer) => {
    const topic = await peer.topic("topic");
    for (const group of ["one", "two"]) {
      await new Committer(peer, group, { group }).commits([{ topic, offset: group.length }]);
    }
    const groups = ["one", "two", "nowhere", "one"].map((group) => peer.unique(group));
    for (const version of [8, 9, 10]) {
      await peer.ask(`their offsets, version ${version}`, api.offsetFetch, version, {
        groupId: "",
        topics: [],
        groups: groups.map((groupId, index) => ({
          groupId,
          topics: index === 1 ? null : [{ ...topic, partitionIndexes: [0] }],
        })),
      });
      const all = { groupId: peer.unique("one"), topics: null };
      await peer.ask(`all of one twice, version ${version}`, api.offsetFetch, version, {
        groupId: "",
        topics: [],
        groups: [all, all],
      });
      await peer.ask(`of none, version ${version}`, api.offsetFetch, version, {
        groupId: "",
        topics: [],
        groups: [],
      });
    }
  }),

  scenario("what is fetched may not exist", async (peer) => {
    const topic = await peer.topic("topic");
    const nowhere = { name: peer.unique("nowhere"), topicId: UNKNOWN_ID };
    const c = new Committer(peer, "c");
    const asks = async () => {
      for (const version of FETCH_VERSIONS) {
        await c.fetches({ version, of: [[topic, [0, 7, -1]], [nowhere, [0, 1]]] });
        await c.fetches({ version, of: [[topic, [0, 0]], [topic, []]] });
      }
      await c.fetches({ version: 10, of: [[{ name: "", topicId: zeroUuid }, [0]]] });
      await c.fetches({
        of: [[{ name: "", topicId: zeroUuid }, [0]], [{ name: "a/b", topicId: zeroUuid }, [0]]],
      });
      await c.fetches({ of: [] });
    };
    await asks();
    await c.commits([{ topic, offset: 5 }]);
    await asks();
  }),

  scenario("what is committed may not exist", async (peer) => {
    const topic = await peer.topic("topic");
    const nowhere = { name: peer.unique("nowhere"), topicId: UNKNOWN_ID };
    const c = new Committer(peer, "c");
    for (const version of COMMIT_VERSIONS) {
      await c.commits([{ topic: nowhere, offset: 1 }], { version });
      await c.commits([{ topic, offset: 1, partition: 7 }, { topic, offset: 1, partition: -1 }], { version });
      await c.commits([{ topic, offset: 1 }, { topic: nowhere, offset: 1 }, {
        topic,
        offset: 2,
        partition: 1,
      }], {
        version,
      });
      await c.commits([], { version });
    }
    await c.commits([{ topic: { name: "", topicId: zeroUuid }, offset: 1 }]);
    await c.commits([{ topic: { name: "", topicId: zeroUuid }, offset: 1 }], { version: 10 });
    await c.commits([{ topic: { name: "a/b", topicId: zeroUuid }, offset: 1 }]);
    await c.fetches();
  }),

  scenario("an offset may be anything", async (peer) => {
    const topic = await peer.topic("topic");
    const c = new Committer(peer, "c");
    for (const offset of [0, -1, -2, 2 ** 40]) {
      await c.commits([{ topic, offset }]);
      await c.fetches();
    }
    for (const leaderEpoch of [0, -1, -2, 2_147_483_647]) {
      await c.commits([{ topic, offset: 1, leaderEpoch }]);
      await c.fetches();
    }
  }),

  scenario("an offset is committed twice in one request", async (peer) => {
    const topic = await peer.topic("topic");
    const c = new Committer(peer, "c");
    await c.commits([{ topic, offset: 1 }, { topic: { ...topic }, offset: 2 }, { topic, offset: 3 }]);
    await c.fetches();
  }),

  scenario("metadata has a largest size", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 5 });
    const c = new Committer(peer, "c");
    const metadata = ["m".repeat(4096), "m".repeat(4097), "ä".repeat(4096), null, ""];
    for (const version of [2, 5, 8, 10]) {
      await c.commits(
        metadata.map((each, partition) => ({ topic, partition, offset: version, metadata: each })),
        { version },
      );
    }
    await c.fetches();
  }),

  scenario("a group without a name has offsets, too", async (peer) => {
    const topic = await peer.topic("topic");
    const c = new Committer(peer, "c");
    await c.commits([{ topic, offset: 4 }], { group: "" });
    for (const version of [1, 7, 8, 9]) await c.fetches({ version, group: "", of: [[topic, [0]]] });
    await c.deletes([[topic.name, [0]]], "");
    await new GroupAdmin(peer).deletes([""]);
    await c.fetches({ group: "" });
  }),

  scenario("a member of a group that does not exist commits, at every version", async (peer) => {
    const topic = await peer.topic("topic");
    const c = new Committer(peer, "c");
    for (const version of COMMIT_VERSIONS) {
      await c.commits([{ topic, offset: 1 }], { version, memberId: "m", generationId: 3 });
      await c.commits([{ topic, offset: 1 }], { version, memberId: "", generationId: 0 });
    }
    await c.fetches();
    await c.commits([{ topic, offset: 1 }], { memberId: "m", generationId: -1 });
    await c.commits([{ topic, offset: 2 }], { memberId: "m", generationId: 1 });
    await c.commits([{ topic, offset: 3 }], { instanceId: "i" });
    await c.fetches();
  }),

  scenario("somebody who is no member commits for a group that has some", async (peer) => {
    const topic = await peer.topic("topic");
    const [a, c] = [new Member(peer, "a"), new Committer(peer, "c")];
    await a.joins();
    await c.commits([{ topic, offset: 1 }]);
    await a.syncs([[a, "all"]]);
    for (const version of COMMIT_VERSIONS) await c.commits([{ topic, offset: 1 }], { version });
    await c.commits([{ topic, offset: 1 }], { memberId: "nobody", generationId: 1 });
    await c.commits([{ topic, offset: 1 }], { memberId: "nobody", generationId: -1 });
    await c.commits([{ topic, offset: 1 }], { memberId: "", generationId: 1 });
    await c.commits([{ topic, offset: 1 }], { instanceId: "i" });
    await a.leaves();
    await c.commits([{ topic, offset: 1 }]);
    await c.fetches();
  }),

  scenario("a member commits in every state of its group", async (peer) => {
    const topic = await peer.topic("topic");
    const [a, b] = [new Member(peer, "a"), new Member(peer, "b")];
    await a.joins();
    for (const version of COMMIT_VERSIONS) await a.commits([{ topic, offset: 1 }], { version });
    await a.syncs([[a, "all"]]);
    for (const version of COMMIT_VERSIONS) await a.commits([{ topic, offset: 2 }], { version });
    for (const generationId of [0, 2, -1]) await a.commits([{ topic, offset: 3 }], { generationId });
    const joining = b.joins();
    await a.heartbeatsUntil(ErrorCode.REBALANCE_IN_PROGRESS);
    for (const version of COMMIT_VERSIONS) await a.commits([{ topic, offset: 4 }], { version });
    await Promise.all([joining, a.joins()]);
    for (const member of [a, b]) await member.commits([{ topic, offset: 5 }]);
    await new Committer(peer, "c").fetches();
  }),

  scenario("who has left commits no more", async (peer) => {
    const topic = await peer.topic("topic");
    const [a, b] = [new Member(peer, "a"), new Member(peer, "b")];
    await together(a, b);
    await b.leaves();
    await b.commits([{ topic, offset: 1 }]);
    await a.leaves();
    await a.commits([{ topic, offset: 1 }]);
    await a.commits([{ topic, offset: 2 }], { generationId: -1 });
  }),

  scenario("a member tells its epoch when it fetches, and a classic group does not care", async (peer) => {
    const topic = await peer.topic("topic");
    const [a, c] = [new Member(peer, "a"), new Committer(peer, "c")];
    await a.joins();
    await c.fetches({ memberId: "nobody", memberEpoch: 7, of: [[topic, [0]]] });
    await c.fetches({ memberId: a.memberId, memberEpoch: 1 });
  }),

  scenario("a group that has nothing but offsets is a group", async (peer) => {
    const topic = await peer.topic("topic");
    const [c, admin, a] = [new Committer(peer, "c"), new GroupAdmin(peer), new Member(peer, "a")];
    await c.commits([{ topic, offset: 1 }]);
    for (const version of [0, 5, 6]) await admin.describes(["group"], version);
    await admin.lists();
    await a.joins();
    await a.leaves();
    await admin.lists();
    await admin.deletes();
    await c.fetches();
    await admin.lists();
  }),

  scenario("offsets are deleted", async (peer) => {
    const topic = await peer.topic("topic", { partitions: 2 });
    const c = new Committer(peer, "c");
    const nowhere = peer.unique("nowhere");
    await c.deletes([[topic.name, [0]]]);
    await c.commits([{ topic, offset: 1 }, { topic, partition: 1, offset: 2 }]);
    await c.deletes([[topic.name, [0]], [nowhere, [0]]]);
    await c.fetches();
    await c.deletes([[topic.name, [0, 1, 7, -1]]]);
    await c.deletes([]);
    await c.deletes([[topic.name, []]]);
    await c.deletes([[nowhere, [0]]], peer.unique("no group"));
    await c.deletes([], peer.unique("no group"));
    await c.fetches();
    await new GroupAdmin(peer).describes();
  }),

  scenario("offsets of topics that members read are not deleted", async (peer) => {
    const [one, two] = [await peer.topic("one"), await peer.topic("two")];
    const a = new Member(peer, "a", { reads: [one.name] });
    const c = new Committer(peer, "c");
    await a.joins();
    await a.syncs([[a, "all"]]);
    await a.commits([{ topic: one, offset: 1 }, { topic: two, offset: 2 }]);
    await c.deletes([[one.name, [0]], [two.name, [0]]]);
    await c.fetches();
    await a.leaves();
    await c.deletes([[one.name, [0]]]);
    await c.fetches();
  }),

  scenario("offsets of a group that is no consumers' are not deleted while it has members", async (peer) => {
    const topic = await peer.topic("topic");
    const a = new Member(peer, "a", { protocolType: "connect" });
    const c = new Committer(peer, "c");
    await a.joins();
    await c.deletes([[topic.name, [0]]]);
    await a.syncs([[a, "all"]]);
    await a.commits([{ topic, offset: 1 }]);
    await c.deletes([[topic.name, [0]]]);
    await a.leaves();
    await c.deletes([[topic.name, [0]]]);
    await c.fetches();
  }),

  scenario("offsets go with their topic", async (peer) => {
    const [topic, other] = [await peer.topic("topic"), await peer.topic("other")];
    const c = new Committer(peer, "c");
    await c.commits([{ topic, offset: 1 }, { topic: other, offset: 2 }]);
    await peer.send(api.deleteTopics, 6, {
      topics: [{ name: topic.name, topicId: zeroUuid }],
      timeoutMs: 10_000,
    });
    await peer.whenGone(topic.name);
    await c.client.askUntil(
      "fetches all",
      api.offsetFetch,
      9,
      fetchOffsetsInput(c.group, 9),
      ({ groups }) => groups[0]?.topics.length === 1,
    );
    await c.fetches({ of: [[topic, [0]]] });
    await c.fetches({ version: 10, of: [[topic, [0]]] });
    const again = await peer.topic("topic");
    await c.fetches({ of: [[again, [0]]] });
    await c.fetches({ version: 10, of: [[again, [0]], [topic, [0]]] });
  }),
];
