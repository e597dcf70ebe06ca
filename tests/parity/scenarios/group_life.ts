import { ErrorCode } from "../../../src/base/error_codes.ts";
import { GroupAdmin } from "../actors/group_admin.ts";
import { Member, sharesOut, together } from "../actors/member.ts";
import { api } from "../api.ts";
import { pause } from "../client.ts";
import { scenario } from "../scenario.ts";

const { REBALANCE_IN_PROGRESS, UNKNOWN_MEMBER_ID } = ErrorCode;

/** Heartbeats, leaving, and what happens to those who say nothing. */
export const groupLife = [
  scenario("heartbeats at every version", async (peer) => {
    const a = new Member(peer, "a");
    for (let version = 0; version <= 4; version++) await a.heartbeats({ version });
    await a.joins();
    for (let version = 0; version <= 4; version++) await a.heartbeats({ version });
    await a.syncs([[a, "all"]]);
    for (let version = 0; version <= 4; version++) await a.heartbeats({ version });
  }),

  scenario("a heartbeat must fit the member and its generation", async (peer) => {
    const a = new Member(peer, "a");
    await a.joins();
    await a.syncs([[a, "all"]]);
    for (const generationId of [0, 2, -1]) await a.heartbeats({ generationId });
    for (const memberId of ["nobody", ""]) await a.heartbeats({ memberId });
    await a.heartbeats({ memberId: "nobody", generationId: 7 });
  }),

  scenario("leaving at every version, and twice", async (peer) => {
    for (let version = 0; version <= 5; version++) {
      const a = new Member(peer, `a${version}`, { group: `group ${version}` });
      await a.leaves({ version });
      await a.joins();
      await a.leaves({ version, memberId: "nobody" });
      await a.leaves({ version });
      await a.leaves({ version });
    }
  }),

  scenario("several leave at once, and some who cannot", async (peer) => {
    const a = new Member(peer, "a", { instanceId: "i" });
    const b = new Member(peer, "b");
    const c = new Member(peer, "c");
    await together(a, b, c);
    const members = [
      { memberId: "", groupInstanceId: "i" },
      { memberId: b.memberId },
      { memberId: "nobody" },
      { memberId: "", groupInstanceId: "j" },
      { memberId: b.memberId },
      { memberId: c.memberId, groupInstanceId: "i" },
    ];
    for (const version of [5, 3]) {
      await peer.ask("they leave", api.leaveGroup, version, { groupId: a.group, memberId: "", members });
    }
    await c.heartbeats();
    await new GroupAdmin(peer).describes();
  }),

  scenario("nobody leaves", async (peer) => {
    const a = new Member(peer, "a");
    const input = { groupId: a.group, memberId: "", members: [] };
    await peer.ask("of no group", api.leaveGroup, 5, input);
    await a.joins();
    await peer.ask("of a group", api.leaveGroup, 5, input);
  }),

  scenario("when a follower leaves, the others join again", async (peer) => {
    const [a, b] = [new Member(peer, "a"), new Member(peer, "b")];
    await together(a, b);
    await b.leaves();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await a.joins();
    await sharesOut(a);
  }),

  scenario("when the leader leaves, another leads", async (peer) => {
    const [a, b] = [new Member(peer, "a"), new Member(peer, "b")];
    await together(a, b);
    await a.leaves();
    await b.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await b.joins();
    await sharesOut(b);
  }),

  scenario("who leaves while others join lets them go on", async (peer) => {
    const [a, b] = [new Member(peer, "a"), new Member(peer, "b")];
    await together(a, b);
    const joining = a.joins();
    await b.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await b.leaves();
    await joining;
    await sharesOut(a);
  }),

  scenario("who leaves while the leader shares out makes all join again", async (peer) => {
    const [a, b] = [new Member(peer, "a"), new Member(peer, "b")];
    await together(a, b);
    const joining = a.joins();
    await b.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joining, b.joins()]);
    await b.leaves();
    await a.syncs([[a, "all"]]);
    await a.joins();
    await sharesOut(a);
  }),

  scenario("who has only an id may leave, and joins no more", async (peer) => {
    const a = new Member(peer, "a");
    await a.asksToJoin();
    await new GroupAdmin(peer).describes();
    await a.leaves();
    await a.asksToJoin();
  }),

  scenario("who says nothing for a session is out", async (peer) => {
    const a = new Member(peer, "a", { sessionTimeoutMs: 600 });
    await a.joins();
    await a.syncs([[a, "all"]]);
    await new GroupAdmin(peer).waitsFor("Empty");
    await a.heartbeats();
    await a.syncs();
    await a.asksToJoin();
  }),

  scenario("when a member says nothing for a session, the others join again", async (peer) => {
    const a = new Member(peer, "a");
    const b = new Member(peer, "b", { sessionTimeoutMs: 800 });
    await together(a, b);
    await b.vanishes();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await a.joins();
    await sharesOut(a);
    await b.heartbeats();
  }),

  scenario("a static member outlives its connection, but not its session", async (peer) => {
    const a = new Member(peer, "a", { instanceId: "i", sessionTimeoutMs: 800 });
    await a.joins();
    await a.vanishes();
    await a.heartbeats();
    await new GroupAdmin(peer).waitsFor("Empty");
    await a.heartbeats();
  }),

  scenario("who does not join again in time is out", async (peer) => {
    const hasty = { rebalanceTimeoutMs: 800 };
    const [a, b] = [new Member(peer, "a", hasty), new Member(peer, "b", hasty)];
    await a.joins();
    await a.syncs([[a, "all"]]);
    const joining = b.joins();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await joining;
    await a.heartbeats();
    await sharesOut(b);
  }),

  scenario("a leader that does not hand out shares in time is out", async (peer) => {
    const a = new Member(peer, "a", { rebalanceTimeoutMs: 300 });
    await a.joins();
    await a.heartbeatsUntil(UNKNOWN_MEMBER_ID);
    await new GroupAdmin(peer).waitsFor("Empty");
  }),

  scenario("when a leader does not hand out shares, the others join again", async (peer) => {
    const hasty = { rebalanceTimeoutMs: 800 };
    const [a, b] = [new Member(peer, "a", hasty), new Member(peer, "b", hasty)];
    await together(a, b);
    const joining = a.joins();
    await b.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    await Promise.all([joining, b.joins()]);
    await b.syncs();
    await b.joins();
    await sharesOut(b);
    await a.heartbeats();
  }),

  scenario("an id that is not used for a session is forgotten", async (peer) => {
    const a = new Member(peer, "a", { sessionTimeoutMs: 100 });
    await a.asksToJoin();
    await pause(300);
    await a.asksToJoin();
  }),

  scenario("a commit keeps a session alive", async (peer) => {
    const topic = await peer.topic("topic");
    // All pauses together are longer than the session; on a busy machine each is longer than it says.
    const a = new Member(peer, "a", { sessionTimeoutMs: 3000 });
    await a.joins();
    await a.syncs([[a, "all"]]);
    for (let offset = 0; offset < 6; offset++) {
      await pause(600);
      await a.commits([{ topic, offset }]);
    }
    await a.heartbeats();
  }),

  scenario("groups are described in every state, at every version", async (peer) => {
    const admin = new GroupAdmin(peer);
    const versions = [0, 1, 2, 3, 4, 5, 6];
    const [a, b] = [new Member(peer, "a"), new Member(peer, "b")];
    for (const version of versions) await admin.describes(["group"], version);
    await a.joins();
    for (const version of versions) await admin.describes(["group"], version);
    await a.syncs([[a, "all"]]);
    for (const version of versions) await admin.describes(["group"], version);
    const joining = b.joins();
    await a.heartbeatsUntil(REBALANCE_IN_PROGRESS);
    for (const version of versions) await admin.describes(["group"], version);
    await a.leaves();
    await joining;
    await b.leaves();
    for (const version of versions) await admin.describes(["group"], version);
    await admin.describes(["group", "nowhere", "", "group"]);
    await admin.describes([]);
  }),

  scenario("what may be done with a group is told when asked", async (peer) => {
    const a = new Member(peer, "a");
    await a.joins();
    for (const version of [3, 4, 5, 6]) {
      await peer.ask("operations", api.describeGroups, version, {
        groups: [a.group, peer.unique("nowhere")],
        includeAuthorizedOperations: true,
      });
    }
  }),

  scenario("groups are listed by state and type, at every version", async (peer) => {
    const admin = new GroupAdmin(peer);
    const [a, b] = [new Member(peer, "a", { group: "one" }), new Member(peer, "b", { group: "two" })];
    await a.joins();
    await a.syncs([[a, "all"]]);
    await b.joins({ protocolType: "connect" });
    await b.leaves();
    for (let version = 0; version <= 5; version++) await admin.lists({}, version);
    for (const states of [["Stable"], ["stable", "EMPTY"], ["Dead"], ["nonsense"], [""]]) {
      await admin.lists({ states });
    }
    await admin.lists({ states: ["Stable"] }, 4);
    for (
      const types of [["classic"], ["Classic"], ["consumer"], ["consumer", "CLASSIC"], ["nonsense"], [
        "share",
      ]]
    ) {
      await admin.lists({ types });
    }
    await admin.lists({ states: ["Empty"], types: ["classic"] });
  }),

  scenario("groups are deleted when nobody is in them, at every version", async (peer) => {
    const admin = new GroupAdmin(peer);
    for (let version = 0; version <= 2; version++) {
      const a = new Member(peer, `a${version}`);
      await admin.deletes(["group"], version);
      await a.joins();
      await admin.deletes(["group", "nowhere"], version);
      await a.leaves();
      await admin.deletes(["group"], version);
      await admin.describes();
    }
    await admin.deletes([]);
    await admin.deletes(["nowhere", "nowhere"]);
  }),

  scenario("a coordinator is found for anything, and nobody for nothing", async (peer) => {
    for (const keyType of [0, 1]) {
      const keys = ["", "x", peer.unique("x"), "ä", "n".repeat(1000)];
      for (const version of [1, 3]) {
        for (const key of keys) {
          await peer.ask(`finds ${keyType} "${key.slice(0, 1)}"`, api.findCoordinator, version, {
            key,
            keyType,
            coordinatorKeys: [],
          });
        }
      }
      await peer.ask(`finds all of ${keyType}`, api.findCoordinator, 6, {
        key: "",
        keyType,
        coordinatorKeys: keys,
      });
    }
    for (const key of ["", "group", "group:nonsense:0"]) {
      for (const version of [5, 6]) {
        await peer.ask(`finds the share "${key}"`, api.findCoordinator, version, {
          key: "",
          keyType: 2,
          coordinatorKeys: [key],
        });
      }
    }
  }),
];
