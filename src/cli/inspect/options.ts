import {
  boolean,
  choice,
  duration,
  integer,
  optional,
  type OptionKind,
  targetAddress,
  text,
} from "../kinds.ts";
import { outputOption, startOptions, trustOption } from "../options.ts";
import type { OptionTable } from "../option.ts";

/** The options of `klite inspect`. It shares the broker's own, so that a container's variables fit both. */
export const inspectOptions = {
  dataDir: {
    ...startOptions.dataDir,
    defaultWords: "./data, or none when --s3-bucket is given",
    help: "The data directory to look at. A broker may be at work on it.",
  },
  s3Bucket: {
    ...startOptions.s3Bucket,
    defaultWords: "none: the objects in the data directory",
    help: "The S3 bucket to look at.",
  },
  s3Region: startOptions.s3Region,
  s3Endpoint: startOptions.s3Endpoint,
  s3Prefix: startOptions.s3Prefix,
  topic: {
    flag: "topic",
    kind: optional(text("NAME", "a topic's name", () => null)),
    default: "",
    defaultWords: "all",
    group: "Topics",
    help: "Show, and verify, this topic only.",
    flagOnly: true,
  },
  verify: {
    flag: "verify",
    kind: boolean,
    default: "false",
    group: "Records",
    help: "Read every object from end to end and check all checksums.",
    flagOnly: true,
  },
  clusterId: {
    ...startOptions.clusterId,
    defaultWords: "the data directory's, or all in the bucket",
    help: "Show this cluster only.",
  },
  output: outputOption(),
} as const satisfies OptionTable;

/** Where `klite inspect topics` and its like get their answers from. */
export const sourceOptions = {
  address: {
    flag: "addr",
    kind: optional(targetAddress),
    default: "",
    defaultWords: "none: what is stored is looked at",
    group: "Network",
    help: "A running broker to ask, over the Kafka protocol.",
    flagOnly: true,
  },
  tlsCaFile: trustOption(),
  timeoutMs: {
    flag: "timeout",
    kind: duration(1, 3_600_000),
    default: "10s",
    group: "Network",
    help: "How long a running broker may take for each answer.",
    flagOnly: true,
  },
  dataDir: inspectOptions.dataDir,
  s3Bucket: inspectOptions.s3Bucket,
  s3Region: inspectOptions.s3Region,
  s3Endpoint: inspectOptions.s3Endpoint,
  s3Prefix: inspectOptions.s3Prefix,
  clusterId: {
    ...inspectOptions.clusterId,
    defaultWords: "the data directory's, or the only one in the bucket",
    help: "The cluster to look at.",
  },
  output: outputOption(),
} as const satisfies OptionTable;

const partitionNumber = integer(0, 2 ** 31 - 1);

/** The options of `klite inspect topics`. */
export const topicsOptions = {
  ...sourceOptions,
  topic: { ...inspectOptions.topic, help: "Show this topic only." },
} as const satisfies OptionTable;

/** The options of `klite inspect records`. */
export const recordsOptions = {
  ...sourceOptions,
  topic: {
    flag: "topic",
    letter: "t",
    kind: text("NAME", "a topic's name", (name) => name === "" ? "it must be named" : null),
    default: "",
    defaultWords: "none: it must be named",
    group: "Topics",
    help: "The topic to read.",
    flagOnly: true,
  },
  partition: {
    flag: "partition",
    letter: "p",
    kind: optional(partitionNumber),
    default: "",
    defaultWords: "the only one",
    group: "Topics",
    help: "The partition to read.",
    flagOnly: true,
  },
  offset: {
    flag: "offset",
    kind: optional(integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
    default: "",
    defaultWords: "the last --count offsets",
    group: "Records",
    help: "Where to begin. A negative number counts from the end: -1 is the last offset.",
    flagOnly: true,
  },
  time: {
    flag: "time",
    kind: optional(instant()),
    default: "",
    defaultWords: "none",
    group: "Records",
    help: "Begin at the first record that is not older than that.",
    flagOnly: true,
  },
  count: {
    flag: "count",
    letter: "n",
    kind: integer(1, Number.MAX_SAFE_INTEGER),
    default: "10",
    group: "Records",
    help: "How many records to show at most.",
    flagOnly: true,
  },
  format: {
    flag: "format",
    kind: choice(["text", "hex", "json"]),
    default: "text",
    group: "Records",
    help: "How keys, values and headers are shown.",
    flagOnly: true,
  },
} as const satisfies OptionTable;

/** The options of `klite inspect groups`. */
export const groupsOptions = {
  ...sourceOptions,
  group: {
    flag: "group",
    letter: "g",
    kind: optional(text("NAME", "a group's name", () => null)),
    default: "",
    defaultWords: "none: all groups are listed",
    group: "Groups",
    help: "Show the members, the offsets and the lag of this group.",
    flagOnly: true,
  },
} as const satisfies OptionTable;

/** The options of `klite inspect transactions`. */
export const transactionsOptions = {
  ...sourceOptions,
  all: {
    flag: "all",
    kind: boolean,
    default: "false",
    group: "Transactions",
    help: "Show every transactional id that is known, not only those with an open transaction.",
    flagOnly: true,
  },
} as const satisfies OptionTable;

/** The options of `klite inspect producers`. */
export const producersOptions = {
  ...sourceOptions,
  topic: {
    ...recordsOptions.topic,
    help: "The topic whose producers are shown.",
  },
  partition: {
    ...recordsOptions.partition,
    defaultWords: "all",
    help: "Show this partition only.",
  },
} as const satisfies OptionTable;

/** A moment: ISO 8601, or milliseconds since 1970. A day alone begins in UTC. */
function instant(): OptionKind<number> {
  const iso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i;
  return {
    placeholder: "TIME",
    valid: "a time such as 2026-11-21T17:44:23.738Z, 2026-11-21T18:44+01:00 or 2026-11-21, or ms since 1970",
    parse: (text) => {
      const ms = /^\d{1,15}$/.test(text) ? Number(text) : iso.test(text) ? Date.parse(text) : NaN;
      return Number.isNaN(ms) ? { problem: "not a time" } : { value: ms };
    },
  };
}
