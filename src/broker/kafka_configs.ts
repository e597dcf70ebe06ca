import { formatAddress } from "../io/address.ts";
import type { Address } from "../io/network.ts";
import type { BrokerConfig } from "./config.ts";
import { type ListenerPlan, listenerPlans } from "./listeners.ts";

const MINUTE_MS = 60_000;
/** Whose decisions are those of klite's ACLs. Programs that show ACLs look for something here. */
const STANDARD_AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/** What the operator has decided, as configs of Kafka's broker. */
export function kafkaConfigs(config: BrokerConfig): Readonly<Record<string, string>> {
  const plans = listenerPlans(config);
  const listed = (addressOf: (plan: ListenerPlan) => Address): string =>
    plans.map((plan) => `${plan.name}://${formatAddress(addressOf(plan))}`).join(",");
  const session = config.groupConsumerSessionTimeoutMs;
  const heartbeat = config.groupConsumerHeartbeatIntervalMs;
  const values: Readonly<Record<string, string | number | boolean>> = {
    "advertised.listeners": listed(({ advertised, address }) => advertised ?? address),
    "authorizer.class.name": config.authorizer === "none" ? "" : STANDARD_AUTHORIZER,
    "auto.create.topics.enable": config.autoCreateTopics,
    "broker.id": config.nodeId,
    "delegation.token.expiry.time.ms": config.tokenExpiryMs,
    "delegation.token.max.lifetime.ms": config.tokenMaxLifetimeMs,
    "group.consumer.assignment.interval.ms": config.groupConsumerAssignmentIntervalMs,
    "group.consumer.assignors": config.groupConsumerAssignors,
    "group.consumer.heartbeat.interval.ms": heartbeat,
    "group.consumer.max.size": config.groupConsumerMaxSize,
    "group.consumer.migration.policy": config.groupConsumerMigrationPolicy,
    "group.consumer.session.timeout.ms": session,
    // What the operator takes for all groups, one group may have, too.
    "group.consumer.min.session.timeout.ms": Math.min(45_000, session),
    "group.consumer.max.session.timeout.ms": Math.max(60_000, session),
    "group.consumer.min.heartbeat.interval.ms": Math.min(5_000, heartbeat),
    "group.consumer.max.heartbeat.interval.ms": Math.max(15_000, heartbeat),
    "group.consumer.max.assignment.interval.ms": Math.max(15_000, config.groupConsumerAssignmentIntervalMs),
    "group.initial.rebalance.delay.ms": config.groupInitialRebalanceDelayMs,
    "group.max.session.timeout.ms": config.groupMaxSessionTimeoutMs,
    "group.max.size": config.groupMaxSize,
    "group.min.session.timeout.ms": config.groupMinSessionTimeoutMs,
    "listeners": listed(({ address }) => address),
    "max.connections": config.maxConnections,
    "log.dirs": config.dataDir,
    "log.retention.check.interval.ms": config.retentionCheckIntervalMs,
    "node.id": config.nodeId,
    "num.partitions": config.defaultPartitions,
    "offset.metadata.max.bytes": config.offsetMetadataMax,
    "offsets.retention.check.interval.ms": config.offsetsCheckIntervalMs,
    "offsets.retention.minutes": Math.floor(config.offsetsRetentionMs / MINUTE_MS),
    "process.roles": "broker,controller",
    "producer.id.expiration.ms": config.producerIdExpirationMs,
    "transaction.max.timeout.ms": config.transactionMaxTimeoutMs,
    "transactional.id.expiration.ms": config.transactionalIdExpirationMs,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
