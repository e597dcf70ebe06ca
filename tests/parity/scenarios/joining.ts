import { ErrorCode } from "../../../src/base/error_codes.ts";
import { GroupAdmin } from "../actors/group_admin.ts";
import { Member, type MemberOptions, sharesOut, together } from "../actors/member.ts";
import type { Peer } from "../peer.ts";
import { scenario } from "../scenario.ts";

const { REBALANCE_IN_PROGRESS } = ErrorCode;
const JOIN_VERSIONS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

function members(peer: Peer, names: readonly string[], options: MemberOptions = {}): Member[] {
  return names.map((name) => new Member(peer, name, options));
}

function pair(peer: Peer, options: MemberOptions = {}): [Member, Member] {
  return [new Member(peer, "a", options), new Member(peer, "b", options)];
}

export const joining = [
  scenario("whoever joins alone leads, at every version", async (peer) => {
    for (const version of JOIN_VERSIONS) {
      const a = new Member(peer, `a${version}`, { group: `group ${version}` });
      await a.joins({ version });
      await a.syncs([[a, "all"]], { version: Math.min(version, 5) });
      await a.heartbeats({ version: Math.min(version, 4) });
      await a.leaves({ version: Math.min(version, 5) });
    }
  }),

  scenario("who has no id is given one before it joins, from version 4 on", async (peer) => {
    for (const version of JOIN_VERSIONS) {
      const a = new Member(peer, `a${version}`, { group: `group ${version}` });
      await a.asksToJoin({ version });
      await a.asksToJoin({ version });
    }
  }),

  scenario("who asks for an id twice gets two", async (peer) => {
    const a = new Member(peer, "a");
    await a.asksToJoin();
    await a.asksToJoin({ memberId: "" });
    await a.asksToJoin();
  }),

  scenario("an id that nobody has been given is unknown", async (peer) => {
    const [a, b] = pair(peer);
    for (const version of [0, 3, 9]) await a.asksToJoin({ version, memberId: "nobody" });
    await b.joins();
    for (const version of [0, 3, 9]) await a.asksToJoin({ version, memberId: "nobody" });
  }),

  scenario("a group needs a name", async (peer) => {
    const a = new Member(peer, "a");
    for (const version of JOIN_VERSIONS) await a.asksToJoin({ version, group: "" });
    await a.syncs([], { group: "" });
    await a.heartbeats({ group: "" });
    await a.leaves({ group: "" });
  }),

  scenario("session timeouts have bounds", async (peer) => {
    const a = new Member(peer, "a");
    for (const sessionTimeoutMs of [-1, 0, 49, 1_800_001]) await a.asksToJoin({ sessionTimeoutMs });
    await a.joins({ sessionTimeoutMs: 1_800_000 });
  }),

  scenario("a rebalance timeout may be anything", async (peer) => {
    for (const rebalanceTimeoutMs of [-1, 0, 2_147_483_647]) {
      const a = new Member(peer, `a${rebalanceTimeoutMs}`, { group: `group${rebalanceTimeoutMs}` });
      await a.joins({ rebalanceTimeoutMs });
    }
  }),

  scenario("who knows no protocol cannot join", async (peer) => {
    const a = new Member(peer, "a", { protocols: {} });
    for (const version of [0, 3, 4, 9]) await a.asksToJoin({ version });
    await a.asksToJoin({ protocolType: "" });
    await a.asksToJoin({ protocolType: "", protocols: { range: "" } });
  }),

  scenario("a second member of another kind is refused", async (peer) => {
    const [a, b] = pair(peer);
    await a.joins();
    await b.asksToJoin({ protocolType: "connect" });
    await b.asksToJoin({ protocolType: "connect", version: 3 });
  }),

  scenario("a second member with no protocol in common is refused", async (peer) => {
    const [a, b] = pair(peer);
    await a.joins({ protocols: { range: "", sticky: "" } });
    await b.asksToJoin({ protocols: { roundrobin: "" } });
    await b.asksToJoin({ protocols: { roundrobin: "" }, version: 2 });
  }),

  scenario("members vote for one of the protocols that all know", async (peer) => {
    const [a, b, c] = members(peer, ["a", "b", "c"]) as [Member, Member, Member];
    const known = [{ x: "1", y: "2", z: "3" }, { y: "4", z: "5" }, { z: "6", y: "7", w: "8" }];
    await a.joins({ protocols: known[0]! });
    const b1 = b.joins({ protocols: known[1]! });
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([b1, a.joins({ protocols: known[0]! })]);
    const c1 = c.joins({ protocols: known[2]! });
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([c1, a.joins({ protocols: known[0]! }), b.joins({ protocols: known[1]! })]);
    await sharesOut(a, b, c);
    await new GroupAdmin(peer).describes();
  }),

  scenario("a second member waits until the first has joined again", async (peer) => {
    const [a, b] = pair(peer);
    await a.joins();
    await a.syncs([[a, "all"]]);
    const joining = b.joins();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await a.joins();
    await joining;
    await sharesOut(a, b);
    await Promise.all([a.heartbeats(), b.heartbeats()]);
  }),

  scenario("three members share", async (peer) => {
    const [a, b, c] = members(peer, ["a", "b", "c"]) as [Member, Member, Member];
    await together(a, b, c);
    await new GroupAdmin(peer).describes();
    await Promise.all([a, b, c].map((member) => member.heartbeats()));
  }),

  scenario("a group has a largest size", async (peer) => {
    const [a, b, c, d, e] = members(peer, ["a", "b", "c", "d", "e"]) as [
      Member,
      Member,
      Member,
      Member,
      Member,
    ];
    await together(a, b, c, d);
    await e.asksToJoin();
    await e.asksToJoin({ version: 3 });
    await e.asksToJoin({ memberId: "nobody" });
    await e.asksToJoin({ instanceId: "i" });
    await d.leaves();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    const joining = e.joins();
    await new GroupAdmin(peer).waitsForMembers(4);
    await Promise.all([a, b, c].map((member) => member.joins()));
    await joining;
  }),

  scenario("a follower that joins as it was gets the generation that is", async (peer) => {
    const [a, b] = pair(peer);
    await together(a, b);
    await b.joins();
    await b.joins({ version: 4 });
    await b.syncs();
    await a.heartbeats();
  }),

  scenario("a follower with other metadata makes all join again", async (peer) => {
    const [a, b] = pair(peer);
    await together(a, b);
    const joining = b.joins({ protocols: { range: "b is another" } });
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joining, a.joins()]);
    await sharesOut(a, b);
  }),

  scenario("a leader that joins again makes all join again", async (peer) => {
    const [a, b] = pair(peer);
    await together(a, b);
    const joining = a.joins();
    await b.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joining, b.joins()]);
    await sharesOut(a, b);
  }),

  scenario("a member may join anew before all have synced", async (peer) => {
    const [a, b] = pair(peer);
    await a.joins();
    await a.joins();
    await a.joins({ protocols: { range: "more" } });
    await a.syncs([[a, "all"]]);
    const joining = b.joins();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joining, a.joins()]);
    await b.joins();
    await sharesOut(a, b);
  }),

  scenario("a third member that comes while the others sync starts over", async (peer) => {
    const [a, b, c] = members(peer, ["a", "b", "c"]) as [Member, Member, Member];
    await a.joins();
    await a.syncs([[a, "all"]]);
    const joiningB = b.joins();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joiningB, a.joins()]);
    const syncing = b.syncs();
    await a.heartbeats();
    const joiningC = c.joins();
    await syncing;
    await a.syncs([[a, "all"]]);
    await Promise.all([joiningC, a.joins(), b.joins()]);
    await sharesOut(a, b, c);
  }),

  scenario("a follower waits for its share until the leader hands it out", async (peer) => {
    const [a, b] = pair(peer);
    await together(a, b);
    const joining = a.joins();
    await b.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joining, b.joins()]);
    const syncing = b.syncs();
    await a.syncs([[a, "a's"], [b, "b's"]]);
    await syncing;
    await b.syncs();
    await a.syncs([[a, "ignored"]]);
  }),

  scenario("a leader may forget somebody, and name strangers", async (peer) => {
    const [a, b] = pair(peer);
    await together(a, b);
    const joining = a.joins();
    await b.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joining, b.joins()]);
    const stranger = new Member(peer, "stranger");
    stranger.memberId = "stranger";
    await a.syncs([[a, "a's"], [stranger, "theirs"]]);
    await b.syncs();
    await new GroupAdmin(peer).describes();
  }),

  scenario("a sync must fit the member's generation and protocol", async (peer) => {
    const a = new Member(peer, "a");
    await a.syncs();
    await a.joins();
    await a.syncs([], { generationId: 0 });
    await a.syncs([], { generationId: 2 });
    await a.syncs([], { generationId: -1 });
    await a.syncs([], { memberId: "nobody" });
    await a.syncs([], { memberId: "" });
    await a.syncs([], { protocolType: "connect" });
    await a.syncs([], { protocolName: "sticky" });
    await a.syncs([], { protocolType: null, protocolName: null });
    await a.syncs([[a, "all"]], { version: 4 });
  }),

  scenario("syncs at every version", async (peer) => {
    const a = new Member(peer, "a");
    await a.joins();
    for (let version = 0; version <= 5; version++) await a.syncs([[a, "all"]], { version });
    for (let version = 0; version <= 5; version++) await a.syncs([], { version, memberId: "nobody" });
  }),

  scenario("nobody syncs while the others join", async (peer) => {
    const [a, b] = pair(peer);
    await together(a, b);
    const joining = a.joins();
    await b.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await b.syncs();
    await b.heartbeats();
    await Promise.all([joining, b.joins()]);
  }),

  scenario("generations count on when everybody has left", async (peer) => {
    const [a, b] = pair(peer);
    await a.joins();
    await a.syncs([[a, "all"]]);
    await a.leaves();
    await a.heartbeats();
    await b.joins();
    await b.syncs([[b, "all"]]);
    await new GroupAdmin(peer).describes();
  }),

  scenario("an emptied group takes members of any kind", async (peer) => {
    const [a, b] = pair(peer);
    await a.joins();
    await a.leaves();
    await b.joins({ protocolType: "connect", protocols: { default: "b" } });
    await b.syncs([[b, "all"]]);
    await new GroupAdmin(peer).describes();
  }),

  scenario("a deleted group starts over", async (peer) => {
    const [a, b] = pair(peer);
    const admin = new GroupAdmin(peer);
    await a.joins();
    await a.leaves();
    await admin.deletes();
    await b.joins();
    await admin.describes();
  }),
];
