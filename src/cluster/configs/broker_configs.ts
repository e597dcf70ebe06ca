import type { ConfigDef } from "./config_def.ts";
import { TOPIC_CONFIGS } from "./topic_configs.ts";

/** One of the broker's configs. */
export interface BrokerConfigDef extends ConfigDef {
  /** Whether it can be changed while the broker runs. */
  readonly isDynamic?: true;
  /** What Kafka reads where this has no value. */
  readonly fallback?: { readonly name: string; readonly value: string } | undefined;
}

const INT_MAX = 2147483647;
const LONG_MAX = "9223372036854775807";
const int = (name: string, value: number | null): BrokerConfigDef => ({
  name,
  type: "int",
  default: value === null ? null : String(value),
});
const list = (name: string, value: string | null): BrokerConfigDef => ({
  name,
  type: "list",
  default: value,
});
const yes = (name: string): BrokerConfigDef => ({ name, type: "boolean", default: "true" });

const FALLBACKS: Readonly<Record<string, BrokerConfigDef["fallback"]>> = {
  "log.flush.interval.ms": { name: "log.flush.scheduler.interval.ms", value: LONG_MAX },
  "log.retention.ms": { name: "log.retention.hours", value: "168" },
  "log.roll.jitter.ms": { name: "log.roll.jitter.hours", value: "0" },
  "log.roll.ms": { name: "log.roll.hours", value: "168" },
};

/** Those that topics follow. */
const OF_TOPICS: readonly BrokerConfigDef[] = TOPIC_CONFIGS.flatMap((
  { broker, brokerHasNoDefault, ...def },
) =>
  broker === undefined ? [] : [{
    ...def,
    name: broker,
    default: brokerHasNoDefault ? null : def.default,
    isDynamic: true,
    ...(brokerHasNoDefault && { fallback: FALLBACKS[broker] }),
  }]
);

/**
 * The configs of Kafka's broker that mean something here, with klite's defaults. What Kafka has beside them is about
 * parts that klite does not have, and is not told: nobody shall rely on it.
 */
export const BROKER_CONFIGS: readonly BrokerConfigDef[] = [
  ...OF_TOPICS,
  list("advertised.listeners", null),
  { name: "authorizer.class.name", type: "string", default: "" },
  yes("auto.create.topics.enable"),
  int("broker.id", -1),
  { name: "broker.rack", type: "string", default: null },
  { name: "connections.max.idle.ms", type: "long", default: "600000" },
  int("default.replication.factor", 1),
  { name: "delegation.token.expiry.check.interval.ms", type: "long", default: "3600000" },
  { name: "delegation.token.expiry.time.ms", type: "long", default: "86400000" },
  { name: "delegation.token.max.lifetime.ms", type: "long", default: "604800000" },
  yes("delete.topic.enable"),
  {
    name: "group.consumer.assignment.interval.ms",
    type: "int",
    default: "1000",
    min: 0,
    max: 15_000,
    isDynamic: true,
  },
  list("group.consumer.assignors", "uniform,range"),
  int("group.consumer.heartbeat.interval.ms", 5000),
  int("group.consumer.max.assignment.interval.ms", 15_000),
  int("group.consumer.max.heartbeat.interval.ms", 15_000),
  int("group.consumer.max.session.timeout.ms", 60_000),
  int("group.consumer.max.size", INT_MAX),
  { name: "group.consumer.migration.policy", type: "string", default: "bidirectional" },
  int("group.consumer.min.assignment.interval.ms", 0),
  int("group.consumer.min.heartbeat.interval.ms", 5000),
  int("group.consumer.min.session.timeout.ms", 45_000),
  int("group.consumer.session.timeout.ms", 45_000),
  list("group.coordinator.rebalance.protocols", "classic,consumer"),
  int("group.initial.rebalance.delay.ms", 100),
  int("group.max.session.timeout.ms", 1_800_000),
  int("group.max.size", INT_MAX),
  int("group.min.session.timeout.ms", 6000),
  list("listeners", "PLAINTEXT://:9092"),
  yes("log.cleaner.enable"),
  list("log.dirs", null),
  { name: "log.flush.scheduler.interval.ms", type: "long", default: LONG_MAX },
  { name: "log.retention.check.interval.ms", type: "long", default: "300000" },
  int("log.retention.hours", 168),
  int("log.retention.minutes", null),
  int("log.roll.hours", 168),
  int("log.roll.jitter.hours", 0),
  int("max.connections", 10_000),
  int("max.incremental.fetch.session.cache.slots", 1000),
  int("max.request.partition.size.limit", 2000),
  int("node.id", null),
  int("num.partitions", 1),
  int("offset.metadata.max.bytes", 4096),
  { name: "offsets.retention.check.interval.ms", type: "long", default: "600000" },
  int("offsets.retention.minutes", 10_080),
  list("process.roles", null),
  { name: "producer.id.expiration.ms", type: "int", default: "86400000", min: 1, isDynamic: true },
  int("socket.request.max.bytes", 104_857_600),
  int("transaction.abort.timed.out.transaction.cleanup.interval.ms", 1000),
  int("transaction.max.timeout.ms", 900_000),
  int("transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000),
  int("transactional.id.expiration.ms", 604_800_000),
];

const BY_NAME: ReadonlyMap<string, BrokerConfigDef> = new Map(BROKER_CONFIGS.map((def) => [def.name, def]));

/** What is known of the broker's config `name`; `undefined` if nothing is. */
export function brokerConfig(name: string): BrokerConfigDef | undefined {
  return BY_NAME.get(name);
}
