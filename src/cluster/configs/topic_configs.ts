import { Compression } from "../../records/outside.ts";
import { type ConfigDef, listOf, valueProblem } from "./config_def.ts";

/** One topic config. */
export interface TopicConfigDef extends ConfigDef {
  readonly default: string;
  /** The broker's config that a topic without its own value follows, where there is one. */
  readonly broker?: string;
  /** The broker's config has no default of its own: Kafka reads another one, in other units, in its place. */
  readonly brokerHasNoDefault?: true;
  /** Whether klite acts on it; if not it is kept and told. */
  readonly enforced?: true;
}

const LONG_MAX = "9223372036854775807";
/** Partitions with replicas, or all of them. */
const THROTTLED = { type: "list", default: "", form: /^(?:|\*|\d+:\d+(?:,\d+:\d+)*)$/ } as const;

/** Every public topic config of Kafka 4.3, with its broker-wide default. */
export const TOPIC_CONFIGS: readonly TopicConfigDef[] = [
  {
    name: "cleanup.policy",
    enforced: true,
    broker: "log.cleanup.policy",
    type: "list",
    default: "delete",
    words: ["compact", "delete"],
  },
  {
    name: "compression.gzip.level",
    enforced: true,
    broker: "compression.gzip.level",
    type: "int",
    default: "-1",
    min: 1,
    max: 9,
    alsoValid: -1,
  },
  {
    name: "compression.lz4.level",
    broker: "compression.lz4.level",
    type: "int",
    default: "9",
    min: 1,
    max: 17,
  },
  {
    name: "compression.type",
    enforced: true,
    broker: "compression.type",
    type: "string",
    default: "producer",
    words: ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"],
  },
  {
    name: "compression.zstd.level",
    enforced: true,
    broker: "compression.zstd.level",
    type: "int",
    default: "3",
    min: -131072,
    max: 22,
  },
  {
    name: "delete.retention.ms",
    enforced: true,
    broker: "log.cleaner.delete.retention.ms",
    type: "long",
    default: "86400000",
    min: 0,
  },
  {
    name: "file.delete.delay.ms",
    broker: "log.segment.delete.delay.ms",
    type: "long",
    default: "60000",
    min: 0,
  },
  { name: "flush.messages", broker: "log.flush.interval.messages", type: "long", default: LONG_MAX, min: 1 },
  {
    name: "flush.ms",
    broker: "log.flush.interval.ms",
    brokerHasNoDefault: true,
    type: "long",
    default: LONG_MAX,
    min: 0,
  },
  { name: "follower.replication.throttled.replicas", ...THROTTLED },
  { name: "index.interval.bytes", broker: "log.index.interval.bytes", type: "int", default: "4096", min: 0 },
  { name: "leader.replication.throttled.replicas", ...THROTTLED },
  {
    name: "local.retention.bytes",
    broker: "log.local.retention.bytes",
    type: "long",
    default: "-2",
    min: -2,
  },
  { name: "local.retention.ms", broker: "log.local.retention.ms", type: "long", default: "-2", min: -2 },
  {
    name: "max.compaction.lag.ms",
    enforced: true,
    broker: "log.cleaner.max.compaction.lag.ms",
    type: "long",
    default: LONG_MAX,
    min: 1,
  },
  {
    name: "max.message.bytes",
    enforced: true,
    broker: "message.max.bytes",
    type: "int",
    default: "1048588",
    min: 0,
  },
  {
    name: "message.timestamp.after.max.ms",
    enforced: true,
    broker: "log.message.timestamp.after.max.ms",
    type: "long",
    default: "3600000",
    min: 0,
  },
  {
    name: "message.timestamp.before.max.ms",
    enforced: true,
    broker: "log.message.timestamp.before.max.ms",
    type: "long",
    default: LONG_MAX,
    min: 0,
  },
  {
    name: "message.timestamp.type",
    enforced: true,
    broker: "log.message.timestamp.type",
    type: "string",
    default: "CreateTime",
    words: ["CreateTime", "LogAppendTime"],
  },
  {
    name: "min.cleanable.dirty.ratio",
    enforced: true,
    broker: "log.cleaner.min.cleanable.ratio",
    type: "double",
    default: "0.5",
    min: 0,
    max: 1,
  },
  {
    name: "min.compaction.lag.ms",
    enforced: true,
    broker: "log.cleaner.min.compaction.lag.ms",
    type: "long",
    default: "0",
    min: 0,
  },
  { name: "min.insync.replicas", broker: "min.insync.replicas", type: "int", default: "1", min: 1 },
  { name: "preallocate", broker: "log.preallocate", type: "boolean", default: "false" },
  { name: "remote.log.copy.disable", type: "boolean", default: "false" },
  { name: "remote.log.delete.on.disable", type: "boolean", default: "false" },
  { name: "remote.storage.enable", type: "boolean", default: "false" },
  { name: "retention.bytes", enforced: true, broker: "log.retention.bytes", type: "long", default: "-1" },
  {
    name: "retention.ms",
    enforced: true,
    broker: "log.retention.ms",
    brokerHasNoDefault: true,
    type: "long",
    default: "604800000",
    min: -1,
  },
  { name: "segment.bytes", broker: "log.segment.bytes", type: "int", default: "1073741824", min: 1048576 },
  {
    name: "segment.index.bytes",
    broker: "log.index.size.max.bytes",
    type: "int",
    default: "10485760",
    min: 4,
  },
  {
    name: "segment.jitter.ms",
    broker: "log.roll.jitter.ms",
    brokerHasNoDefault: true,
    type: "long",
    default: "0",
    min: 0,
  },
  {
    name: "segment.ms",
    broker: "log.roll.ms",
    brokerHasNoDefault: true,
    type: "long",
    default: "604800000",
    min: 1,
  },
  {
    name: "unclean.leader.election.enable",
    broker: "unclean.leader.election.enable",
    type: "boolean",
    default: "false",
  },
];

