/**
 * AlterPartitionReassignments 0–1 (KIP-455). 1 may forbid another number of replicas (KIP-860). A partition stays where it
 * is: moving it to where it is already succeeds, as in Kafka, and all else is refused.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { replicasProblem } from "../../cluster/mod.ts";
import {
  alterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsRequestReassignableTopic,
} from "../../protocol/generated/alter_partition_reassignments_request.ts";
import {
  alterPartitionReassignmentsResponse,
  type AlterPartitionReassignmentsResponseInput,
} from "../../protocol/generated/alter_partition_reassignments_response.ts";
import { defineApi, type Services } from "../api.ts";
import { AclOperation, CLUSTER_REFUSAL, mayOnCluster } from "../rights.ts";

export const alterPartitionReassignments = defineApi({
  request: alterPartitionReassignmentsRequest,
  response: alterPartitionReassignmentsResponse,
  handle(services, { topics, allowReplicationFactorChange }, call): AlterPartitionReassignmentsResponseInput {
    if (!mayOnCluster(services, call, AclOperation.ALTER)) return refused(topics);
    return {
      throttleTimeMs: 0,
      allowReplicationFactorChange,
      errorCode: ErrorCode.NONE,
      errorMessage: topics.length === 0 ? "" : null,
      responses: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, replicas }) => ({
          partitionIndex,
          ...outcome(services, name, partitionIndex, replicas),
        })),
      })),
    };
  },
});

function refused(
  topics: readonly AlterPartitionReassignmentsRequestReassignableTopic[],
): AlterPartitionReassignmentsResponseInput {
  return {
    throttleTimeMs: 0,
    ...CLUSTER_REFUSAL,
    responses: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...CLUSTER_REFUSAL })),
    })),
  };
}

function outcome(
  { engine, settings }: Services,
  name: string,
  partitionIndex: number,
  replicas: readonly number[] | null,
): { readonly errorCode: number; readonly errorMessage: string | null } {
  if (engine.state.topic(name)?.partitions[partitionIndex] === undefined) {
    return {
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      errorMessage: "This server does not host this topic-partition.",
    };
  }
  if (replicas === null) {
    return {
      errorCode: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS,
      errorMessage: "No partition reassignment is in progress.",
    };
  }
  const problem = replicasProblem(replicas, settings.nodeId);
  return {
    errorCode: problem === null ? ErrorCode.NONE : ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    errorMessage: problem,
  };
}
