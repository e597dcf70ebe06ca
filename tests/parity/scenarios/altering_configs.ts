import { api } from "../api.ts";
import { type Change, ConfigAdmin, Kind, Op } from "../actors/config_admin.ts";
import type { Peer } from "../peer.ts";
import { type Scenario, scenario } from "../scenario.ts";

const TOPIC_SOURCE = 1;
const SET_AT_FIRST = { "retention.ms": "-1", "max.message.bytes": "2000", "cleanup.policy": "compact" };

interface Scene {
  readonly peer: Peer;
  readonly admin: ConfigAdmin;
  readonly topic: { readonly kind: number; readonly name: string };
}

/** What is done to a topic with some configs, and what these are afterwards. */
function altering(name: string, play: (scene: Scene) => Promise<void>): Scenario {
  return scenario(name, async (peer) => {
    const admin = new ConfigAdmin(peer);
    const topic = { kind: Kind.TOPIC, name: (await peer.topic("altered", { configs: SET_AT_FIRST })).name };
    await play({ peer, admin, topic });
    // Behind all others a last change, which is seen when they are.
    await admin.changes("ends", [{ ...topic, changes: [{ key: "segment.ms", value: "12345" }] }]);
    await admin.untilSeen(topic, "segment.ms", (value) => value === "12345");
    const keys = [...Object.keys(SET_AT_FIRST), "segment.ms", "follower.replication.throttled.replicas"];
    await admin.describes("describes what is left", [topic], keys);
  });
}

/** One request, in the new way. */
function changing(name: string, ...changes: readonly Change[]): Scenario {
  return altering(`incremental: ${name}`, async ({ admin, topic }) => {
    await admin.changes("changes", [{ ...topic, changes }]);
  });
}

/** One request, in the old way. */
function replacing(name: string, ...values: readonly Change[]): Scenario {
  return altering(`at once: ${name}`, async ({ admin, topic }) => {
    await admin.replaces("replaces", [{ ...topic, values }]);
  });
}

const throttled = "follower.replication.throttled.replicas";

