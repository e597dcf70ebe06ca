import { ErrorCode } from "../../../src/base/error_codes.ts";
import { GroupAdmin } from "../actors/group_admin.ts";
import { Member, sharesOut, together } from "../actors/member.ts";
import { scenario } from "../scenario.ts";

const { REBALANCE_IN_PROGRESS } = ErrorCode;

export const staticMembers = [
  scenario("a static member needs no id to join, at every version", async (peer) => {
    for (const version of [5, 6, 7, 8, 9]) {
      const a = new Member(peer, `a${version}`, { group: `group ${version}`, instanceId: "i" });
      await a.asksToJoin({ version });
      await a.syncs([[a, "all"]], { version: Math.min(version, 5) });
      await a.heartbeats();
    }
  }),

  scenario("a static member that comes back keeps its share and its generation", async (peer) => {
    const a = new Member(peer, "a");
    const before = new Member(peer, "b before", { instanceId: "i" });
    const after = new Member(peer, "b after", { instanceId: "i" });
    await together(a, before);
    await after.asksToJoin({ protocols: { range: "b before is here" } });
    await after.syncs();
    await a.heartbeats();
    await new GroupAdmin(peer).describes();
  }),

  scenario("a static member that comes back with other metadata is not asked about it", async (peer) => {
    const a = new Member(peer, "a");
    const before = new Member(peer, "b before", { instanceId: "i" });
    const after = new Member(peer, "b after", { instanceId: "i" });
    await together(a, before);
    await after.asksToJoin({ protocols: { range: "b is another" } });
    await after.syncs();
    await a.heartbeats();
    await new GroupAdmin(peer).describes();
  }),

  scenario("a static member that comes back and changes the vote makes all join again", async (peer) => {
    const protocols = { range: "", sticky: "" };
    const a = new Member(peer, "a", { protocols });
    const before = new Member(peer, "b before", { instanceId: "i", protocols });
    const after = new Member(peer, "b after", { instanceId: "i", protocols: { sticky: "" } });
    await together(a, before);
    const joining = after.asksToJoin();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joining, a.joins()]);
    await sharesOut(a, after);
  }),

  scenario("a static leader that comes back stays the leader and does not assign again", async (peer) => {
    const before = new Member(peer, "a before", { instanceId: "i" });
    const b = new Member(peer, "b");
    await together(before, b);
    for (const version of [9, 8, 5]) {
      const after = new Member(peer, `a after ${version}`, { instanceId: "i" });
      await after.asksToJoin({ version, protocols: { range: "a before is here" } });
      await after.syncs();
    }
    await b.heartbeats();
  }),

  scenario("whoever lost an instance id to another is fenced", async (peer) => {
    const a = new Member(peer, "a", { instanceId: "i" });
    const b = new Member(peer, "b", { instanceId: "i" });
    const topic = await peer.topic("topic");
    await a.joins();
    await a.syncs([[a, "all"]]);
    await b.asksToJoin();
    await a.heartbeats();
    await a.syncs();
    await a.commits([{ topic, offset: 1 }]);
    await a.joins();
    await a.leaves();
    await a.heartbeats({ instanceId: null });
    await b.heartbeats();
  }),

  scenario("a static member may leave by its instance id alone", async (peer) => {
    const a = new Member(peer, "a", { instanceId: "i" });
    await a.joins();
    await a.leaves({ memberId: "", instanceId: "j" });
    await a.leaves({ memberId: "nobody" });
    await a.leaves({ memberId: "" });
    await a.leaves({ memberId: "" });
    await new GroupAdmin(peer).describes();
  }),

  scenario("an instance id that does not go with the member id", async (peer) => {
    const a = new Member(peer, "a", { instanceId: "i" });
    const b = new Member(peer, "b");
    await a.joins();
    await a.syncs([[a, "all"]]);
    for (const instanceId of ["j", "", null]) {
      await a.heartbeats({ instanceId });
      await a.syncs([], { instanceId });
      await a.asksToJoin({ instanceId });
      await a.syncs([[a, "all"]]);
    }
    await a.heartbeats({ memberId: "nobody" });
    await a.asksToJoin({ memberId: "nobody" });
    await b.asksToJoin({ instanceId: "i", memberId: a.memberId });
  }),

  scenario("two static members come back at once", async (peer) => {
    const a = new Member(peer, "a", { instanceId: "i" });
    const b = new Member(peer, "b", { instanceId: "j" });
    await together(a, b);
    const again = [
      new Member(peer, "a again", { instanceId: "i", protocols: { range: "a is here" } }),
      new Member(peer, "b again", { instanceId: "j", protocols: { range: "b is here" } }),
    ];
    for (const member of again) await member.asksToJoin();
    for (const member of again) await member.syncs();
    for (const member of again) await member.heartbeats();
  }),

  scenario(
    "a static member that comes back while the others join takes its place among them",
    async (peer) => {
      const a = new Member(peer, "a");
      const before = new Member(peer, "b before", { instanceId: "i" });
      const after = new Member(peer, "b after", { instanceId: "i" });
      await together(a, before);
      const joining = a.joins();
      await before.heartbeatsUntil(REBALANCE_IN_PROGRESS);
      await Promise.all([joining, after.asksToJoin()]);
      await sharesOut(a, after);
      await before.heartbeats();
    },
  ),

  scenario("two who fight for an instance id while the group joins: the first is fenced", async (peer) => {
    const a = new Member(peer, "a");
    const first = new Member(peer, "first", { instanceId: "i" });
    const second = new Member(peer, "second", { instanceId: "i" });
    await a.joins();
    await a.syncs([[a, "all"]]);
    const losing = first.asksToJoin();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    const winning = second.asksToJoin();
    await losing;
    await Promise.all([winning, a.joins()]);
    await sharesOut(a, second);
  }),
];
