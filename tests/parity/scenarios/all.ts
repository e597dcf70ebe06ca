import { WITH_TOKENS, WITH_USERS } from "../config.ts";
import type { Chapter } from "../scenario.ts";
import { WITH_ACLS, WITH_ACLS_OR_NONE, WITH_RIGHTS, WITH_SESSIONS } from "../config.ts";
import { rights } from "../matrix/mod.ts";
import { acls, aclsWhereNoneMeansAll } from "./acls.ts";
import { alteringConfigs } from "./altering_configs.ts";
import { authenticatingAgain, authentication } from "./authentication.ts";
import { brokerConfigs } from "./broker_configs.ts";
import { apiVersions, describeCluster, findCoordinator, metadata, producerIds } from "./cluster.ts";
import { changingProtocols } from "./changing_protocols.ts";
import { clusterAdmin } from "./cluster_admin.ts";
import { compression } from "./compression.ts";
import { consumerGroups } from "./consumer_groups.ts";
import { delegationTokens, noDelegationTokens } from "./delegation_tokens.ts";
import { deleteRecords } from "./delete_records.ts";
import { fetchAtEveryVersion, fetchInSessions, fetchWithinLimits } from "./fetch.ts";
import { groupConfigs } from "./group_configs.ts";
import { groupLife } from "./group_life.ts";
import { idempotence } from "./idempotence.ts";
import { joining } from "./joining.ts";
import { listOffsets, offsetForLeaderEpoch } from "./list_offsets.ts";
import { expiry } from "./expiry.ts";
import { offsets } from "./offsets.ts";
import { transactionalOffsets } from "./offsets_in_transactions.ts";
import { partitions } from "./partitions.ts";
import { topicConfigs } from "./topic_configs.ts";
import { transactionAdmin } from "./transaction_admin.ts";
import {
  produceAtEveryVersion,
  produceInSequence,
  produceInTransactions,
  produceToManyPlaces,
} from "./produce.ts";
import { quotas } from "./quotas.ts";
import { scramUsers } from "./scram_users.ts";
import { staticMembers } from "./static_members.ts";
import { throttling } from "./throttling.ts";
import { createPartitions, createTopics, deleteTopics } from "./topics.ts";
import { transactions } from "./transactions.ts";

const MIB = 2 ** 20;
/** What one request may change must fit into one entry. */
const LARGE_LOG = { walSegmentBytes: 16 * MIB, tailMemoryBytes: 48 * MIB };

export const CHAPTERS: readonly Chapter[] = [
  { name: "cluster", scenarios: [apiVersions, metadata, describeCluster, findCoordinator, producerIds] },
  { name: "topics", scenarios: [createTopics, createPartitions, deleteTopics] },
  {
    name: "produce",
    scenarios: [produceAtEveryVersion, produceToManyPlaces, produceInSequence, produceInTransactions],
  },
  { name: "fetch", scenarios: [fetchAtEveryVersion, fetchWithinLimits, fetchInSessions] },
  { name: "list offsets", scenarios: [listOffsets, offsetForLeaderEpoch] },
  { name: "delete records", scenarios: deleteRecords },
  { name: "joining", scenarios: joining },
  { name: "static members", scenarios: staticMembers },
  { name: "group life", scenarios: groupLife },
  { name: "idempotence", scenarios: idempotence },
  { name: "transactions", scenarios: transactions },
  { name: "transactions as operators see them", scenarios: transactionAdmin },
  { name: "offsets", scenarios: offsets },
  { name: "offsets in transactions", scenarios: transactionalOffsets },
  { name: "consumer groups", scenarios: consumerGroups },
  { name: "changing protocols", scenarios: changingProtocols },
  { name: "compression", scenarios: compression },
  { name: "topic configs", scenarios: topicConfigs },
  { name: "altering configs", scenarios: alteringConfigs },
  { name: "broker configs", scenarios: brokerConfigs },
  { name: "configs of groups and client metrics", scenarios: groupConfigs },
  { name: "partitions", scenarios: partitions },
  { name: "cluster administration", scenarios: clusterAdmin },
  { name: "users for SCRAM", scenarios: scramUsers },
  { name: "quotas", scenarios: [...quotas, ...throttling] },
  { name: "authentication", scenarios: authentication, setting: WITH_USERS },
  { name: "authenticating again", scenarios: authenticatingAgain, setting: WITH_SESSIONS },
  { name: "no delegation tokens", scenarios: noDelegationTokens, setting: WITH_USERS },
  { name: "delegation tokens", scenarios: delegationTokens, setting: WITH_TOKENS },
  { name: "expiry", scenarios: expiry, config: { offsetsCheckIntervalMs: 100 } },
  { name: "ACLs", scenarios: acls, setting: WITH_ACLS, config: LARGE_LOG },
  { name: "ACLs where none means all", scenarios: aclsWhereNoneMeansAll, setting: WITH_ACLS_OR_NONE },
  { name: "rights", scenarios: rights, setting: WITH_RIGHTS },
];
