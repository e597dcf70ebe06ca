import { Consumer } from "../actors/consumer.ts";
import { ConfigAdmin, Kind, Op } from "../actors/config_admin.ts";
import { api } from "../api.ts";
import type { Peer } from "../peer.ts";
import { loneScenario, type Scenario, scenario } from "../scenario.ts";

const GROUP_SOURCE = 8;
const METRICS_SOURCE = 7;

const VALUES: Readonly<
  Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>
> = {
  "consumer.session.timeout.ms": { good: ["3000", "60000"], bad: ["1", "60001", "0", "-1", "x", "", "200"] },
  "consumer.heartbeat.interval.ms": {
    good: ["300", "1999"],
    bad: ["1", "15001", "2000", "0", "-1", "x", ""],
  },
  "consumer.assignment.interval.ms": { good: ["0", "15000"], bad: ["15001", "-1", "x", ""] },
};

const METRICS: Readonly<
  Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>
> = {
  "interval.ms": { good: ["100", "3600000"], bad: ["99", "3600001", "0", "-1", "x", ""] },
  "match": {
    good: ["client_id=a.*", "client_id=a,client_software_name=x[0-9]", ""],
    bad: ["client_id", "client_id=[", "no_such=a", "client_id=a=b", "=a"],
  },
  "metrics": { good: ["org.apache.kafka.producer.,x", "*", ""], bad: [] },
};

function valuesOf(kind: number, source: number, table: typeof VALUES, what: string): Scenario[] {
  return Object.entries(table).map(([key, { good, bad }]) =>
    scenario(`${what} ${key}`, async (peer) => {
      const admin = new ConfigAdmin(peer);
      const resource = { kind, name: peer.unique("configured") };
      const change = (question: string, op: number, value: string | null) =>
        admin.changes(question, [{ ...resource, changes: [{ key, op, value }] }]);
      await admin.describes("describes it at first", [resource], [key]);
      for (const value of good) {
        await change(`sets "${value}"`, Op.SET, value);
        await admin.untilSeen(resource, key, (seen, from) => from === source && seen === value);
        await admin.describes(`describes it as "${value}"`, [resource], [key]);
      }
      for (const value of bad) await change(`sets "${value}"`, Op.SET, value);
      await change("sets nothing", Op.SET, null);
      await change("appends", Op.APPEND, "client_id=b");
      await change("subtracts", Op.SUBTRACT, "client_id=b");
      await change("deletes it", Op.DELETE, null);
      await admin.untilSeen(resource, key, (_, from) => from !== source);
      await admin.describes("describes it deleted", [resource], [key]);
    })
  );
}

async function lists(
  peer: Peer,
  question: string,
  resourceTypes: readonly number[],
  version = 1,
): Promise<void> {
  await peer.ask(question, api.listConfigResources, version, { resourceTypes });
}

