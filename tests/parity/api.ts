/** The APIs that scenarios speak: both messages of each under one name. */
import { alterClientQuotasRequest } from "../../src/protocol/generated/alter_client_quotas_request.ts";
import { alterClientQuotasResponse } from "../../src/protocol/generated/alter_client_quotas_response.ts";
import { describeClientQuotasRequest } from "../../src/protocol/generated/describe_client_quotas_request.ts";
import { describeClientQuotasResponse } from "../../src/protocol/generated/describe_client_quotas_response.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import { produceResponse } from "../../src/protocol/generated/produce_response.ts";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { fetchResponse } from "../../src/protocol/generated/fetch_response.ts";
import { listOffsetsRequest } from "../../src/protocol/generated/list_offsets_request.ts";
import { listOffsetsResponse } from "../../src/protocol/generated/list_offsets_response.ts";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../src/protocol/generated/metadata_response.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { offsetFetchRequest } from "../../src/protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../src/protocol/generated/offset_fetch_response.ts";
import { findCoordinatorRequest } from "../../src/protocol/generated/find_coordinator_request.ts";
import { findCoordinatorResponse } from "../../src/protocol/generated/find_coordinator_response.ts";
import { joinGroupRequest } from "../../src/protocol/generated/join_group_request.ts";
import { joinGroupResponse } from "../../src/protocol/generated/join_group_response.ts";
import { heartbeatRequest } from "../../src/protocol/generated/heartbeat_request.ts";
import { heartbeatResponse } from "../../src/protocol/generated/heartbeat_response.ts";
import { leaveGroupRequest } from "../../src/protocol/generated/leave_group_request.ts";
import { leaveGroupResponse } from "../../src/protocol/generated/leave_group_response.ts";
import { syncGroupRequest } from "../../src/protocol/generated/sync_group_request.ts";
import { syncGroupResponse } from "../../src/protocol/generated/sync_group_response.ts";
import { describeGroupsRequest } from "../../src/protocol/generated/describe_groups_request.ts";
import { describeGroupsResponse } from "../../src/protocol/generated/describe_groups_response.ts";
import { listGroupsRequest } from "../../src/protocol/generated/list_groups_request.ts";
import { listGroupsResponse } from "../../src/protocol/generated/list_groups_response.ts";
import { apiVersionsRequest } from "../../src/protocol/generated/api_versions_request.ts";
import { apiVersionsResponse } from "../../src/protocol/generated/api_versions_response.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { deleteTopicsRequest } from "../../src/protocol/generated/delete_topics_request.ts";
import { deleteTopicsResponse } from "../../src/protocol/generated/delete_topics_response.ts";
import { deleteRecordsRequest } from "../../src/protocol/generated/delete_records_request.ts";
import { deleteRecordsResponse } from "../../src/protocol/generated/delete_records_response.ts";
import { initProducerIdRequest } from "../../src/protocol/generated/init_producer_id_request.ts";
import { initProducerIdResponse } from "../../src/protocol/generated/init_producer_id_response.ts";
import { offsetForLeaderEpochRequest } from "../../src/protocol/generated/offset_for_leader_epoch_request.ts";
import { offsetForLeaderEpochResponse } from "../../src/protocol/generated/offset_for_leader_epoch_response.ts";
import { addPartitionsToTxnRequest } from "../../src/protocol/generated/add_partitions_to_txn_request.ts";
import { addPartitionsToTxnResponse } from "../../src/protocol/generated/add_partitions_to_txn_response.ts";
import { addOffsetsToTxnRequest } from "../../src/protocol/generated/add_offsets_to_txn_request.ts";
import { addOffsetsToTxnResponse } from "../../src/protocol/generated/add_offsets_to_txn_response.ts";
import { endTxnRequest } from "../../src/protocol/generated/end_txn_request.ts";
import { endTxnResponse } from "../../src/protocol/generated/end_txn_response.ts";
import { writeTxnMarkersRequest } from "../../src/protocol/generated/write_txn_markers_request.ts";
import { writeTxnMarkersResponse } from "../../src/protocol/generated/write_txn_markers_response.ts";
import { txnOffsetCommitRequest } from "../../src/protocol/generated/txn_offset_commit_request.ts";
import { txnOffsetCommitResponse } from "../../src/protocol/generated/txn_offset_commit_response.ts";
import { createPartitionsRequest } from "../../src/protocol/generated/create_partitions_request.ts";
import { createPartitionsResponse } from "../../src/protocol/generated/create_partitions_response.ts";
import { deleteGroupsRequest } from "../../src/protocol/generated/delete_groups_request.ts";
import { deleteGroupsResponse } from "../../src/protocol/generated/delete_groups_response.ts";
import { offsetDeleteRequest } from "../../src/protocol/generated/offset_delete_request.ts";
import { offsetDeleteResponse } from "../../src/protocol/generated/offset_delete_response.ts";
import { describeClusterRequest } from "../../src/protocol/generated/describe_cluster_request.ts";
import { describeClusterResponse } from "../../src/protocol/generated/describe_cluster_response.ts";
import { describeProducersRequest } from "../../src/protocol/generated/describe_producers_request.ts";
import { describeProducersResponse } from "../../src/protocol/generated/describe_producers_response.ts";
import { describeTransactionsRequest } from "../../src/protocol/generated/describe_transactions_request.ts";
import { describeTransactionsResponse } from "../../src/protocol/generated/describe_transactions_response.ts";
import { listTransactionsRequest } from "../../src/protocol/generated/list_transactions_request.ts";
import { listTransactionsResponse } from "../../src/protocol/generated/list_transactions_response.ts";
import { consumerGroupHeartbeatRequest } from "../../src/protocol/generated/consumer_group_heartbeat_request.ts";
import { consumerGroupHeartbeatResponse } from "../../src/protocol/generated/consumer_group_heartbeat_response.ts";
import { consumerGroupDescribeRequest } from "../../src/protocol/generated/consumer_group_describe_request.ts";
import { consumerGroupDescribeResponse } from "../../src/protocol/generated/consumer_group_describe_response.ts";
import { describeConfigsRequest } from "../../src/protocol/generated/describe_configs_request.ts";
import { describeConfigsResponse } from "../../src/protocol/generated/describe_configs_response.ts";
import { alterConfigsRequest } from "../../src/protocol/generated/alter_configs_request.ts";
import { alterConfigsResponse } from "../../src/protocol/generated/alter_configs_response.ts";
import { incrementalAlterConfigsRequest } from "../../src/protocol/generated/incremental_alter_configs_request.ts";
import { incrementalAlterConfigsResponse } from "../../src/protocol/generated/incremental_alter_configs_response.ts";
import { listConfigResourcesRequest } from "../../src/protocol/generated/list_config_resources_request.ts";
import { listConfigResourcesResponse } from "../../src/protocol/generated/list_config_resources_response.ts";
import { describeLogDirsRequest } from "../../src/protocol/generated/describe_log_dirs_request.ts";
import { describeLogDirsResponse } from "../../src/protocol/generated/describe_log_dirs_response.ts";
import { alterReplicaLogDirsRequest } from "../../src/protocol/generated/alter_replica_log_dirs_request.ts";
import { alterReplicaLogDirsResponse } from "../../src/protocol/generated/alter_replica_log_dirs_response.ts";
import { describeTopicPartitionsRequest } from "../../src/protocol/generated/describe_topic_partitions_request.ts";
import { describeTopicPartitionsResponse } from "../../src/protocol/generated/describe_topic_partitions_response.ts";
import { describeQuorumRequest } from "../../src/protocol/generated/describe_quorum_request.ts";
import { describeQuorumResponse } from "../../src/protocol/generated/describe_quorum_response.ts";
import { updateFeaturesRequest } from "../../src/protocol/generated/update_features_request.ts";
import { updateFeaturesResponse } from "../../src/protocol/generated/update_features_response.ts";
import { electLeadersRequest } from "../../src/protocol/generated/elect_leaders_request.ts";
import { electLeadersResponse } from "../../src/protocol/generated/elect_leaders_response.ts";
import { alterPartitionReassignmentsRequest } from "../../src/protocol/generated/alter_partition_reassignments_request.ts";
import { alterPartitionReassignmentsResponse } from "../../src/protocol/generated/alter_partition_reassignments_response.ts";
import { listPartitionReassignmentsRequest } from "../../src/protocol/generated/list_partition_reassignments_request.ts";
import { listPartitionReassignmentsResponse } from "../../src/protocol/generated/list_partition_reassignments_response.ts";
import { unregisterBrokerRequest } from "../../src/protocol/generated/unregister_broker_request.ts";
import { unregisterBrokerResponse } from "../../src/protocol/generated/unregister_broker_response.ts";
import { alterUserScramCredentialsRequest } from "../../src/protocol/generated/alter_user_scram_credentials_request.ts";
import { alterUserScramCredentialsResponse } from "../../src/protocol/generated/alter_user_scram_credentials_response.ts";
import { describeUserScramCredentialsRequest } from "../../src/protocol/generated/describe_user_scram_credentials_request.ts";
import { describeUserScramCredentialsResponse } from "../../src/protocol/generated/describe_user_scram_credentials_response.ts";
import { createDelegationTokenRequest } from "../../src/protocol/generated/create_delegation_token_request.ts";
import { createDelegationTokenResponse } from "../../src/protocol/generated/create_delegation_token_response.ts";
import { renewDelegationTokenRequest } from "../../src/protocol/generated/renew_delegation_token_request.ts";
import { renewDelegationTokenResponse } from "../../src/protocol/generated/renew_delegation_token_response.ts";
import { expireDelegationTokenRequest } from "../../src/protocol/generated/expire_delegation_token_request.ts";
import { expireDelegationTokenResponse } from "../../src/protocol/generated/expire_delegation_token_response.ts";
import { describeDelegationTokenRequest } from "../../src/protocol/generated/describe_delegation_token_request.ts";
import { describeDelegationTokenResponse } from "../../src/protocol/generated/describe_delegation_token_response.ts";
import { describeAclsRequest } from "../../src/protocol/generated/describe_acls_request.ts";
import { describeAclsResponse } from "../../src/protocol/generated/describe_acls_response.ts";
import { createAclsRequest } from "../../src/protocol/generated/create_acls_request.ts";
import { createAclsResponse } from "../../src/protocol/generated/create_acls_response.ts";
import { deleteAclsRequest } from "../../src/protocol/generated/delete_acls_request.ts";
import { deleteAclsResponse } from "../../src/protocol/generated/delete_acls_response.ts";
import { saslAuthenticateRequest } from "../../src/protocol/generated/sasl_authenticate_request.ts";
import { saslAuthenticateResponse } from "../../src/protocol/generated/sasl_authenticate_response.ts";
import { saslHandshakeRequest } from "../../src/protocol/generated/sasl_handshake_request.ts";
import { saslHandshakeResponse } from "../../src/protocol/generated/sasl_handshake_response.ts";
import type { MessageCodec } from "../../src/protocol/mod.ts";

