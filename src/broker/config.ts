import type { Principal } from "../base/principal.ts";
import type { SaslMechanism } from "../auth/mod.ts";
import type { Secret } from "../base/secret.ts";
import { type MigrationPolicy, topicNameProblem } from "../cluster/mod.ts";
import type { Address, ClientAuth } from "../io/network.ts";
import { saslProblems } from "./sasl_problems.ts";
import { type AdvertisedListener, type ListenerDeclaration, listenerProblems } from "./listeners.ts";

/** A topic that must exist once the broker has started. */
export interface TopicDeclaration {
  readonly name: string;
  readonly partitions: number;
}

/** All that the operator decides about a broker. Sizes are bytes. */
export interface BrokerConfig {
  readonly listen: Address;
  /** What clients are told to connect to; `null`: each is told the address that it connected to. */
  readonly advertised: Address | null;
  /** Listeners besides that one, and what clients of listeners are told by name. */
  readonly moreListeners: readonly ListenerDeclaration[];
  readonly advertisedListeners: readonly AdvertisedListener[];
  /** Files of the certificate of TLS listeners and of its key; `null`: none. */
  readonly tlsCertFile: string | null;
  readonly tlsKeyFile: string | null;
  /** Who may sign certificates of clients. */
  readonly tlsClientCaFile: string | null;
  /** `null`: as it follows from the others, see `clientAuthOf`. */
  readonly tlsClientAuth: ClientAuth | null;
  /** In Kafka's syntax of ssl.principal.mapping.rules. */
  readonly tlsPrincipalMappingRules: string;
  readonly tlsReloadIntervalMs: number;
  /** Where health is answered over HTTP; `null` for nowhere. */
  readonly healthAddress: Address | null;
  /** What has to be shown there for more than a yes or no; `null` for nothing. */
  readonly healthTokenFile: string | null;
  /** Where everything is kept; whoever opens the disk needs it, the broker does not. */
  readonly dataDir: string;
  /** `null` for the data directory's own, made at the first start. */
  readonly clusterId: string | null;
  readonly nodeId: number;
  readonly topics: readonly TopicDeclaration[];
  readonly defaultPartitions: number;
  readonly autoCreateTopics: boolean;
  /** Longest wait for more entries before a sync. */
  readonly walSyncIntervalMs: number;
  readonly walSegmentBytes: number;
  /** Most disk for the log, which decides when objects are made; 0 for as much as there is. */
  readonly walMaxDiskBytes: number;
  /** Where records go for good; `null` for the data directory. */
  readonly s3Bucket: string | null;
  readonly s3Region: string;
  /** `null` for Amazon's. */
  readonly s3Endpoint: string | null;
  /** What all keys in the bucket begin with. */
  readonly s3Prefix: string;
  /** With a bucket: how old records get before they are in it. */
  readonly s3FlushIntervalMs: number;
  readonly s3FlushCheckIntervalMs: number;
  /** Largest object, and what a partition gathers at most before it is flushed. */
  readonly s3TargetObjectBytes: number;
  readonly retentionCheckIntervalMs: number;
  readonly compactionCheckIntervalMs: number;
  readonly compactionMinDirtyObjects: number;
  /** Most bytes that compaction reads a second; 0 for no limit. */
  readonly compactionReadRateBytes: number;
  /** How often all objects are verified; 0 for never. */
  readonly scrubIntervalMs: number;
  /** With a bucket: who may be the one broker of the cluster (`lease.ts`). */
  readonly leaseDurationMs: number;
  readonly leaseRenewIntervalMs: number;
  readonly leaseRetryIntervalMs: number;
  /** Memory for the log's newest segments. */
  readonly tailMemoryBytes: number;
  readonly batchValidation: "relaxed" | "strict";
  /** Answers acks=1 before the sync. */
  readonly ackBeforeSync: boolean;
  /** Longest metadata of a committed offset, in characters. */
  readonly offsetMetadataMax: number;
  /** How long committed offsets outlive their group's members. */
  readonly offsetsRetentionMs: number;
  readonly offsetsCheckIntervalMs: number;
  /** Sessions that members of groups may ask for. */
  readonly groupMinSessionTimeoutMs: number;
  readonly groupMaxSessionTimeoutMs: number;
  readonly groupMaxSize: number;
  /** So long the first generation of an empty group waits for more members. */
  readonly groupInitialRebalanceDelayMs: number;
  /** Groups of the consumer protocol (KIP-848). */
  readonly groupConsumerSessionTimeoutMs: number;
  readonly groupConsumerHeartbeatIntervalMs: number;
  readonly groupConsumerMaxSize: number;
  /** Names, the one taken by default first. */
  readonly groupConsumerAssignors: "uniform,range" | "range,uniform" | "uniform" | "range";
  /** Shortest time between two assignments of a group. */
  readonly groupConsumerAssignmentIntervalMs: number;
  /** Whether groups with members change from one protocol to the other. */
  readonly groupConsumerMigrationPolicy: MigrationPolicy;
  /** The longest time that a client may let a transaction be open. */
  readonly transactionMaxTimeoutMs: number;
  /** How long a transactional id that nobody uses is remembered. */
  readonly transactionalIdExpirationMs: number;
  /** How long a producer that writes no more is remembered in a partition. */
  readonly producerIdExpirationMs: number;
  /** A file with the secret that delegation tokens are made with; `null`: there are none. */
  readonly tokenSecretFile: string | null;
  readonly tokenMaxLifetimeMs: number;
  readonly tokenExpiryMs: number;
  /** Whether ACLs decide who may do what, or everybody may do everything. */
  readonly authorizer: "none" | "acl";
  /** With ACLs: who may do everything. */
  readonly superUsers: readonly Principal[];
  /** With ACLs: whether everybody may do everything to what no ACL is about. */
  readonly allowIfNoAcl: boolean;
  /** Connections: in all, of one IP address, new ones of one a second (0: any number), and those not yet authenticated. */
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionRatePerAddress: number;
  readonly maxConnectionsUnauthenticated: number;
  /** After how long clients have to authenticate again; 0 for never. */
  readonly connectionsMaxReauthMs: number;
  /** Whether clients of `listen` have to authenticate over SASL. */
  readonly saslEnabled: boolean;
  readonly saslMechanisms: readonly SaslMechanism[];
  /** A user with a password, from a file or as it is; `null` for none. */
  readonly saslUser: string | null;
  readonly saslPassword: Secret | null;
  readonly saslPasswordFile: string | null;
  readonly saslUsersFile: string | null;
  /** Keys that tokens of OAUTHBEARER are verified with: a file or a URL. */
  readonly oauthJwks: string | null;
  /** `null` for whoever has the keys. */
  readonly oauthIssuer: string | null;
  readonly oauthAudiences: readonly string[];
  readonly oauthPrincipalClaim: string;
  /** Cuts the log at damaged acknowledged data in place of refusing to start. */
  readonly acceptDataLoss: boolean;
}

