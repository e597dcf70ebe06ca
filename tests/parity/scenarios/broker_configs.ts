import { ConfigAdmin, Kind, Op } from "../actors/config_admin.ts";
import { api } from "../api.ts";
import { loneScenario, type Scenario, scenario } from "../scenario.ts";

const ALL = { kind: Kind.BROKER, name: "" };
const THIS = { kind: Kind.BROKER, name: "1" };
const LOGGERS = { kind: Kind.LOGGER, name: "1" };
const ALL_BROKERS = 3;

/** The broker's configs that topics follow: which of theirs, a value that is taken and one that is not. */
const FOLLOWED: readonly (readonly [key: string, topicKey: string, good: string, bad: string])[] = [
  ["compression.gzip.level", "compression.gzip.level", "3", "0"],
  ["compression.lz4.level", "compression.lz4.level", "3", "0"],
  ["compression.type", "compression.type", "snappy", "rar"],
  ["compression.zstd.level", "compression.zstd.level", "4", "23"],
  ["log.cleaner.delete.retention.ms", "delete.retention.ms", "1000", "-1"],
  ["log.cleaner.max.compaction.lag.ms", "max.compaction.lag.ms", "99999", "0"],
  ["log.cleaner.min.cleanable.ratio", "min.cleanable.dirty.ratio", "0.75", "2"],
  ["log.cleaner.min.compaction.lag.ms", "min.compaction.lag.ms", "7", "-1"],
  ["log.cleanup.policy", "cleanup.policy", "delete,compact", "shred"],
  ["log.flush.interval.messages", "flush.messages", "5", "0"],
  ["log.flush.interval.ms", "flush.ms", "5", "x"],
  ["log.index.interval.bytes", "index.interval.bytes", "5", "-1"],
  ["log.index.size.max.bytes", "segment.index.bytes", "5000", "3"],
  ["log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms", "3600001", "-1"],
  ["log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms", "99999999999999", "-1"],
  ["log.message.timestamp.type", "message.timestamp.type", "CreateTime", "Sundial"],
  ["log.preallocate", "preallocate", "false", "perhaps"],
  ["log.retention.bytes", "retention.bytes", "1000000000", "x"],
  ["log.retention.ms", "retention.ms", "500000000", "x"],
  ["log.roll.jitter.ms", "segment.jitter.ms", "5", "x"],
  ["log.roll.ms", "segment.ms", "604800001", "x"],
  ["log.segment.bytes", "segment.bytes", "1073741823", "5"],
  ["log.segment.delete.delay.ms", "file.delete.delay.ms", "59999", "-1"],
  ["message.max.bytes", "max.message.bytes", "1000000", "-1"],
  ["unclean.leader.election.enable", "unclean.leader.election.enable", "true", "perhaps"],
];

const followed = FOLLOWED.map(([key, topicKey, good, bad]) =>
  loneScenario(`topics follow the broker's ${key}`, async (peer) => {
    const admin = new ConfigAdmin(peer);
    const topic = { kind: Kind.TOPIC, name: peer.unique("follows") };
    await peer.topic("follows", { configs: { "retention.ms": "-1" } });
    await admin.changes("the topic lets go", [{
      ...topic,
      changes: [{ key: "retention.ms", op: Op.DELETE }],
    }]);
    await admin.untilSeen(topic, "retention.ms", (_, source) => source !== 1);
    const told = async (when: string) => {
      await admin.describes(`the broker ${when}`, [THIS], [key]);
      await admin.describes(`all brokers ${when}`, [ALL], [key]);
      await admin.describes(`the topic ${when}`, [topic], [topicKey]);
    };
    await told("at first");
    await admin.changes("sets it for all", [{ ...ALL, changes: [{ key, value: good }] }]);
    await admin.untilSeen(THIS, key, (_, source) => source === ALL_BROKERS);
    await told("when it is set");
    await admin.changes("sets it badly", [{ ...ALL, changes: [{ key, value: bad }] }]);
    await admin.changes("sets it to null", [{ ...ALL, changes: [{ key, value: null }] }]);
    await admin.changes("sets it for this one badly", [{ ...THIS, changes: [{ key, value: bad }] }]);
    await admin.changes("sets it for this one", [{ ...THIS, changes: [{ key, value: good }] }]);
    await admin.untilSeen(THIS, key, (_, source) => source === 2);
    await told("when it is set for both");
    await admin.changes("deletes it for this one", [{ ...THIS, changes: [{ key, op: Op.DELETE }] }]);
    await admin.changes("deletes it", [{ ...ALL, changes: [{ key, op: Op.DELETE }] }]);
    await admin.untilSeen(THIS, key, (_, source) => source !== 2 && source !== ALL_BROKERS);
    await told("at last");
  })
);

const READ_ONLY = [
  "broker.id",
  "node.id",
  "num.partitions",
  "auto.create.topics.enable",
  "default.replication.factor",
  "delegation.token.expiry.check.interval.ms",
  "delegation.token.expiry.time.ms",
  "delegation.token.max.lifetime.ms",
  "delete.topic.enable",
  "group.initial.rebalance.delay.ms",
  "group.max.session.timeout.ms",
  "group.min.session.timeout.ms",
  "group.max.size",
  "group.consumer.session.timeout.ms",
  "group.consumer.heartbeat.interval.ms",
  "group.consumer.max.size",
  "group.consumer.assignors",
  "group.consumer.migration.policy",
  "log.dirs",
  "log.retention.hours",
  "log.retention.minutes",
  "log.retention.check.interval.ms",
  "log.roll.hours",
  "offset.metadata.max.bytes",
  "offsets.retention.minutes",
  "process.roles",
  "socket.request.max.bytes",
  "transaction.max.timeout.ms",
  "transactional.id.expiration.ms",
];

