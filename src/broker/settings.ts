import type { ApiSettings } from "../apis/mod.ts";
import type { AclSettings, GroupSettings, TransactionSettings } from "../engine/mod.ts";
import type { Telemetry } from "../io/telemetry.ts";
import type { ServerLimits } from "../server/mod.ts";
import type { BrokerConfig } from "./config.ts";
import { kafkaConfigs } from "./kafka_configs.ts";

/** Kafka's own bound of partitions made by one request. */
const PARTITIONS_PER_REQUEST_MAX = 10_000;
/** Partitions in all. One takes 1 to 4 KB, the more if it is a topic of its own and has records. */
const PARTITIONS_MAX = 100_000;
/** Memory for committed offsets: two million of them, or fewer with much metadata or in many topics. */
const OFFSET_BYTES_MAX = 96 * 2 ** 20;
/** Transactional ids in all: a few hundred bytes each until they expire. */
const TRANSACTIONAL_IDS_MAX = 100_000;
/** Partitions and groups of one transaction. */
const TRANSACTION_PARTITIONS_MAX = 10_000;
/** What the end of a transaction takes in the log for each of its partitions, and a little more. */
const BYTES_PER_MARK = 100;
/** As Kafka: group.consumer.regex.refresh.interval.ms. */
const PATTERN_REFRESH_INTERVAL_MS = 600_000;

/** What topics there may be. */
export function topicLimits(config: BrokerConfig): ApiSettings["topicLimits"] {
  return {
    nodeId: config.nodeId,
    defaultPartitions: config.defaultPartitions,
    maxPartitionsPerRequest: PARTITIONS_PER_REQUEST_MAX,
    maxPartitions: PARTITIONS_MAX,
  };
}

/** Of groups, in both protocols. */
export function groupSettings(config: BrokerConfig): GroupSettings {
  return {
    classic: {
      minSessionTimeoutMs: config.groupMinSessionTimeoutMs,
      maxSessionTimeoutMs: config.groupMaxSessionTimeoutMs,
      maxSize: config.groupMaxSize,
      initialRebalanceDelayMs: config.groupInitialRebalanceDelayMs,
    },
    consumer: {
      sessionTimeoutMs: config.groupConsumerSessionTimeoutMs,
      heartbeatIntervalMs: config.groupConsumerHeartbeatIntervalMs,
      maxSize: config.groupConsumerMaxSize,
      assignmentIntervalMs: config.groupConsumerAssignmentIntervalMs,
      patternRefreshIntervalMs: PATTERN_REFRESH_INTERVAL_MS,
      assignors: config.groupConsumerAssignors,
      migration: config.groupConsumerMigrationPolicy,
      classicMaxSize: config.groupMaxSize,
    },
  };
}

/** The end of a transaction is one entry of the log, and must fit into half of a file of it. */
export function transactionSettings(config: BrokerConfig): TransactionSettings {
  const marksMax = Math.floor(config.walSegmentBytes / 2 / BYTES_PER_MARK);
  return {
    maxTimeoutMs: config.transactionMaxTimeoutMs,
    maxIds: TRANSACTIONAL_IDS_MAX,
    maxPartitions: Math.min(TRANSACTION_PARTITIONS_MAX, marksMax),
    idExpirationMs: config.transactionalIdExpirationMs,
  };
}

/** What decides who may do what; `null` when everybody may do everything. */
export function aclSettings({ authorizer, superUsers, allowIfNoAcl }: BrokerConfig): AclSettings | null {
  return authorizer === "none" ? null : { superUsers, allowIfNoAcl };
}

/** What clients may take, whoever they are. */
export function serverLimits(config: BrokerConfig): Partial<ServerLimits> {
  return {
    maxConnections: config.maxConnections,
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    maxConnectionRatePerAddress: config.maxConnectionRatePerAddress || Infinity,
    maxUnauthenticated: config.maxConnectionsUnauthenticated,
    maxSessionMs: config.connectionsMaxReauthMs,
  };
}

/** What the APIs are told of the config. */
export function apiSettings(
  config: BrokerConfig,
  clusterId: string,
  { logThreshold }: Telemetry,
): ApiSettings {
  return {
    clusterId,
    nodeId: config.nodeId,
    autoCreateTopics: config.autoCreateTopics,
    topicLimits: topicLimits(config),
    offsetLimits: { metadataMax: config.offsetMetadataMax, heldBytesMax: OFFSET_BYTES_MAX },
    ackBeforeSync: config.ackBeforeSync,
    strictBatches: config.batchValidation === "strict",
    logThreshold,
    kafkaConfigs: () => kafkaConfigs(config),
  };
}
