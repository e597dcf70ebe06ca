import { aclOptions } from "./acl_options.ts";
import {
  boolean,
  byteSize,
  choice,
  duration,
  filePath,
  integer,
  listenAddress,
  loopbackAddress,
  milliseconds,
  optional,
  targetAddress,
  text,
  topicList,
} from "./kinds.ts";
import { leaseOptions } from "./lease_options.ts";
import { limitOptions } from "./limit_options.ts";
import { listenerOptions } from "./listener_options.ts";
import type { Option, OptionTable } from "./option.ts";
import { saslOptions } from "./sasl_options.ts";
import { tierOptions } from "./tier_options.ts";
import { tokenOptions } from "./token_options.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/**
 * The options of `klite start`. This table is the only place where they are
 * written down: it drives the command line, the variables, the help, the
 * reference page and the config that is printed at debug level.
 */
export const startOptions = {
  listen: {
    flag: "listen",
    kind: listenAddress,
    default: ":9092",
    group: "Network",
    help: "Where Kafka clients connect. Without a host, on every interface; port 0 takes any free one.",
  },
  advertised: {
    flag: "advertised-addr",
    kind: optional(targetAddress),
    default: "",
    defaultWords: "the address that the client itself connected to",
    group: "Network",
    help: "What clients are told to connect to. It must be reachable from where they run.",
    more:
      "A Kafka client asks any broker for its metadata and then connects to the address it finds there, " +
      "so a client that connects and then hangs has usually been told an address that it cannot reach. Without this " +
      "option each client is told the address of klite's that it used, which works unless something in between " +
      "translates addresses. Set it in a container with a mapped port (`localhost:9092` for clients on the host), in Kubernetes (the pod's stable DNS " +
      "name) and behind a load balancer (its address).",
  },
  ...listenerOptions,
  healthAddress: {
    flag: "health-addr",
    kind: optional(loopbackAddress),
    default: "",
    defaultWords: "off",
    group: "Network",
    help: "Where /livez, /readyz and /metrics answer over HTTP. Without a host, for this machine only.",
    more:
      "`/livez` answers 200 while the process works; `/readyz` answers 200 while clients are served and 503, with " +
      "what it waits for, before and after. `/metrics` has figures for Prometheus: see [observability.md](observability.md). " +
      "Probes and scrapers on other machines (Kubernetes among them) need `0.0.0.0:8080` or `[::]:8080`; what they are told says " +
      "something of the topics there are, so name a network that only they reach, or set `--health-token-file`.",
  },
  healthTokenFile: {
    flag: "health-token-file",
    kind: optional(filePath),
    default: "",
    defaultWords: "nothing has to be shown",
    group: "Network",
    help: "A file with a token that /metrics is answered for: `Authorization: Bearer TOKEN`.",
    more:
      "Without the token `/livez` and `/readyz` answer with their status alone, which is all that probes look at, and `/metrics` with 401. " +
      "In Prometheus: `authorization: { credentials_file: FILE }`.",
  },
  ...limitOptions,
  ...saslOptions,
  ...aclOptions,
  dataDir: {
    flag: "data-dir",
    kind: text("DIR", "a directory", (dir) => dir === "" ? "empty" : null),
    default: "./data",
    group: "Storage",
    help: "Where everything is kept. One klite at a time can use it.",
  },
  walSyncIntervalMs: {
    flag: "wal-sync-interval",
    kind: milliseconds(0, 10_000),
    default: "0",
    group: "Storage",
    help: "The longest wait for more records before a sync to disk.",
    more:
      "With 0 an idle broker syncs at once, and whatever arrives during a sync forms the next one, so the busier " +
      "it is the more each sync carries. A few milliseconds make produce answers later by up to that much and save " +
      "some syncs, which helps on disks that sync slowly or are paid by the operation. Durability is the same.",
  },
  walSegmentBytes: {
    flag: "wal-segment-max-bytes",
    kind: byteSize(2 * MIB, GIB),
    default: "16777216",
    group: "Storage",
    help: "The size of one file of the log. Files are allocated in full and used again.",
    more:
      "A record batch never spans two files, so this also limits the size of a batch. The size is rounded " +
      "down to a multiple of 4096.",
  },
  walMaxDiskBytes: {
    flag: "wal-max-disk-size",
    kind: byteSize(6 * MIB, 2 ** 50, { zero: "as much as the disk has" }),
    default: "1073741824",
    group: "Storage",
    help:
      "The most disk that the log may take. What it has no room for is in objects: in the bucket, or beside it.",
    more:
      "At three quarters of it what is oldest is made into objects, whatever its age; half of it stays in the log " +
      "all the same, since files of the log are faster to read. When nothing can be stored, because the bucket is " +
      "away for long, the log fills up: then produces wait for up to 30 s (or their own time-out) and are refused with a storage error that clients retry. " +
      "Reads go on, and service resumes when there is room. Size it for the longest time that the bucket may be away. " +
      "With 0 nothing is moved out of the log for lack of room. Files that are free are kept for use; those that are " +
      "not taken are deleted, one a second, until they take an eighth of the size.",
  },
  tailMemoryBytes: {
    flag: "chunk-pool-memory",
    kind: byteSize(4 * MIB, 2 ** 40),
    default: "50331648",
    defaultWords: "50331648, or two log files when that is more",
    group: "Storage",
    help: "Memory for the newest part of the log; consumers near its end are served from there.",
    more:
      "At least two log files must fit. Older records are read from the files, which the operating system caches.",
  },
  ...tierOptions,
  ...leaseOptions,
  ...tokenOptions,
  topics: {
    flag: "topic",
    kind: topicList,
    default: "",
    defaultWords: "none",
    group: "Topics",
    help: "A topic that exists once klite has started; may be repeated.",
    more:
      "Without a count it gets `--default-partitions`. A topic that exists already is left as it is. The " +
      "variable takes several, separated by commas.",
    repeatable: true,
  },
  defaultPartitions: {
    flag: "default-partitions",
    kind: integer(1, 10_000),
    default: "1",
    group: "Topics",
    help: "Partitions of a topic that is created without a count.",
  },
  autoCreateTopics: {
    flag: "auto-create-topics",
    kind: boolean,
    default: "true",
    group: "Topics",
    help: "Create a topic when a client asks for one that does not exist.",
  },
  batchValidation: {
    flag: "batch-validation",
    kind: choice(["relaxed", "strict"]),
    default: "relaxed",
    group: "Records",
    help: "How far produced batches are looked into: strict decompresses them too.",
    more:
      "Both check what Kafka checks of a batch: its CRC, header, counts and offsets; uncompressed records are " +
      "walked to the last byte. `relaxed` takes a compressed payload as it is, so a faulty client can store records " +
      "that consumers fail to read. `strict` decompresses every batch, as Apache Kafka does, which costs the CPU time of " +
      "that decompression on each produce.",
  },
  ackBeforeSync: {
    flag: "ack-before-sync",
    kind: boolean,
    default: "false",
    group: "Records",
    help: "UNSAFE: answer acks=1 before the records are synced to disk.",
    more:
      "This is how Apache Kafka answers acks=1. Acknowledged records are lost when the machine (not only klite) " +
      "stops within the next moments. acks=all is always answered after the sync.",
  },
  acceptDataLoss: {
    flag: "accept-data-loss",
    kind: boolean,
    default: "false",
    group: "Records",
    help: "UNSAFE: when acknowledged data is found damaged, cut the log there and start.",
    more:
      "Without it klite refuses to start and says which bytes of which file do not read back. Restore the " +
      "directory from a copy if there is one. With this flag everything from the damage on is given up for good; use " +
      "it for one start, never by default.",
  },
  groupMinSessionTimeoutMs: {
    flag: "group-min-session-timeout",
    kind: duration(1, 2 ** 31 - 1),
    default: "6s",
    group: "Groups",
    help: "The shortest session that a member may ask for: group.min.session.timeout.ms of Kafka.",
  },
  groupMaxSessionTimeoutMs: {
    flag: "group-max-session-timeout",
    kind: duration(1, 2 ** 31 - 1),
    default: "30m",
    group: "Groups",
    help: "The longest session that a member may ask for: group.max.session.timeout.ms of Kafka.",
  },
  groupMaxSize: {
    flag: "group-max-size",
    kind: integer(1, 2 ** 31 - 1),
    default: "2147483647",
    group: "Groups",
    help: "The most members of one group: group.max.size of Kafka.",
    more:
      "Whoever comes when a group is full is refused with GROUP_MAX_SIZE_REACHED. All groups together may take " +
      "128 MiB of memory, about a hundred thousand members; beyond that, too, nobody more can join.",
  },
  groupInitialRebalanceDelayMs: {
    flag: "group-initial-rebalance-delay",
    kind: duration(0, 3_600_000),
    default: "100ms",
    group: "Groups",
    help:
      "How long the first member of an empty group waits for others: group.initial.rebalance.delay.ms of Kafka.",
    more:
      "Consumers that start together then make one generation together; each that comes extends the wait by as " +
      "much. Kafka's default is 3 s, and 0 in the configuration that it comes with: a lone consumer then reads at once, " +
      "but the second of two that start together waits for the first one's next heartbeat, 3 s later. The default here " +
      "serves both: it gathers the consumers of one program, and nobody notices it.",
  },
  groupConsumerSessionTimeoutMs: {
    flag: "group-consumer-session-timeout",
    kind: duration(1, 2 ** 31 - 1),
    default: "45s",
    group: "Groups",
    help:
      "How long a member of the consumer protocol may be silent: group.consumer.session.timeout.ms of Kafka.",
    more: "The consumer protocol (KIP-848) is what clients speak with `group.protocol=consumer`.",
  },
  groupConsumerHeartbeatIntervalMs: {
    flag: "group-consumer-heartbeat-interval",
    kind: duration(1, 2 ** 31 - 1),
    default: "5s",
    group: "Groups",
    help:
      "How often members of the consumer protocol are told to speak: group.consumer.heartbeat.interval.ms of Kafka.",
    more:
      "Members learn with their heartbeats what they may consume: with a shorter interval groups settle sooner.",
  },
  groupConsumerMaxSize: {
    flag: "group-consumer-max-size",
    kind: integer(1, 2 ** 31 - 1),
    default: "2147483647",
    group: "Groups",
    help: "The most members of one group of the consumer protocol: group.consumer.max.size of Kafka.",
  },
  groupConsumerAssignors: {
    flag: "group-consumer-assignors",
    kind: choice(["uniform,range", "range,uniform", "uniform", "range"]),
    default: "uniform,range",
    group: "Groups",
    help:
      "How partitions are assigned in groups of the consumer protocol: group.consumer.assignors of Kafka. " +
      "The first is taken when no member asks for one.",
  },
  groupConsumerAssignmentIntervalMs: {
    flag: "group-consumer-assignment-interval",
    kind: duration(0, 3_600_000),
    default: "1s",
    group: "Groups",
    help:
      "The shortest time between two assignments of a group: group.consumer.assignment.interval.ms of Kafka.",
    more: "Many members that join at once then cost a few assignments in place of one each.",
  },
  groupConsumerMigrationPolicy: {
    flag: "group-consumer-migration-policy",
    kind: choice(["bidirectional", "upgrade", "downgrade", "disabled"]),
    default: "bidirectional",
    group: "Groups",
    help:
      "Whether groups with members change from one protocol to the other: group.consumer.migration.policy of Kafka.",
    more:
      "With `upgrade` a classic group becomes one of the consumer protocol when a member joins that speaks it, and " +
      "the members that speak the classic one go on. With `downgrade` it becomes a classic group when the last one " +
      "that speaks the consumer protocol leaves.",
  },
  offsetMetadataMax: {
    flag: "offset-metadata-max-bytes",
    kind: integer(0, 32_767),
    default: "4096",
    group: "Groups",
    help: "The longest text that a consumer may commit beside an offset.",
  },
  offsetsRetentionMs: {
    flag: "offsets-retention",
    kind: duration(1, 100 * 365 * 86_400_000),
    default: "168h",
    group: "Groups",
    help: "How long the offsets of a group are kept that nobody is in any more.",
    more:
      "As in Kafka (KIP-211) the time counts from when the last member has left; for offsets that were committed by " +
      "somebody outside of any group, and for topics that no member is subscribed to any more, from the commit. " +
      "A group goes with its last offset.",
  },
  offsetsCheckIntervalMs: {
    flag: "offsets-retention-check-interval",
    kind: duration(1, 86_400_000),
    default: "10m",
    group: "Groups",
    help: "How often klite looks for offsets to forget.",
  },
  transactionMaxTimeoutMs: {
    flag: "transaction-max-timeout",
    kind: duration(1, 2 ** 31 - 1),
    default: "15m",
    group: "Transactions",
    help: "The longest time-out that a producer may ask for: transaction.max.timeout.ms of Kafka.",
    more:
      "A transaction that is open for longer than its producer said is aborted. Until then consumers of committed " +
      "records wait before it.",
  },
  transactionalIdExpirationMs: {
    flag: "transactional-id-expiration",
    kind: duration(1, 100 * 365 * 86_400_000),
    default: "168h",
    group: "Transactions",
    help: "How long an unused transactional id is remembered: transactional.id.expiration.ms of Kafka.",
    more:
      "There can be 100,000 of them; beyond that new ones are refused. A transaction may have 10,000 partitions and " +
      "consumer groups.",
  },
  producerIdExpirationMs: {
    flag: "producer-id-expiration",
    kind: duration(1, 100 * 365 * 86_400_000),
    default: "24h",
    group: "Transactions",
    help:
      "How long a partition remembers the batches of a producer that writes no more: producer.id.expiration.ms of Kafka.",
  },
  clusterId: {
    flag: "cluster-id",
    kind: optional(text("ID", "1 to 64 letters, digits, '-' and '_'", clusterIdProblem)),
    default: "",
    defaultWords: "made at the first start, kept in the data directory",
    group: "Identity",
    help: "The cluster id that clients see. It must be the one of the data directory.",
  },
  nodeId: {
    flag: "node-id",
    kind: integer(0, 2 ** 31 - 1),
    default: "0",
    group: "Identity",
    help: "The broker id that clients see.",
  },
  logLevel: {
    flag: "log-level",
    kind: choice(["debug", "info", "warn", "error"]),
    default: "info",
    group: "Output",
    help: "The least severe log lines to write. At debug the config is among them.",
    more: "Log lines go to stderr: as text on a terminal, else as one JSON object a line.",
  },
} as const satisfies OptionTable;

