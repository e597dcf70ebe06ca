/** How a config's text is read, by the names Kafka gives its types. */
export type ConfigType = "boolean" | "double" | "int" | "list" | "long" | "string";

/** One topic config: what Kafka 4.3 calls it, its type, default and valid values. */
export interface TopicConfigDef {
  readonly name: string;
  readonly type: ConfigType;
  readonly default: string;
  /** Smallest and largest number, for numeric types. */
  readonly min?: number;
  readonly max?: number;
  /** The only valid words, for strings and lists. */
  readonly words?: readonly string[];
  /** A number outside [min, max] that is valid all the same. */
  readonly alsoValid?: number;
}

const LONG_MAX = "9223372036854775807";
const INT_MAX = 2147483647;
const THROTTLED = { type: "list", default: "" } as const;

/** Every public topic config of Kafka 4.3, with its broker-wide default. */
export const TOPIC_CONFIGS: readonly TopicConfigDef[] = [
  { name: "cleanup.policy", type: "list", default: "delete", words: ["compact", "delete"] },
  { name: "compression.gzip.level", type: "int", default: "-1", min: 1, max: 9, alsoValid: -1 },
  { name: "compression.lz4.level", type: "int", default: "9", min: 1, max: 17 },
  {
    name: "compression.type",
    type: "string",
    default: "producer",
    words: ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"],
  },
  { name: "compression.zstd.level", type: "int", default: "3", min: -131072, max: 22 },
  { name: "delete.retention.ms", type: "long", default: "86400000", min: 0 },
  { name: "file.delete.delay.ms", type: "long", default: "60000", min: 0 },
  { name: "flush.messages", type: "long", default: LONG_MAX, min: 1 },
  { name: "flush.ms", type: "long", default: LONG_MAX, min: 0 },
  { name: "follower.replication.throttled.replicas", ...THROTTLED },
  { name: "index.interval.bytes", type: "int", default: "4096", min: 0 },
  { name: "leader.replication.throttled.replicas", ...THROTTLED },
  { name: "local.retention.bytes", type: "long", default: "-2", min: -2 },
  { name: "local.retention.ms", type: "long", default: "-2", min: -2 },
  { name: "max.compaction.lag.ms", type: "long", default: LONG_MAX, min: 1 },
  { name: "max.message.bytes", type: "int", default: "1048588", min: 0 },
  { name: "message.timestamp.after.max.ms", type: "long", default: "3600000", min: 0 },
  { name: "message.timestamp.before.max.ms", type: "long", default: LONG_MAX, min: 0 },
  {
    name: "message.timestamp.type",
    type: "string",
    default: "CreateTime",
    words: ["CreateTime", "LogAppendTime"],
  },
  { name: "min.cleanable.dirty.ratio", type: "double", default: "0.5", min: 0, max: 1 },
  { name: "min.compaction.lag.ms", type: "long", default: "0", min: 0 },
  { name: "min.insync.replicas", type: "int", default: "1", min: 1 },
  { name: "preallocate", type: "boolean", default: "false" },
  { name: "remote.log.copy.disable", type: "boolean", default: "false" },
  { name: "remote.log.delete.on.disable", type: "boolean", default: "false" },
  { name: "remote.storage.enable", type: "boolean", default: "false" },
  { name: "retention.bytes", type: "long", default: "-1" },
  { name: "retention.ms", type: "long", default: "604800000", min: -1 },
  { name: "segment.bytes", type: "int", default: "1073741824", min: 1048576 },
  { name: "segment.index.bytes", type: "int", default: "10485760", min: 4 },
  { name: "segment.jitter.ms", type: "long", default: "0", min: 0 },
  { name: "segment.ms", type: "long", default: "604800000", min: 1 },
  { name: "unclean.leader.election.enable", type: "boolean", default: "false" },
];

const BY_NAME: ReadonlyMap<string, TopicConfigDef> = new Map(TOPIC_CONFIGS.map((def) => [def.name, def]));

/** What is wrong with setting `name` to `value`, in words for the client; `null` when nothing is. */
export function topicConfigProblem(name: string, value: string | null): string | null {
  const def = BY_NAME.get(name);
  if (def === undefined) return `Unknown topic config name: ${name}`;
  if (value === null) return `Null value not supported for topic configs: ${name}`;
  const problem = valueProblem(def, value.trim());
  return problem === null ? null : `Invalid value ${value} for configuration ${name}: ${problem}`;
}

function valueProblem(def: TopicConfigDef, value: string): string | null {
  switch (def.type) {
    case "boolean":
      return /^(true|false)$/i.test(value) ? null : "Expected value to be either true or false";
    case "string":
      return wordsProblem(def, [value]);
    case "list":
      return def.words === undefined ? null : listProblem(def, value);
    case "int":
    case "long":
    case "double":
      return numberProblem(def, value);
  }
}

function listProblem(def: TopicConfigDef, value: string): string | null {
  const words = value === "" ? [] : value.split(",").map((word) => word.trim());
  if (new Set(words).size !== words.length) {
    return "Configuration '" + def.name + "' values must not be duplicated.";
  }
  return wordsProblem(def, words);
}

function wordsProblem(def: TopicConfigDef, words: readonly string[]): string | null {
  const valid = def.words;
  if (valid === undefined || words.every((word) => valid.includes(word))) return null;
  return `String must be one of: ${valid.join(", ")}`;
}

function numberProblem(def: TopicConfigDef, value: string): string | null {
  if (def.type === "double") {
    if (value === "" || !Number.isFinite(Number(value))) return "Not a number of type DOUBLE";
  } else {
    const limit = def.type === "int" ? BigInt(INT_MAX) : BigInt(LONG_MAX);
    if (!/^[+-]?\d{1,19}$/.test(value) || BigInt(value) > limit || BigInt(value) < -limit - 1n) {
      return `Not a number of type ${def.type.toUpperCase()}`;
    }
  }
  const number = Number(value);
  if (number === def.alsoValid) return null;
  if (def.min !== undefined && number < def.min) return `Value must be at least ${def.min}`;
  if (def.max !== undefined && number > def.max) return `Value must be no more than ${def.max}`;
  return null;
}

/** The configs of one topic that the broker obeys, parsed once. Sizes in bytes, times in ms. */
export interface TopicSettings {
  readonly maxMessageBytes: number;
  readonly logAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
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

/** The settings that a topic's own configs give over the defaults. Values must have been validated. */
export function topicSettings(configs: ReadonlyMap<string, string>): TopicSettings {
  const text = (name: string) => (configs.get(name) ?? BY_NAME.get(name)?.default ?? "").trim();
  const number = (name: string) => Number(text(name));
  const policies = text("cleanup.policy").split(",").map((word) => word.trim());
  return {
    maxMessageBytes: number("max.message.bytes"),
    logAppendTime: text("message.timestamp.type") === "LogAppendTime",
    timestampBeforeMaxMs: number("message.timestamp.before.max.ms"),
    timestampAfterMaxMs: number("message.timestamp.after.max.ms"),
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
