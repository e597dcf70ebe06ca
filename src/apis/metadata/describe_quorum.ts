/**
 * DescribeQuorum 0–2 (KIP-595). The log of metadata has one voter, this broker, which leads it; its offsets are
 * positions in klite's one log. 1 tells when a voter was heard of (KIP-836), 2 where the nodes are (KIP-853).
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { zeroUuid } from "../../protocol/mod.ts";
import { describeQuorumRequest } from "../../protocol/generated/describe_quorum_request.ts";
import {
  describeQuorumResponse,
  type DescribeQuorumResponseInput,
} from "../../protocol/generated/describe_quorum_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnCluster } from "../rights.ts";
import { advertisedEndpoint } from "./endpoint.ts";

/** From here on it is told when voters were heard of, and where they are. */
const TIMES_FROM = 1;
const NODES_FROM = 2;
const METADATA_TOPIC = "__cluster_metadata";

export const describeQuorum = defineApi({
  request: describeQuorumRequest,
  response: describeQuorumResponse,
  handle(services, { topics }, call): DescribeQuorumResponseInput {
    if (!mayOnCluster(services, call, AclOperation.DESCRIBE)) {
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, topics: [], nodes: [] };
    }
    const [topic] = topics;
    if (
      topics.length !== 1 || topic?.topicName !== METADATA_TOPIC || topic.partitions.length !== 1 ||
      topic.partitions[0]?.partitionIndex !== 0
    ) {
      const error = {
        errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        errorMessage: "The one log that has a quorum is that of the metadata.",
      };
      const none = { leaderId: 0, leaderEpoch: 0, highWatermark: 0, currentVoters: [], observers: [] };
      return {
        errorCode: ErrorCode.NONE,
        topics: topics.map(({ topicName, partitions }) => ({
          topicName,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...error, ...none })),
        })),
        nodes: [],
      };
    }
    return told(services, call);
  },
});

function told(services: Services, call: Call): DescribeQuorumResponseInput {
  const { engine: { wal, state, clock }, settings: { nodeId } } = services;
  const nowMs = clock.nowMs();
  const voter = {
    replicaId: nodeId,
    replicaDirectoryId: zeroUuid,
    logEndOffset: wal.endLsn,
    ...(call.version >= TIMES_FROM && { lastFetchTimestamp: nowMs, lastCaughtUpTimestamp: nowMs }),
  };
  return {
    errorCode: ErrorCode.NONE,
    topics: [{
      topicName: METADATA_TOPIC,
      partitions: [{
        partitionIndex: 0,
        errorCode: ErrorCode.NONE,
        leaderId: nodeId,
        leaderEpoch: state.leaderEpoch,
        highWatermark: wal.durableLsn,
        currentVoters: [voter],
        observers: [],
      }],
    }],
    nodes: call.version >= NODES_FROM
      ? [{ nodeId, listeners: [{ name: call.client.listener.name, ...advertisedEndpoint(call) }] }]
      : [],
  };
}
