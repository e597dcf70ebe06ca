/** ListPartitionReassignments 0 (KIP-455). No partition is ever on its way. */
import { ErrorCode } from "../../base/error_codes.ts";
import { listPartitionReassignmentsRequest } from "../../protocol/generated/list_partition_reassignments_request.ts";
import {
  type ListPartitionReassignmentsResponse,
  listPartitionReassignmentsResponse,
} from "../../protocol/generated/list_partition_reassignments_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, CLUSTER_REFUSAL, mayOnCluster } from "../rights.ts";

const NOWHERE = { replicas: [], addingReplicas: [], removingReplicas: [] };

export const listPartitionReassignments = defineApi({
  request: listPartitionReassignmentsRequest,
  response: listPartitionReassignmentsResponse,
  handle(services, request, call): ListPartitionReassignmentsResponse {
    if (!mayOnCluster(services, call, AclOperation.DESCRIBE)) {
      const topics = request.topics?.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...NOWHERE })),
      }));
      return { throttleTimeMs: 0, ...CLUSTER_REFUSAL, topics: topics ?? [] };
    }
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, topics: [] };
  },
});
