import { ErrorCode } from "../../../src/base/error_codes.ts";
import { Committer } from "../actors/committer.ts";
import { Consumer, describesConsumers } from "../actors/consumer.ts";
import { GroupAdmin } from "../actors/group_admin.ts";
import { Member } from "../actors/member.ts";
import { Producer } from "../actors/producer.ts";
import { api } from "../api.ts";
import { UNKNOWN_ID } from "../common.ts";
import type { TopicRef } from "../../support/requests.ts";
import type { Peer } from "../peer.ts";
import { scenario } from "../scenario.ts";

const { FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID } = ErrorCode;

/** A topic that the coordinator of groups knows, which in Kafka is later than others do. */
export async function topicFor(
  peer: Peer,
  word: string,
  options: { readonly partitions?: number } = {},
): Promise<TopicRef> {
  const topic = await peer.topic(word, options);
  const scout = new Consumer(peer, "scout", { group: `group that looks for ${word}` });
  await scout.finds(topic.name);
  await peer.send(api.deleteGroups, 2, { groupsNames: [scout.group] });
  return topic;
}

export const consumerGroups = [
  scenario("a consumer that is alone gets all partitions", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 3 });
    const a = new Consumer(peer, "a");
    await a.joins({ reads: [topic.name] });
    await a.settles(3);
    await a.heartbeats();
    await describesConsumers(peer);
    await a.leaves();
    await describesConsumers(peer);
    await a.heartbeats();
  }),

  scenario("a consumer of version 0 is given an id", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const a = new Consumer(peer, "a");
    await a.joins({ version: 0, memberId: "", reads: [topic.name] });
    await a.heartbeats({ version: 0 });
    const b = new Consumer(peer, "b", { group: "other" });
    await b.joins({ version: 1, memberId: "", reads: [topic.name] });
  }),

  scenario("a consumer must say who it is and what it wants", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const a = new Consumer(peer, "a");
    const good = { reads: [topic.name], owns: [], rebalanceTimeoutMs: 30_000 };
    for (const version of [0, 1]) {
      await a.heartbeats({ ...good, version, group: "" });
      await a.heartbeats({ ...good, version, rebalanceTimeoutMs: -1 });
      await a.heartbeats({ ...good, version, rebalanceTimeoutMs: 0 });
      await a.heartbeats({ ...good, version, reads: null });
      await a.heartbeats({ ...good, version, owns: null });
      await a.heartbeats({ ...good, version, owns: [[topic.topicId, [0]]] });
      await a.heartbeats({ ...good, version, instanceId: "" });
      await a.heartbeats({ ...good, version, rackId: "" });
      await a.heartbeats({ ...good, version, assignor: "" });
      await a.heartbeats({ ...good, version, assignor: "nonsense" });
      await a.heartbeats({ ...good, version, epoch: -2 });
      await a.heartbeats({ ...good, version, epoch: -3 });
      await a.heartbeats({ ...good, version, epoch: 5 });
      await a.heartbeats({ version, memberId: "", epoch: 5 });
    }
    await describesConsumers(peer);
  }),

  scenario("a heartbeat must fit the member's epoch", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const a = new Consumer(peer, "a");
    await a.joins({ reads: [topic.name] });
    await a.settles(1);
    await a.heartbeats({ epoch: a.epoch + 1 });
    await a.heartbeats({ epoch: a.epoch - 1 });
    await a.heartbeats({ memberId: "nobody" });
    await a.heartbeats({ memberId: "nobody", epoch: -1 });
    await a.heartbeats({ epoch: -2 });
    await a.heartbeats({ instanceId: "i" });
    await a.heartbeats();
  }),

  scenario(
    "two consumers share, and the second waits until the first has given up its part",
    async (peer) => {
      const topic = await topicFor(peer, "topic", { partitions: 4 });
      const [a, b] = [new Consumer(peer, "a"), new Consumer(peer, "b")];
      await a.joins({ reads: [topic.name] });
      await a.settles(4);
      await b.joins({ reads: [topic.name] });
      await b.heartbeats();
      await describesConsumers(peer);
      await a.settles(2);
      await b.settles(2);
      await describesConsumers(peer);
      await b.leaves();
      await a.settles(4);
    },
  ),

  ...["range", "uniform"].map((assignor) =>
    scenario(`three consumers share six partitions by the ${assignor} assignor`, async (peer) => {
      const topic = await topicFor(peer, "topic", { partitions: 6 });
      const members = ["a", "b", "c"].map((name) => new Consumer(peer, name));
      for (const member of members) await member.joins({ reads: [topic.name], assignor });
      const epoch = Math.max(...members.map((member) => member.epoch));
      await Promise.all(members.map((member) => member.settles(2, epoch)));
      await describesConsumers(peer);
    })
  ),

  scenario("the range assignor divides each topic", async (peer) => {
    const [one, two] = [
      await topicFor(peer, "one", { partitions: 5 }),
      await topicFor(peer, "two", { partitions: 2 }),
    ];
    const members = ["a", "b", "c"].map((name) => new Consumer(peer, name));
    for (const member of members) await member.joins({ reads: [one.name, two.name], assignor: "range" });
    const epoch = Math.max(...members.map((member) => member.epoch));
    const shares = [3, 3, 1];
    await Promise.all(members.map((member, index) => member.settles(shares[index] ?? 0, epoch)));
    await describesConsumers(peer);
  }),

  scenario("a consumer changes what it reads", async (peer) => {
    const [one, two] = [
      await topicFor(peer, "one", { partitions: 2 }),
      await topicFor(peer, "two", { partitions: 3 }),
    ];
    const a = new Consumer(peer, "a");
    await a.joins({ reads: [one.name] });
    await a.settles(2);
    await a.heartbeats({ reads: [one.name, two.name] });
    await a.settles(5);
    await a.heartbeats({ reads: [two.name] });
    await a.settles(3);
    await a.heartbeats({ reads: [] });
    await a.settles(0);
    await a.heartbeats({ reads: [peer.unique("nowhere")] });
    await describesConsumers(peer);
  }),

  scenario("a consumer sees partitions that are added, and topics that come and go", async (peer) => {
    const name = peer.unique("later");
    const a = new Consumer(peer, "a");
    await a.joins({ reads: [name] });
    await a.settles(0);
    await peer.topic("later", { partitions: 2 });
    await a.settles(2);
    await describesConsumers(peer);
  }),

  scenario("a consumer reads what a pattern matches", async (peer) => {
    await topicFor(peer, "red", { partitions: 2 });
    await topicFor(peer, "green");
    const a = new Consumer(peer, "a");
    await a.joins({ reads: null, pattern: peer.unique("re.*") });
    await a.settles(2);
    await a.heartbeats({ pattern: peer.unique("(red|green)") });
    await a.settles(3);
    await a.heartbeats({ pattern: "" });
    await a.heartbeats({ pattern: "(" });
    await describesConsumers(peer);
  }),

  scenario("a pattern must be one", async (peer) => {
    const a = new Consumer(peer, "a");
    for (const pattern of ["(", "a{2,1}", "[z-a]", "*", "(?=x)", "\\1", "(?P<n>x", "a\\"]) {
      await a.joins({ reads: null, pattern });
    }
    await a.joins({ reads: null, pattern: "" });
  }),

  scenario("a consumer that says nothing for a session is out", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const [a, b] = [new Consumer(peer, "a"), new Consumer(peer, "b")];
    await a.joins({ reads: [topic.name] });
    await b.joins({ reads: [topic.name] });
    await a.settles(1);
    await a.settles(2);
    await b.heartbeats();
    await describesConsumers(peer);
  }),

  scenario("a consumer that does not give up its part in time is out", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const [a, b] = [new Consumer(peer, "a"), new Consumer(peer, "b")];
    await a.joins({ reads: [topic.name], rebalanceTimeoutMs: 300 });
    await a.settles(2);
    await b.joins({ reads: [topic.name] });
    await a.heartbeatsUntil(UNKNOWN_MEMBER_ID);
    await b.settles(2);
  }),

  scenario("a static consumer that comes back has what it had", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const before = new Consumer(peer, "before", { instanceId: "i" });
    const after = new Consumer(peer, "after", { instanceId: "i" });
    await before.joins({ reads: [topic.name] });
    await before.settles(2);
    await before.leaves(-2);
    await describesConsumers(peer);
    await after.joins({ reads: [topic.name] });
    await after.settles(2);
    await before.heartbeats();
    await describesConsumers(peer);
    await after.leaves();
    await describesConsumers(peer);
  }),

  scenario("an instance id that somebody has is not for another", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const a = new Consumer(peer, "a", { instanceId: "i" });
    const b = new Consumer(peer, "b", { instanceId: "i" });
    await a.joins({ reads: [topic.name] });
    await b.joins({ reads: [topic.name] });
    await b.leaves(-2);
    await b.leaves();
    await b.heartbeats({ epoch: 1 });
    await a.heartbeats({ instanceId: "j" });
    await a.heartbeats({ instanceId: null });
    await a.heartbeats();
  }),

  scenario("a consumer may join again with the epoch 0", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const a = new Consumer(peer, "a");
    await a.joins({ reads: [topic.name] });
    await a.settles(2);
    await a.joins({ reads: [topic.name] });
    await a.settles(2);
    await a.joins({ reads: [] });
    await a.settles(0);
  }),

  scenario("a consumer group has a largest size", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const members = ["a", "b", "c", "d", "e"].map((name) => new Consumer(peer, name));
    for (const member of members) await member.joins({ reads: [topic.name] });
  }),

  scenario("a consumer commits and fetches at its epoch", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const [a, c] = [new Consumer(peer, "a"), new Committer(peer, "c")];
    await a.joins({ reads: [topic.name] });
    await a.settles(2);
    for (let version = 2; version <= 10; version++) {
      await a.commits([{ topic, offset: version }], { version });
    }
    await a.commits([{ topic, offset: 20 }], { epoch: a.epoch - 1 });
    await a.commits([{ topic, offset: 20 }], { epoch: a.epoch + 1 });
    await a.commits([{ topic, offset: 20 }], { epoch: -1 });
    await a.commits([{ topic, offset: 20 }], { memberId: "nobody" });
    await a.commits([{ topic, offset: 20 }], { memberId: "", epoch: -1 });
    await c.commits([{ topic, offset: 20 }], { instanceId: "i" });
    for (
      const [memberId, memberEpoch] of [[a.memberId, a.epoch], [a.memberId, 0], ["nobody", 1], [
        "",
        -1,
      ]] as const
    ) {
      for (const version of [9, 10]) await c.fetches({ version, memberId, memberEpoch, of: [[topic, [0]]] });
    }
    await c.fetches();
    await c.fetches({ version: 7 });
    await a.leaves();
    await a.commits([{ topic, offset: 30 }]);
    await c.commits([{ topic, offset: 30 }]);
    await c.fetches();
  }),

  scenario("a consumer commits at an older epoch what it still owns", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const [a, b] = [new Consumer(peer, "a"), new Consumer(peer, "b")];
    await a.joins({ reads: [topic.name] });
    await a.settles(2);
    const before = a.epoch;
    await b.joins({ reads: [topic.name] });
    await a.settles(1);
    await b.settles(1);
    for (const partition of [0, 1]) await a.commits([{ topic, partition, offset: 1 }], { epoch: before });
    for (const partition of [0, 1]) await b.commits([{ topic, partition, offset: 2 }], { epoch: before });
    await a.commits([{ topic, offset: 3 }, { topic, partition: 1, offset: 3 }], { epoch: before });
    await a.commits([{ topic, offset: 4 }, { topic, partition: 1, offset: 4 }]);
    await new Committer(peer, "c").fetches();
  }),

  scenario("offsets of a consumer group in a transaction", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const [a, p] = [new Consumer(peer, "a"), new Producer(peer, "p")];
    await a.joins({ reads: [topic.name] });
    await a.settles(1);
    await p.inits();
    const commits = (memberId: string, generationId: number) =>
      p.commitsOffsets(a.group, [{ topic, offset: 1 }], { memberId, generationId });
    await commits(a.memberId, a.epoch);
    await commits(a.memberId, a.epoch + 1);
    await commits(a.memberId, 0);
    await commits(a.memberId, -1);
    await commits("nobody", 1);
    await commits("", -1);
  }),

  scenario("offsets of topics that consumers read are not deleted", async (peer) => {
    const [one, two] = [await topicFor(peer, "one"), await topicFor(peer, "two")];
    const [a, c] = [new Consumer(peer, "a"), new Committer(peer, "c")];
    await a.joins({ reads: [one.name] });
    await a.settles(1);
    await a.commits([{ topic: one, offset: 1 }, { topic: two, offset: 1 }]);
    await c.deletes([[one.name, [0]], [two.name, [0]]]);
    await c.fetches();
  }),

  scenario("consumer groups among others: described, listed and deleted", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const [a, b, admin] = [
      new Consumer(peer, "a"),
      new Member(peer, "b", { group: "classic" }),
      new GroupAdmin(peer),
    ];
    await describesConsumers(peer, ["group"], 0);
    await a.joins({ reads: [topic.name] });
    await a.settles(1);
    await b.joins();
    for (const version of [0, 1]) {
      await describesConsumers(peer, ["group", "classic", "nowhere", ""], version);
    }
    for (const version of [4, 5, 6]) await admin.describes(["group", "classic"], version);
    await admin.lists();
    await admin.lists({ types: ["consumer"] });
    await admin.lists({ states: ["Stable"] });
    await admin.lists({ states: ["Empty", "Assigning", "Reconciling"] });
    await admin.deletes(["group", "classic"]);
    await a.leaves();
    await admin.lists();
    await admin.deletes(["group"]);
    await describesConsumers(peer);
  }),

  scenario("what a consumer says that it owns is not believed", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const [a, b] = [new Consumer(peer, "a"), new Consumer(peer, "b")];
    await a.joins({ reads: [topic.name] });
    await a.settles(2);
    await a.heartbeats({ owns: [[UNKNOWN_ID, [0]]] });
    await a.heartbeats({ owns: [[topic.topicId, [0, 7]]] });
    await b.joins({ reads: [topic.name] });
    await b.heartbeats({ owns: [[topic.topicId, [0, 1]]] });
    await describesConsumers(peer);
  }),

  scenario("a member of a classic group does not heartbeat as a consumer", async (peer) => {
    const a = new Member(peer, "a", { protocolType: "connect" });
    const b = new Consumer(peer, "b");
    await a.joins();
    await a.syncs([[a, "all"]]);
    await b.joins({ reads: [peer.unique("topic")] });
    await b.heartbeats({ epoch: 1 });
    await a.heartbeats();
  }),

  scenario("an empty classic group becomes a consumer group, and back", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const [a, b, c] = [new Member(peer, "a"), new Consumer(peer, "b"), new Committer(peer, "c")];
    const admin = new GroupAdmin(peer);
    await c.commits([{ topic, offset: 7 }]);
    await a.joins({ reads: [topic.name] });
    await a.leaves();
    await b.joins({ reads: [topic.name] });
    await b.settles(1);
    await admin.lists();
    await c.fetches();
    await b.leaves();
    await a.joins({ reads: [topic.name], memberId: "" });
    await admin.lists();
    await c.fetches();
  }),

  scenario("a consumer that is unknown may not go on", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const a = new Consumer(peer, "a");
    await a.heartbeats({ epoch: 3, reads: [topic.name] });
    await a.leaves();
    await a.joins({ reads: [topic.name] });
    await a.settles(1);
    await a.leaves();
    await a.heartbeats({ epoch: 1 });
    await a.leaves();
    await a.heartbeats({ epoch: FENCED_MEMBER_EPOCH });
  }),
];
