import type { BrokerConfig } from "../../src/broker/mod.ts";

/** Settings of a klite that scenarios are played to: what takes minutes elsewhere takes moments here. */
export const KLITE_CONFIG: Partial<BrokerConfig> = {
  groupMinSessionTimeoutMs: 50,
  groupInitialRebalanceDelayMs: 0,
  groupMaxSize: 4,
  groupConsumerMaxSize: 4,
  groupConsumerSessionTimeoutMs: 2000,
  groupConsumerHeartbeatIntervalMs: 200,
  groupConsumerAssignmentIntervalMs: 0,
};

/** The same for Apache Kafka. */
export const KAFKA_PROPERTIES: Readonly<Record<string, string>> = {
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.num.partitions": "1",
  "group.min.session.timeout.ms": "50",
  "group.max.size": "4",
  "group.consumer.max.size": "4",
  "group.consumer.min.session.timeout.ms": "100",
  "group.consumer.session.timeout.ms": "2000",
  "group.consumer.min.heartbeat.interval.ms": "50",
  "group.consumer.heartbeat.interval.ms": "200",
  // Seldom, because Kafka then also forgets groups without offsets, while a member is about to join.
  "offsets.retention.check.interval.ms": "4000",
  "transaction.abort.timed.out.transaction.cleanup.interval.ms": "100",
  "group.coordinator.append.linger.ms": "0",
  "group.consumer.assignment.interval.ms": "0",
};