export const alteringConfigs: readonly Scenario[] = [
  changing("nothing"),
  changing("a value that it has already", { key: "max.message.bytes", value: "2000" }),
  changing("two configs", { key: "retention.ms", value: "5" }, { key: "max.message.bytes", value: "7" }),
  changing("an unknown config", { key: "no.such.config", value: "1" }),
  changing("an unknown config is deleted", { key: "no.such.config", op: Op.DELETE }),
  changing("an unknown config is appended to", { key: "no.such.config", op: Op.APPEND, value: "1" }),
  changing("a config without a name", { key: "", value: "1" }),
  changing("a broker's config", { key: "log.retention.ms", value: "1" }),
  changing("a good one and a bad one", { key: "retention.ms", value: "5" }, {
    key: "max.message.bytes",
    value: "x",
  }),
  changing("a config twice", { key: "retention.ms", value: "5" }, { key: "retention.ms", value: "6" }),
  changing("set and deleted", { key: "retention.ms", value: "5" }, { key: "retention.ms", op: Op.DELETE }),
  changing("no value", { key: "retention.ms", value: null }),
  changing("deleted with a value", { key: "retention.ms", op: Op.DELETE, value: "7" }),
  changing("deleted although it is not set", { key: "segment.bytes", op: Op.DELETE }),
  changing("an unknown operation", { key: "retention.ms", op: 4, value: "1" }),
  changing("an operation below zero", { key: "retention.ms", op: -1, value: "1" }),
  changing("appended", { key: "cleanup.policy", op: Op.APPEND, value: "delete" }),
  changing("appended what is there", { key: "cleanup.policy", op: Op.APPEND, value: "compact" }),
  changing("appended two", { key: "cleanup.policy", op: Op.APPEND, value: "compact,delete" }),
  changing("appended nothing", { key: "cleanup.policy", op: Op.APPEND, value: "" }),
  changing("appended null", { key: "cleanup.policy", op: Op.APPEND, value: null }),
  changing("appended something bad", { key: "cleanup.policy", op: Op.APPEND, value: "shred" }),
  changing("appended to a number", { key: "retention.ms", op: Op.APPEND, value: "1" }),
  changing("appended to what is not set", { key: throttled, op: Op.APPEND, value: "0:1" }),
  changing("appended with spaces", { key: throttled, op: Op.APPEND, value: " 0:1 , 1:1 " }),
  changing("subtracted", { key: "cleanup.policy", op: Op.SUBTRACT, value: "compact" }),
  changing("subtracted what is not there", { key: "cleanup.policy", op: Op.SUBTRACT, value: "delete" }),
  changing("subtracted from what is not set", { key: throttled, op: Op.SUBTRACT, value: "0:1" }),
  changing("subtracted from a number", { key: "max.message.bytes", op: Op.SUBTRACT, value: "2000" }),
  changing("subtracted null", { key: "cleanup.policy", op: Op.SUBTRACT, value: null }),
  changing("lags of compaction that contradict each other", {
    key: "min.compaction.lag.ms",
    value: "10",
  }, { key: "max.compaction.lag.ms", value: "9" }),
  changing("local retention beyond all retention", { key: "retention.ms", value: "10" }, {
    key: "local.retention.ms",
    value: "11",
  }),
  changing("local bytes beyond all bytes", { key: "retention.bytes", value: "10" }, {
    key: "local.retention.bytes",
    value: "11",
  }),
  changing("tiered storage", { key: "remote.storage.enable", value: "true" }),
  changing("the cleanup policy of nobody", { key: "cleanup.policy", value: "" }),
  replacing("nothing"),
  replacing("one", { key: "retention.ms", value: "77" }),
  replacing("the same", ...Object.entries(SET_AT_FIRST).map(([key, value]) => ({ key, value }))),
  replacing("an unknown config", { key: "no.such.config", value: "1" }),
  replacing("a bad value", { key: "retention.ms", value: "x" }),
  replacing("a config twice", { key: "retention.ms", value: "5" }, { key: "retention.ms", value: "6" }),
  replacing("no value", { key: "retention.ms", value: null }),
  replacing("a config without a name", { key: "", value: "1" }),
  altering("a change is only checked", async ({ admin, topic }) => {
    const check = (question: string, ...changes: Change[]) =>
      admin.changes(question, [{ ...topic, changes }], { validateOnly: true });
    await check("a good one", { key: "retention.ms", value: "5" });
    await check("a bad one", { key: "retention.ms", value: "x" });
    await check("an unknown one", { key: "no.such.config", value: "x" });
    await admin.replaces("all, good", [{ ...topic, values: [{ key: "retention.ms", value: "5" }] }], {
      validateOnly: true,
    });
    await admin.replaces("all, bad", [{ ...topic, values: [{ key: "retention.ms", value: "x" }] }], {
      validateOnly: true,
    });
  }),
  altering("each resource of a request succeeds or fails on its own", async ({ peer, admin, topic }) => {
    const nobody = { kind: Kind.TOPIC, name: peer.unique("nowhere") };
    const changes = [{ key: "max.message.bytes", value: "3000" }];
    await admin.changes("two, one of them unknown", [{ ...topic, changes }, { ...nobody, changes }]);
    await admin.changes("a resource twice", [
      { ...topic, changes },
      { ...topic, changes: [{ key: "retention.ms", value: "5" }] },
      { ...nobody, changes },
    ]);
    await admin.changes("no resource", []);
    await admin.replaces("no resource, at once", []);
  }),
  ...[0, 1].map((version) =>
    altering(`incremental changes at version ${version}`, async ({ admin, topic }) => {
      const changes = [{ key: "retention.ms", value: "5" }, { key: "cleanup.policy", op: Op.DELETE }];
      await admin.changes("changes", [{ ...topic, changes }], { version });
    })
  ),
  ...[0, 1, 2].map((version) =>
    altering(`changes at once at version ${version}`, async ({ admin, topic }) => {
      await admin.replaces("replaces", [{ ...topic, values: [{ key: "retention.ms", value: "5" }] }], {
        version,
      });
    })
  ),
  ...[1, 2, 3, 4].map((version) =>
    altering(`descriptions at version ${version}`, async ({ peer, admin, topic }) => {
      const nobody = { kind: Kind.TOPIC, name: peer.unique("nowhere") };
      const keys = ["retention.ms", "max.message.bytes", "cleanup.policy", "no.such.config"];
      await admin.describes("some", [topic], keys, { version });
      await admin.describes("briefly", [topic], keys, { version, isBrief: true });
      await admin.describes("no keys", [topic], [], { version, isBrief: true });
      await admin.describes("all", [topic], null, { version });
      await admin.describes("one that there is and one that there is not", [topic, nobody], keys, {
        version,
      });
      await admin.describes("twice", [topic, topic], ["retention.ms"], { version });
      await admin.describes("a key twice", [topic], ["retention.ms", "retention.ms"], { version });
      await admin.describes("nothing", [], null, { version });
    })
  ),
  scenario("resources that there are not", async (peer) => {
    const admin = new ConfigAdmin(peer);
    const key = "retention.ms";
    const strange = [
      { kind: Kind.TOPIC, name: peer.unique("nowhere") },
      { kind: Kind.TOPIC, name: "" },
      { kind: Kind.TOPIC, name: "a/b" },
      { kind: Kind.TOPIC, name: "n".repeat(250) },
      { kind: 0, name: "x" },
      { kind: 1, name: "x" },
      { kind: 3, name: "x" },
      { kind: 64, name: "x" },
      { kind: -1, name: "x" },
      { kind: Kind.BROKER, name: "7" },
      { kind: Kind.BROKER, name: "x" },
      { kind: Kind.BROKER, name: "-1" },
      { kind: Kind.LOGGER, name: "7" },
      { kind: Kind.LOGGER, name: "x" },
      { kind: Kind.LOGGER, name: "" },
      { kind: Kind.GROUP, name: "" },
      { kind: Kind.CLIENT_METRICS, name: "" },
    ];
    for (const resource of strange) {
      const what = `${resource.kind} "${resource.name.slice(0, 10)}"`;
      await admin.describes(`describes ${what}`, [resource], [key]);
      await admin.changes(`changes ${what}`, [{ ...resource, changes: [{ key, value: "1" }] }]);
      await admin.changes(`checks ${what}`, [{ ...resource, changes: [{ key, value: "1" }] }], {
        validateOnly: true,
      });
      await admin.replaces(`replaces ${what}`, [{ ...resource, values: [{ key, value: "1" }] }]);
    }
  }),
  scenario("configs of topics are gone with them", async (peer) => {
    const admin = new ConfigAdmin(peer);
    const { name } = await peer.topic("again", { configs: { "max.message.bytes": "4000" } });
    await peer.ask("deletes the topic", api.deleteTopics, 6, {
      topics: [{ name, topicId: "AAAAAAAAAAAAAAAAAAAAAA" }],
      timeoutMs: 10_000,
    });
    await peer.whenGone(name);
    await peer.topic("again");
    await admin.untilSeen(
      { kind: Kind.TOPIC, name },
      "max.message.bytes",
      (_, source) => source !== TOPIC_SOURCE,
    );
    await admin.describes("describes", [{ kind: Kind.TOPIC, name }], ["max.message.bytes"]);
  }),
];