/** The options of `klite health`. It shares the broker's own, so that a container's variables fit both. */
export const healthOptions = {
  address: {
    flag: "addr",
    kind: optional(targetAddress),
    default: "",
    defaultWords: "--health-addr if set, else --listen",
    group: "Network",
    help: "The broker to ask, over the Kafka protocol.",
    flagOnly: true,
  },
  healthAddress: {
    ...startOptions.healthAddress,
    defaultWords: "none",
    help: "The broker's health address; its /readyz is asked.",
  },
  listen: {
    ...startOptions.listen,
    help: "The broker's listen address; it is asked over the Kafka protocol.",
  },
  tlsCaFile: trustOption(),
  timeoutMs: {
    flag: "timeout",
    kind: duration(1, 3_600_000),
    default: "2s",
    group: "Network",
    help: "How long to wait for the answer.",
    flagOnly: true,
  },
  output: outputOption(),
} as const satisfies OptionTable;

/** The options of `klite version`. */
export const versionOptions = { output: outputOption() } as const satisfies OptionTable;

/** Whom a command that asks a broker trusts. */
export function trustOption() {
  return {
    flag: "tls-ca",
    kind: optional(filePath),
    default: "",
    defaultWords: "none: the broker is asked without TLS",
    group: "Security",
    help: "Ask over TLS: the authorities that may have signed the broker's certificate, PEM.",
  } as const satisfies Option<string | null>;
}

/** How a command that answers once writes its answer. */
export function outputOption() {
  return {
    flag: "output",
    letter: "o",
    kind: choice(["text", "json"]),
    default: "text",
    group: "Output",
    help: "How the answer is written to stdout.",
    flagOnly: true,
  } as const satisfies Option<"text" | "json">;
}

function clusterIdProblem(id: string): string | null {
  return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? null : "not such an id";
}
