import { ConfigAdmin, Kind, Op } from "../actors/config_admin.ts";
import { type Scenario, scenario } from "../scenario.ts";

const LONG_MAX = "9223372036854775807";
const TOO_LONG = "9223372036854775808";
const REPLICAS = { good: ["0:1", "*", "", "0:1,1:1"], bad: ["0", "x:y", "0:1:2"] };

/** Values of each topic config that are taken, the last one other than the default, and some that are not. */
const VALUES: Readonly<
  Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>
> = {
  "cleanup.policy": {
    good: ["compact", "delete,compact", ""],
    bad: ["shred", "compact,compact", "compact,"],
  },
  "compression.gzip.level": { good: ["-1", "1", " 9 "], bad: ["0", "10", "-2", "high"] },
  "compression.lz4.level": { good: ["1", "17"], bad: ["0", "18", ""] },
  "compression.type": { good: ["zstd", "uncompressed", "gzip"], bad: ["rar", "", "ZSTD", "none"] },
  "compression.zstd.level": { good: ["-131072", "22"], bad: ["-131073", "23", "1.5"] },
  "delete.retention.ms": { good: [LONG_MAX, "0"], bad: ["-1", TOO_LONG] },
  "file.delete.delay.ms": { good: ["0", LONG_MAX], bad: ["-1", "soon"] },
  "flush.messages": { good: ["1", "+5"], bad: ["0", "-1"] },
  "flush.ms": { good: ["0", "007"], bad: ["-1", "0x10"] },
  "follower.replication.throttled.replicas": REPLICAS,
  "index.interval.bytes": { good: ["0", "1"], bad: ["-1", "2147483648"] },
  "leader.replication.throttled.replicas": REPLICAS,
  "local.retention.bytes": { good: ["-2", "1"], bad: ["-3", "one"] },
  "local.retention.ms": { good: ["-2", "1"], bad: ["-3", "one"] },
  "max.compaction.lag.ms": { good: ["1", "1000"], bad: ["0", "-1"] },
  "max.message.bytes": { good: ["0", " 5000 "], bad: ["-1", "2147483648", "1e3", "5 000"] },
  "message.timestamp.after.max.ms": { good: ["0", LONG_MAX], bad: ["-1", ""] },
  "message.timestamp.before.max.ms": { good: ["0", "1"], bad: ["-1", ""] },
  "message.timestamp.type": { good: ["CreateTime", "LogAppendTime"], bad: ["logappendtime", "", "Sundial"] },
  "min.cleanable.dirty.ratio": { good: ["0", "1", "0.25"], bad: ["-0.1", "1.1", "half", ""] },
  "min.compaction.lag.ms": { good: ["0", "5"], bad: ["-1", "one"] },
  "min.insync.replicas": { good: ["1", "2"], bad: ["0", "-1"] },
  "preallocate": { good: ["false", "true", "TRUE", " true "], bad: ["perhaps", "1", ""] },
  "remote.log.copy.disable": { good: ["false"], bad: ["perhaps", "true"] },
  "remote.log.delete.on.disable": { good: ["false"], bad: ["perhaps"] },
  "remote.storage.enable": { good: ["false"], bad: ["perhaps", "true"] },
  "retention.bytes": { good: ["-1", "0", "-5"], bad: ["all", TOO_LONG] },
  "retention.ms": { good: ["-1", "1000"], bad: ["-2", "one week"] },
  "segment.bytes": { good: ["1048576"], bad: ["1048575", "2147483648"] },
  "segment.index.bytes": { good: ["4"], bad: ["3"] },
  "segment.jitter.ms": { good: ["0", "1"], bad: ["-1"] },
  "segment.ms": { good: ["1", "2"], bad: ["0"] },
  "unclean.leader.election.enable": { good: ["true"], bad: ["yes"] },
};

const TOPIC_SOURCE = 1;

/** One for each config that a topic can have. */
export const topicConfigs: readonly Scenario[] = Object.entries(VALUES).map(([key, { good, bad }]) =>
  scenario(`the topic config ${key}`, async (peer) => {
    const admin = new ConfigAdmin(peer);
    const { name } = await peer.topic("configured");
    const topic = { kind: Kind.TOPIC, name };
    const change = (question: string, op: number, value: string | null) =>
      admin.changes(question, [{ ...topic, changes: [{ key, op, value }] }]);
    for (const value of good) {
      await change(`sets "${value}"`, Op.SET, value);
      const due = value.trim().toLowerCase();
      await admin.untilSeen(topic, key, (seen, source) => source === TOPIC_SOURCE && isSame(seen, due));
      await admin.describes(`describes it as "${value}"`, [topic], [key]);
    }
    for (const value of bad) await change(`sets "${value}"`, Op.SET, value);
    await change("sets nothing", Op.SET, null);
    await change("appends 0:9", Op.APPEND, "0:9");
    await change("deletes it", Op.DELETE, null);
    await admin.untilSeen(topic, key, (_, source) => source !== TOPIC_SOURCE);
    await admin.describes("describes it deleted", [topic], [key]);
  })
);

/** Numbers may be told with fewer digits than they were set with. */
function isSame(value: string | null, due: string): boolean {
  const text = value?.toLowerCase() ?? "";
  return text === due || (due !== "" && Number(text) === Number(due));
}