export const brokerConfigs: readonly Scenario[] = [
  ...followed,
  ...READ_ONLY.map((key) =>
    scenario(`the broker's ${key} cannot be changed`, async (peer) => {
      const admin = new ConfigAdmin(peer);
      for (const [who, resource] of Object.entries({ all: ALL, this: THIS })) {
        await admin.changes(`sets it for ${who}`, [{ ...resource, changes: [{ key, value: "1" }] }]);
        await admin.changes(`deletes it for ${who}`, [{ ...resource, changes: [{ key, op: Op.DELETE }] }]);
        await admin.changes(`checks it for ${who}`, [{ ...resource, changes: [{ key, value: "1" }] }], {
          validateOnly: true,
        });
      }
    })
  ),
  loneScenario("the broker's producer.id.expiration.ms", async (peer) => {
    const admin = new ConfigAdmin(peer);
    const key = "producer.id.expiration.ms";
    await admin.describes("at first", [THIS], [key]);
    await admin.changes("too small", [{ ...ALL, changes: [{ key, value: "0" }] }]);
    await admin.changes("sets it", [{ ...ALL, changes: [{ key, value: "3600000" }] }]);
    await admin.untilSeen(THIS, key, (value) => value === "3600000");
    await admin.describes("when it is set", [THIS], [key]);
    await admin.describes("of all", [ALL], [key]);
    await admin.changes("deletes it", [{ ...ALL, changes: [{ key, op: Op.DELETE }] }]);
    await admin.untilSeen(THIS, key, (value) => value === "86400000");
  }),
  loneScenario("the broker's group.consumer.assignment.interval.ms", async (peer) => {
    const admin = new ConfigAdmin(peer);
    const key = "group.consumer.assignment.interval.ms";
    for (const value of ["-1", "15001", "x"]) {
      await admin.changes(`sets ${value}`, [{ ...ALL, changes: [{ key, value }] }]);
    }
    await admin.changes("sets 50", [{ ...ALL, changes: [{ key, value: "50" }] }]);
    await admin.untilSeen(THIS, key, (value) => value === "50");
    await admin.describes("when it is set", [THIS], [key]);
    await admin.describes("a group follows", [{ kind: Kind.GROUP, name: peer.unique("g") }], [
      "consumer.assignment.interval.ms",
    ]);
    await admin.changes("deletes it", [{ ...ALL, changes: [{ key, op: Op.DELETE }] }]);
    await admin.untilSeen(THIS, key, (_, source) => source !== ALL_BROKERS);
  }),
  loneScenario("all of a broker at once", async (peer) => {
    const admin = new ConfigAdmin(peer);
    const key = "log.retention.bytes";
    await admin.changes("sets one", [{ ...THIS, changes: [{ key, value: "5000000000" }] }]);
    await admin.untilSeen(THIS, key, (value) => value === "5000000000");
    await admin.replaces("replaces it by another", [{
      ...THIS,
      values: [{ key: "log.roll.ms", value: "700000000" }],
    }]);
    await admin.untilSeen(THIS, key, (value) => value === "-1");
    await admin.describes("describes", [THIS], [key, "log.roll.ms"]);
    await admin.replaces("replaces by nothing", [{ ...THIS, values: [] }]);
    await admin.untilSeen(THIS, "log.roll.ms", (value) => value === null);
    await admin.describes("describes again", [THIS], [key, "log.roll.ms"]);
    await admin.replaces("read-only", [{ ...THIS, values: [{ key: "num.partitions", value: "3" }] }]);
  }),
  loneScenario("all configs of a broker", async (peer) => {
    const admin = new ConfigAdmin(peer);
    await peer.keeps("names", async () => {
      const resources = [{ resourceType: Kind.BROKER, resourceName: "1", configurationKeys: null }];
      const { results } = await peer.send(api.describeConfigs, 4, { resources });
      return results[0]?.configs.map(({ name }) => name);
    });
    const keys = [...FOLLOWED.map(([key]) => key), ...READ_ONLY.filter((key) => key !== "log.dirs")];
    for (const version of [1, 2, 3, 4]) {
      await admin.describes(`describes many, version ${version}`, [THIS], keys, { version });
    }
    await admin.describes("describes them briefly", [THIS], keys, { isBrief: true });
    await admin.describes("unknown keys", [THIS], ["no.such.config"]);
  }),
  loneScenario("levels of loggers", async (peer) => {
    const admin = new ConfigAdmin(peer);
    const change = (question: string, key: string, op: number, value: string | null, validateOnly = false) =>
      admin.changes(question, [{ ...LOGGERS, changes: [{ key, op, value }] }], { validateOnly });
    await admin.describes("describes root", [LOGGERS], ["root"]);
    await change("only checks", "root", Op.SET, "WARN", true);
    await admin.describes("describes root again", [LOGGERS], ["root"]);
    await change("sets it", "root", Op.SET, "ERROR");
    await admin.describes("describes root as it is set", [LOGGERS], ["root"]);
    for (const value of ["LOUD", "", null]) await change(`sets "${value}"`, "root", Op.SET, value);
    await change("sets an unknown one", "no.such.Logger", Op.SET, "INFO");
    await change("deletes an unknown one", "no.such.Logger", Op.DELETE, null);
    await change("deletes root", "root", Op.DELETE, null);
    await change("appends", "root", Op.APPEND, "INFO");
    await change("subtracts", "root", Op.SUBTRACT, "INFO");
    await admin.replaces("at once", [{ ...LOGGERS, values: [{ key: "root", value: "INFO" }] }]);
    await change("sets it back", "root", Op.SET, "INFO");
  }),
];