const BY_NAME: ReadonlyMap<string, TopicConfigDef> = new Map(TOPIC_CONFIGS.map((def) => [def.name, def]));

/** What Kafka knows of the topic config `name`; `undefined` if there is none. */
export function topicConfig(name: string): TopicConfigDef | undefined {
  return BY_NAME.get(name);
}

/** What is wrong with setting `name` to `value`, in words for the client; `null` when nothing is. */
export function topicConfigProblem(name: string, value: string | null): string | null {
  const def = BY_NAME.get(name);
  if (def === undefined) return `Unknown topic config name: ${name}`;
  if (value === null) return `Null value not supported for topic configs: ${name}`;
  const problem = valueProblem(def, value);
  return problem === null ? null : `Invalid value ${value} for configuration ${name}: ${problem}`;
}

/** What does not fit together of valid values, each as `valueOf` tells it; `null` when all does. */
export function conflictingConfigs(valueOf: (name: string) => string): string | null {
  const [min, max] = [valueOf("min.compaction.lag.ms"), valueOf("max.compaction.lag.ms")];
  if (BigInt(min.trim()) > BigInt(max.trim())) {
    return `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`;
  }
  if (valueOf("remote.storage.enable").trim().toLowerCase() === "true") {
    return "Tiered Storage functionality is disabled in the broker. klite keeps its records in objects by itself.";
  }
  return null;
}

/** The configs of one topic that the broker obeys, parsed once. Sizes in bytes, times in ms. */
export interface TopicSettings {
  readonly maxMessageBytes: number;
  readonly logAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  /** How batches are stored; `null`: as they come. */
  readonly compression: Compression | null;
  /** How hard gzip or zstd tries, where that is what batches are stored as. */
  readonly compressionLevel: number;
  /** `cleanup.policy` has `compact`. */
  readonly compacted: boolean;
  /** `cleanup.policy` has `delete`: retention applies. It may have neither. */
  readonly deletesRecords: boolean;
  /** Records go when they are older; negative: never. */
  readonly retentionMs: number;
  /** The oldest records go where a partition holds more; negative: never. */
  readonly retentionBytes: number;
  /** How long a tombstone is kept once it is alone with its key. */
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly minCleanableDirtyRatio: number;
}

const CODECS: Readonly<Record<string, Compression>> = {
  uncompressed: Compression.NONE,
  gzip: Compression.GZIP,
  snappy: Compression.SNAPPY,
  lz4: Compression.LZ4,
  zstd: Compression.ZSTD,
};

/** The settings of a topic, whose own configs these are. Values must have been validated. */
export function topicSettings(
  own: ReadonlyMap<string, string>,
  brokerValue: (name: string) => string | undefined = () => undefined,
): TopicSettings {
  const text = (name: string) => topicValue(name, own, brokerValue).trim();
  const number = (name: string) => Number(text(name));
  const policies = listOf(text("cleanup.policy"));
  const codec = text("compression.type");
  return {
    maxMessageBytes: number("max.message.bytes"),
    logAppendTime: text("message.timestamp.type") === "LogAppendTime",
    timestampBeforeMaxMs: number("message.timestamp.before.max.ms"),
    timestampAfterMaxMs: number("message.timestamp.after.max.ms"),
    compression: CODECS[codec] ?? null,
    compressionLevel: codec === "gzip" || codec === "zstd" ? number(`compression.${codec}.level`) : 0,
    compacted: policies.includes("compact"),
    deletesRecords: policies.includes("delete"),
    retentionMs: number("retention.ms"),
    retentionBytes: number("retention.bytes"),
    deleteRetentionMs: number("delete.retention.ms"),
    minCompactionLagMs: number("min.compaction.lag.ms"),
    maxCompactionLagMs: number("max.compaction.lag.ms"),
    minCleanableDirtyRatio: number("min.cleanable.dirty.ratio"),
  };
}

/** The value that counts for a topic: its own, else the broker's, else the default. */
export function topicValue(
  name: string,
  own: ReadonlyMap<string, string>,
  brokerValue: (name: string) => string | undefined,
): string {
  const def = BY_NAME.get(name);
  return own.get(name) ?? (def?.broker === undefined ? undefined : brokerValue(def.broker)) ??
    def?.default ?? "";
}