/** A setting that does not fit, alone or with another. */
export interface ConfigProblem {
  readonly setting: keyof BrokerConfig;
  /** Follows the setting's name in a sentence. */
  readonly problem: string;
}

/** One segment is written and one is made ready, so both must fit. */
const LEAST_SEGMENTS_IN_MEMORY = 2;
/** Those two, and one that waits to be used again. */
const LEAST_SEGMENTS_ON_DISK = 3;

/** Whoever says who may do what must not find that everybody may. */
function aclProblems({ authorizer, superUsers, allowIfNoAcl }: BrokerConfig): ConfigProblem[] {
  const problem = "is of no use without --authorizer acl";
  if (authorizer === "acl") return [];
  return [
    ...(superUsers.length > 0 ? [{ setting: "superUsers", problem } as const] : []),
    ...(allowIfNoAcl ? [{ setting: "allowIfNoAcl", problem } as const] : []),
  ];
}

/** What is wrong with a config whose values are each valid alone. */
export function configProblems(config: BrokerConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { walSegmentBytes, tailMemoryBytes, walMaxDiskBytes } = config;
  const leastMemory = LEAST_SEGMENTS_IN_MEMORY * walSegmentBytes;
  if (tailMemoryBytes < leastMemory) {
    problems.push({
      setting: "tailMemoryBytes",
      problem:
        `must hold ${LEAST_SEGMENTS_IN_MEMORY} log files of ${walSegmentBytes} bytes: at least ${leastMemory}`,
    });
  }
  const leastDisk = LEAST_SEGMENTS_ON_DISK * walSegmentBytes;
  if (walMaxDiskBytes !== 0 && walMaxDiskBytes < leastDisk) {
    problems.push({
      setting: "walMaxDiskBytes",
      problem:
        `must hold ${LEAST_SEGMENTS_ON_DISK} log files of ${walSegmentBytes} bytes: at least ${leastDisk}`,
    });
  }
  const { groupMinSessionTimeoutMs, groupMaxSessionTimeoutMs } = config;
  if (groupMinSessionTimeoutMs > groupMaxSessionTimeoutMs) {
    problems.push({
      setting: "groupMinSessionTimeoutMs",
      problem: `must not be above the longest session, ${groupMaxSessionTimeoutMs} ms`,
    });
  }
  if (config.groupConsumerHeartbeatIntervalMs >= config.groupConsumerSessionTimeoutMs) {
    problems.push({
      setting: "groupConsumerHeartbeatIntervalMs",
      problem: `must be below the session, ${config.groupConsumerSessionTimeoutMs} ms`,
    });
  }
  if (2 * config.leaseRenewIntervalMs > config.leaseDurationMs) {
    problems.push({
      setting: "leaseRenewIntervalMs",
      problem: `must be at most half of the lease's duration, ${config.leaseDurationMs} ms`,
    });
  }
  problems.push(...listenerProblems(config), ...saslProblems(config), ...aclProblems(config));
  const counts = new Map<string, number>();
  for (const { name, partitions } of config.topics) {
    const problem = topicNameProblem(name);
    if (problem !== null) {
      problems.push({ setting: "topics", problem: `has an illegal topic name: ${problem}` });
    }
    const before = counts.get(name);
    if (before !== undefined && before !== partitions) {
      problems.push({ setting: "topics", problem: `gives '${name}' ${before} partitions and ${partitions}` });
    }
    counts.set(name, partitions);
  }
  return problems;
}
