/**
 * What the broker can be asked: one file per API, from a decoded request to a
 * call of the engine to a response.
 *
 * {@link APIS} is the table of all that is served. The router checks versions
 * against it, and ApiVersions is derived from it: adding an API is a file and a
 * line here. A file is loaded when it is first asked for, so nothing else may
 * import one by value; what several share lies in files of its own. ApiVersions
 * alone is there from the beginning: it is what every client asks first.
 */
import { Api } from "./api.ts";
import { apiVersions } from "./metadata/api_versions.ts";

/** By Kafka's key: name, first and last version served, code. */
export const APIS: readonly Api[] = [
  new Api("Produce", [3, 13], async () => (await import("./records/produce.ts")).produce, {
    advertisedFrom: 0,
    pipelined: true,
  }),
  new Api("Fetch", [4, 18], async () => (await import("./records/fetch.ts")).fetch, { tellsOf: "topics" }),
  new Api("ListOffsets", [1, 11], async () => (await import("./records/list_offsets.ts")).listOffsets),
  new Api("Metadata", [0, 13], async () => (await import("./metadata/metadata.ts")).metadata),
  new Api("OffsetCommit", [2, 10], async () => (await import("./groups/offset_commit.ts")).offsetCommit),
  new Api("OffsetFetch", [1, 10], async () => (await import("./groups/offset_fetch.ts")).offsetFetch),
  new Api(
    "FindCoordinator",
    [0, 6],
    async () => (await import("./groups/find_coordinator.ts")).findCoordinator,
  ),
  new Api(
    "JoinGroup",
    [0, 9],
    async () => (await import("./groups/join_group.ts")).joinGroup,
  ),
  new Api(
    "Heartbeat",
    [0, 4],
    async () => (await import("./groups/heartbeat.ts")).heartbeat,
  ),
  new Api(
    "LeaveGroup",
    [0, 5],
    async () => (await import("./groups/leave_group.ts")).leaveGroup,
  ),
  new Api(
    "SyncGroup",
    [0, 5],
    async () => (await import("./groups/sync_group.ts")).syncGroup,
  ),
  new Api(
    "DescribeGroups",
    [0, 6],
    async () => (await import("./groups/describe_groups.ts")).describeGroups,
  ),
  new Api(
    "ListGroups",
    [0, 5],
    async () => (await import("./groups/list_groups.ts")).listGroups,
  ),
  new Api(
    "DeleteGroups",
    [0, 2],
    async () => (await import("./groups/delete_groups.ts")).deleteGroups,
  ),
  new Api(
    "SaslHandshake",
    [0, 1],
    async () => (await import("./security/sasl_handshake.ts")).saslHandshake,
  ),
  new Api("ApiVersions", [0, 4], () => Promise.resolve(apiVersions)),
  new Api("CreateTopics", [2, 7], async () => (await import("./topics/create_topics.ts")).createTopics),
  new Api("DeleteTopics", [1, 6], async () => (await import("./topics/delete_topics.ts")).deleteTopics),
  new Api("DeleteRecords", [0, 2], async () => (await import("./records/delete_records.ts")).deleteRecords),
  new Api(
    "InitProducerId",
    [0, 5],
    async () => (await import("./transactions/init_producer_id.ts")).initProducerId,
  ),
  new Api(
    "AddPartitionsToTxn",
    [0, 5],
    async () => (await import("./transactions/add_partitions_to_txn.ts")).addPartitionsToTxn,
  ),
  new Api(
    "AddOffsetsToTxn",
    [0, 4],
    async () => (await import("./transactions/add_offsets_to_txn.ts")).addOffsetsToTxn,
  ),
  new Api("EndTxn", [0, 5], async () => (await import("./transactions/end_txn.ts")).endTxn),
  new Api(
    "WriteTxnMarkers",
    [1, 2],
    async () => (await import("./transactions/write_txn_markers.ts")).writeTxnMarkers,
  ),
  new Api(
    "TxnOffsetCommit",
    [0, 5],
    async () => (await import("./transactions/txn_offset_commit.ts")).txnOffsetCommit,
  ),
  new Api(
    "DescribeProducers",
    [0, 0],
    async () => (await import("./transactions/describe_producers.ts")).describeProducers,
  ),
  new Api(
    "DescribeTransactions",
    [0, 0],
    async () => (await import("./transactions/describe_transactions.ts")).describeTransactions,
  ),
  new Api(
    "ListTransactions",
    [0, 2],
    async () => (await import("./transactions/list_transactions.ts")).listTransactions,
  ),
  new Api(
    "OffsetForLeaderEpoch",
    [2, 4],
    async () => (await import("./records/offset_for_leader_epoch.ts")).offsetForLeaderEpoch,
  ),
  new Api(
    "SaslAuthenticate",
    [0, 2],
    async () => (await import("./security/sasl_authenticate.ts")).saslAuthenticate,
  ),
  new Api(
    "CreatePartitions",
    [0, 3],
    async () => (await import("./topics/create_partitions.ts")).createPartitions,
  ),
  new Api("OffsetDelete", [0, 0], async () => (await import("./groups/offset_delete.ts")).offsetDelete),
  new Api(
    "DescribeCluster",
    [0, 2],
    async () => (await import("./metadata/describe_cluster.ts")).describeCluster,
  ),
  new Api(
    "ConsumerGroupHeartbeat",
    [0, 1],
    async () => (await import("./groups/consumer_group_heartbeat.ts")).consumerGroupHeartbeat,
  ),
  new Api(
    "ConsumerGroupDescribe",
    [0, 1],
    async () => (await import("./groups/consumer_group_describe.ts")).consumerGroupDescribe,
  ),
  new Api(
    "DescribeConfigs",
    [1, 4],
    async () => (await import("./configs/describe_configs.ts")).describeConfigs,
  ),
  new Api("AlterConfigs", [0, 2], async () => (await import("./configs/alter_configs.ts")).alterConfigs),
  new Api(
    "AlterReplicaLogDirs",
    [1, 2],
    async () => (await import("./records/alter_replica_log_dirs.ts")).alterReplicaLogDirs,
  ),
  new Api(
    "DescribeLogDirs",
    [1, 5],
    async () => (await import("./records/describe_log_dirs.ts")).describeLogDirs,
  ),
  new Api("ElectLeaders", [0, 2], async () => (await import("./topics/elect_leaders.ts")).electLeaders),
  new Api(
    "IncrementalAlterConfigs",
    [0, 1],
    async () => (await import("./configs/incremental_alter_configs.ts")).incrementalAlterConfigs,
  ),
  new Api(
    "AlterPartitionReassignments",
    [0, 1],
    async () => (await import("./topics/alter_partition_reassignments.ts")).alterPartitionReassignments,
  ),
  new Api(
    "ListPartitionReassignments",
    [0, 0],
    async () => (await import("./topics/list_partition_reassignments.ts")).listPartitionReassignments,
  ),
  new Api(
    "DescribeQuorum",
    [0, 2],
    async () => (await import("./metadata/describe_quorum.ts")).describeQuorum,
  ),
  new Api(
    "UpdateFeatures",
    [0, 2],
    async () => (await import("./metadata/update_features.ts")).updateFeatures,
  ),
  new Api(
    "UnregisterBroker",
    [0, 0],
    async () => (await import("./metadata/unregister_broker.ts")).unregisterBroker,
  ),
  new Api(
    "ListConfigResources",
    [0, 1],
    async () => (await import("./configs/list_config_resources.ts")).listConfigResources,
  ),
  new Api(
    "DescribeTopicPartitions",
    [0, 0],
    async () => (await import("./metadata/describe_topic_partitions.ts")).describeTopicPartitions,
  ),
  new Api("DescribeAcls", [1, 3], async () => (await import("./security/describe_acls.ts")).describeAcls),
  new Api("CreateAcls", [1, 3], async () => (await import("./security/create_acls.ts")).createAcls),
  new Api("DeleteAcls", [1, 3], async () => (await import("./security/delete_acls.ts")).deleteAcls),
  new Api(
    "CreateDelegationToken",
    [1, 3],
    async () => (await import("./security/create_delegation_token.ts")).createDelegationToken,
  ),
  new Api(
    "RenewDelegationToken",
    [1, 2],
    async () => (await import("./security/renew_delegation_token.ts")).renewDelegationToken,
  ),
  new Api(
    "ExpireDelegationToken",
    [1, 2],
    async () => (await import("./security/expire_delegation_token.ts")).expireDelegationToken,
  ),
  new Api(
    "DescribeDelegationToken",
    [1, 3],
    async () => (await import("./security/describe_delegation_token.ts")).describeDelegationToken,
  ),
  new Api(
    "DescribeClientQuotas",
    [0, 1],
    async () => (await import("./security/describe_client_quotas.ts")).describeClientQuotas,
  ),
  new Api(
    "AlterClientQuotas",
    [0, 1],
    async () => (await import("./security/alter_client_quotas.ts")).alterClientQuotas,
  ),
  new Api(
    "DescribeUserScramCredentials",
    [0, 0],
    async () => (await import("./security/describe_user_scram_credentials.ts")).describeUserScramCredentials,
  ),
  new Api(
    "AlterUserScramCredentials",
    [0, 0],
    async () => (await import("./security/alter_user_scram_credentials.ts")).alterUserScramCredentials,
  ),
];

export { unsupportedApiVersions } from "./metadata/unsupported_api_versions.ts";
export { AnswerAfter, CLOSE_CONNECTION, NO_RESPONSE } from "./api.ts";
export type { Api, ApiSettings, Call, Handled, Services } from "./api.ts";
export type { AuthenticateOutcome, HandshakeOutcome, Session } from "./security/session.ts";
