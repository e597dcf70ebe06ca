import { ErrorCode } from "../../../src/base/error_codes.ts";
import { Consumer, describesConsumers } from "../actors/consumer.ts";
import { Committer } from "../actors/committer.ts";
import { GroupAdmin } from "../actors/group_admin.ts";
import { Member } from "../actors/member.ts";
import { scenario } from "../scenario.ts";
import { topicFor } from "./consumer_groups.ts";

const { REBALANCE_IN_PROGRESS } = ErrorCode;

/** Groups whose members speak both protocols, while they are changed one by one (KIP-848). */
export const changingProtocols = [
  scenario("a consumer joins a classic group, which becomes a consumer group", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const [old, young] = [new Member(peer, "old", { reads: [topic.name] }), new Consumer(peer, "young")];
    await old.joins();
    await old.syncs([[old, ""]]);
    await old.commits([{ topic, offset: 1 }]);
    await young.joins({ reads: [topic.name] });
    await new GroupAdmin(peer).lists();
    await old.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await old.joins();
    await old.syncs();
    await young.settles(1);
    await old.heartbeats();
    await old.commits([{ topic, offset: 2 }]);
    await describesConsumers(peer);
    await new GroupAdmin(peer).describes();
  }),

  scenario("a classic member joins a consumer group", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const [young, old] = [new Consumer(peer, "young"), new Member(peer, "old", { reads: [topic.name] })];
    await young.joins({ reads: [topic.name] });
    await young.settles(2);
    await old.joins();
    await old.syncs();
    await young.settles(1);
    await old.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await old.joins();
    await old.syncs();
    await old.heartbeats();
    await describesConsumers(peer);
    await old.heartbeats({ generationId: 1 });
    await old.heartbeats({ memberId: "nobody" });
    await old.syncs([], { generationId: 1 });
    await old.commits([{ topic, offset: 1 }], { generationId: 1 });
    await old.leaves();
    await young.settles(2);
  }),

  scenario("when the last consumer leaves, the group is a classic one again", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const [young, old] = [new Consumer(peer, "young"), new Member(peer, "old", { reads: [topic.name] })];
    const admin = new GroupAdmin(peer);
    await young.joins({ reads: [topic.name] });
    await young.settles(2);
    await old.joins();
    await old.syncs();
    await young.settles(1);
    await young.leaves();
    await admin.lists();
    await old.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await old.joins();
    await old.syncs([[old, ""]]);
    await old.heartbeats();
    await admin.describes();
    await describesConsumers(peer);
  }),

  scenario("a classic group of something else stays what it is", async (peer) => {
    const [a, young] = [new Member(peer, "a", { protocolType: "connect" }), new Consumer(peer, "young")];
    await a.joins();
    await young.joins({ reads: [peer.unique("topic")] });
    await a.syncs([[a, "all"]]);
    await young.joins({ reads: [peer.unique("topic")] });
  }),

  scenario("somebody who is no consumer does not join a consumer group", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const [young, a] = [new Consumer(peer, "young"), new Member(peer, "a")];
    await young.joins({ reads: [topic.name] });
    await a.asksToJoin({ protocolType: "connect" });
    await a.asksToJoin({ protocols: {} });
    await a.asksToJoin({ protocols: { nonsense: "" }, reads: [topic.name] });
    await a.asksToJoin({ memberId: "nobody", reads: [topic.name] });
    await a.asksToJoin({ version: 0, reads: [topic.name] });
    await young.heartbeats();
  }),

  scenario("a static member changes its protocol", async (peer) => {
    const topic = await topicFor(peer, "topic", { partitions: 2 });
    const old = new Member(peer, "old", { instanceId: "i", reads: [topic.name] });
    const young = new Consumer(peer, "young", { instanceId: "i" });
    await old.joins();
    await old.syncs([[old, ""]]);
    await young.joins({ reads: [topic.name] });
    await old.leaves();
    await young.joins({ reads: [topic.name] });
    await young.settles(2);
    await young.leaves(-2);
    await old.joins({ memberId: "" });
    await describesConsumers(peer);
    await new GroupAdmin(peer).lists();
  }),

  scenario("offsets stay while a group changes", async (peer) => {
    const topic = await topicFor(peer, "topic");
    const [old, young] = [new Member(peer, "old", { reads: [topic.name] }), new Consumer(peer, "young")];
    const c = new Committer(peer, "c");
    await old.joins();
    await old.syncs([[old, ""]]);
    await old.commits([{ topic, offset: 5, metadata: "classic" }]);
    await old.leaves();
    await young.joins({ reads: [topic.name] });
    await c.fetches();
    await young.settles(1);
    await young.commits([{ topic, offset: 6, metadata: "consumer" }]);
    await young.leaves();
    await old.joins({ memberId: "" });
    await c.fetches();
  }),
];