/** A request and its response. */
export interface Api<Request, Response> {
  readonly request: MessageCodec<unknown, Request>;
  readonly response: MessageCodec<Response, never>;
}

function pair<Request, Response>(
  request: MessageCodec<unknown, Request>,
  response: MessageCodec<Response, never>,
): Api<Request, Response> {
  return { request, response };
}

export const api = {
  produce: pair(produceRequest, produceResponse),
  fetch: pair(fetchRequest, fetchResponse),
  listOffsets: pair(listOffsetsRequest, listOffsetsResponse),
  metadata: pair(metadataRequest, metadataResponse),
  offsetCommit: pair(offsetCommitRequest, offsetCommitResponse),
  offsetFetch: pair(offsetFetchRequest, offsetFetchResponse),
  findCoordinator: pair(findCoordinatorRequest, findCoordinatorResponse),
  joinGroup: pair(joinGroupRequest, joinGroupResponse),
  heartbeat: pair(heartbeatRequest, heartbeatResponse),
  leaveGroup: pair(leaveGroupRequest, leaveGroupResponse),
  syncGroup: pair(syncGroupRequest, syncGroupResponse),
  describeGroups: pair(describeGroupsRequest, describeGroupsResponse),
  listGroups: pair(listGroupsRequest, listGroupsResponse),
  apiVersions: pair(apiVersionsRequest, apiVersionsResponse),
  createTopics: pair(createTopicsRequest, createTopicsResponse),
  deleteTopics: pair(deleteTopicsRequest, deleteTopicsResponse),
  deleteRecords: pair(deleteRecordsRequest, deleteRecordsResponse),
  initProducerId: pair(initProducerIdRequest, initProducerIdResponse),
  offsetForLeaderEpoch: pair(offsetForLeaderEpochRequest, offsetForLeaderEpochResponse),
  addPartitionsToTxn: pair(addPartitionsToTxnRequest, addPartitionsToTxnResponse),
  addOffsetsToTxn: pair(addOffsetsToTxnRequest, addOffsetsToTxnResponse),
  endTxn: pair(endTxnRequest, endTxnResponse),
  writeTxnMarkers: pair(writeTxnMarkersRequest, writeTxnMarkersResponse),
  txnOffsetCommit: pair(txnOffsetCommitRequest, txnOffsetCommitResponse),
  createPartitions: pair(createPartitionsRequest, createPartitionsResponse),
  deleteGroups: pair(deleteGroupsRequest, deleteGroupsResponse),
  offsetDelete: pair(offsetDeleteRequest, offsetDeleteResponse),
  describeCluster: pair(describeClusterRequest, describeClusterResponse),
  describeProducers: pair(describeProducersRequest, describeProducersResponse),
  describeTransactions: pair(describeTransactionsRequest, describeTransactionsResponse),
  listTransactions: pair(listTransactionsRequest, listTransactionsResponse),
  consumerGroupHeartbeat: pair(consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse),
  consumerGroupDescribe: pair(consumerGroupDescribeRequest, consumerGroupDescribeResponse),
  describeConfigs: pair(describeConfigsRequest, describeConfigsResponse),
  alterConfigs: pair(alterConfigsRequest, alterConfigsResponse),
  incrementalAlterConfigs: pair(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse),
  listConfigResources: pair(listConfigResourcesRequest, listConfigResourcesResponse),
  describeLogDirs: pair(describeLogDirsRequest, describeLogDirsResponse),
  alterReplicaLogDirs: pair(alterReplicaLogDirsRequest, alterReplicaLogDirsResponse),
  describeTopicPartitions: pair(describeTopicPartitionsRequest, describeTopicPartitionsResponse),
  describeQuorum: pair(describeQuorumRequest, describeQuorumResponse),
  updateFeatures: pair(updateFeaturesRequest, updateFeaturesResponse),
  electLeaders: pair(electLeadersRequest, electLeadersResponse),
  alterPartitionReassignments: pair(alterPartitionReassignmentsRequest, alterPartitionReassignmentsResponse),
  listPartitionReassignments: pair(listPartitionReassignmentsRequest, listPartitionReassignmentsResponse),
  unregisterBroker: pair(unregisterBrokerRequest, unregisterBrokerResponse),
  alterUserScramCredentials: pair(alterUserScramCredentialsRequest, alterUserScramCredentialsResponse),
  describeUserScramCredentials: pair(
    describeUserScramCredentialsRequest,
    describeUserScramCredentialsResponse,
  ),
  alterClientQuotas: pair(alterClientQuotasRequest, alterClientQuotasResponse),
  describeClientQuotas: pair(describeClientQuotasRequest, describeClientQuotasResponse),
  saslHandshake: pair(saslHandshakeRequest, saslHandshakeResponse),
  saslAuthenticate: pair(saslAuthenticateRequest, saslAuthenticateResponse),
  createDelegationToken: pair(createDelegationTokenRequest, createDelegationTokenResponse),
  renewDelegationToken: pair(renewDelegationTokenRequest, renewDelegationTokenResponse),
  expireDelegationToken: pair(expireDelegationTokenRequest, expireDelegationTokenResponse),
  describeDelegationToken: pair(describeDelegationTokenRequest, describeDelegationTokenResponse),
  describeAcls: pair(describeAclsRequest, describeAclsResponse),
  createAcls: pair(createAclsRequest, createAclsResponse),
  deleteAcls: pair(deleteAclsRequest, deleteAclsResponse),
} as const;