export const groupConfigs: readonly Scenario[] = [
  ...valuesOf(Kind.GROUP, GROUP_SOURCE, VALUES, "the group config"),
  ...valuesOf(Kind.CLIENT_METRICS, METRICS_SOURCE, METRICS, "the client metrics config"),
  ...[["a group", Kind.GROUP], ["client metrics", Kind.CLIENT_METRICS]].map(([what, kind]) =>
    scenario(`unknown configs of ${what}`, async (peer) => {
      const admin = new ConfigAdmin(peer);
      const resource = { kind: Number(kind), name: peer.unique("unknown") };
      const key = "no.such.config";
      await admin.changes("sets", [{ ...resource, changes: [{ key, value: "1" }] }]);
      await admin.changes("checks", [{ ...resource, changes: [{ key, value: "1" }] }], {
        validateOnly: true,
      });
      await admin.changes("deletes", [{ ...resource, changes: [{ key, op: Op.DELETE }] }]);
      await admin.changes("appends", [{ ...resource, changes: [{ key, op: Op.APPEND, value: "1" }] }]);
      await admin.replaces("replaces", [{ ...resource, values: [{ key, value: "1" }] }]);
      await admin.describes("describes", [resource], [key]);
    })
  ),
  scenario("all configs of client metrics at once", async (peer) => {
    const admin = new ConfigAdmin(peer);
    const resource = { kind: Kind.CLIENT_METRICS, name: peer.unique("at once") };
    await admin.replaces("sets two", [{
      ...resource,
      values: [{ key: "interval.ms", value: "500" }, { key: "metrics", value: "a." }],
    }]);
    await admin.untilSeen(resource, "interval.ms", (value) => value === "500");
    await admin.describes("describes", [resource]);
    await admin.replaces("sets one", [{ ...resource, values: [{ key: "metrics", value: "b." }] }]);
    await admin.untilSeen(resource, "metrics", (value) => value === "b.");
    await admin.describes("describes again", [resource]);
    await admin.replaces("sets none", [{ ...resource, values: [] }]);
    await admin.untilSeen(resource, "metrics", (value) => value !== "b.");
    await admin.describes("describes at last", [resource]);
  }),
  scenario("a group's session and heartbeats contradict each other", async (peer) => {
    const admin = new ConfigAdmin(peer);
    const group = { kind: Kind.GROUP, name: peer.unique("contradicts") };
    const set = (question: string, session: string, heartbeat: string) =>
      admin.changes(question, [{
        ...group,
        changes: [
          { key: "consumer.session.timeout.ms", value: session },
          { key: "consumer.heartbeat.interval.ms", value: heartbeat },
        ],
      }]);
    await set("heartbeats are longer", "4000", "5000");
    await set("they are alike", "4000", "4000");
    await set("heartbeats are shorter", "4000", "3999");
  }),
  scenario("members obey a group's heartbeat interval", async (peer) => {
    const admin = new ConfigAdmin(peer);
    await peer.topic("obeyed");
    const group = { kind: Kind.GROUP, name: peer.unique("group") };
    const key = "consumer.heartbeat.interval.ms";
    const consumer = new Consumer(peer, "c");
    await consumer.joins({ reads: ["obeyed"] });
    await admin.changes("sets it", [{ ...group, changes: [{ key, value: "777" }] }]);
    await admin.untilSeen(group, key, (value) => value === "777");
    await peer.askUntil(
      "another member joins",
      api.consumerGroupHeartbeat,
      1,
      {
        groupId: group.name,
        memberId: peer.unique("another"),
        memberEpoch: 0,
        rebalanceTimeoutMs: 30_000,
        subscribedTopicNames: [peer.unique("obeyed")],
        topicPartitions: [],
      },
      ({ heartbeatIntervalMs }) => heartbeatIntervalMs === 777,
    );
  }),
  loneScenario("resources that have configs are listed", async (peer) => {
    const admin = new ConfigAdmin(peer);
    await peer.topic("listed");
    const group = { kind: Kind.GROUP, name: peer.unique("listed-group") };
    const metrics = { kind: Kind.CLIENT_METRICS, name: peer.unique("listed-metrics") };
    await admin.changes("sets a group's", [{
      ...group,
      changes: [{ key: "consumer.heartbeat.interval.ms", value: "300" }],
    }]);
    await admin.changes("sets client metrics'", [{
      ...metrics,
      changes: [{ key: "interval.ms", value: "500" }],
    }]);
    await admin.untilSeen(metrics, "interval.ms", (value) => value === "500");
    await lists(peer, "at version 0", [], 0);
    await lists(peer, "of all kinds", []);
    for (const kind of Object.values(Kind)) await lists(peer, `of kind ${kind}`, [kind]);
    await lists(peer, "of two kinds", [Kind.TOPIC, Kind.GROUP]);
    await lists(peer, "of a kind twice", [Kind.TOPIC, Kind.TOPIC]);
    await lists(peer, "of an unknown kind", [7]);
    await lists(peer, "of a kind that there is and one that there is not", [Kind.TOPIC, 7]);
    await admin.changes("deletes the group's", [{
      ...group,
      changes: [{ key: "consumer.heartbeat.interval.ms", op: Op.DELETE }],
    }]);
    await admin.changes("deletes client metrics'", [{
      ...metrics,
      changes: [{ key: "interval.ms", op: Op.DELETE }],
    }]);
    await admin.untilSeen(metrics, "interval.ms", (value) => value !== "500");
    await lists(peer, "of all kinds, again", []);
  }),
];
