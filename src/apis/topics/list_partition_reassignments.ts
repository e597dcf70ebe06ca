/** ListPartitionReassignments 0 (KIP-455). No partition is ever on its way. */
import { ErrorCode } from "../../base/error_codes.ts";
import { listPartitionReassignmentsRequest } from "../../protocol/generated/list_partition_reassignments_request.ts";
import {
  type ListPartitionReassignmentsResponse,
  listPartitionReassignmentsResponse,
} from "../../protocol/generated/list_partition_reassignments_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, CLUSTER_REFUSAL, mayOnCluster } from "../rights.ts";

export const listPartitionReassignments = defineApi({
  request: listPartitionReassignmentsRequest,
  response: listPartitionReassignmentsResponse,
  handle(services, _request, call): ListPartitionReassignmentsResponse {
    if (!mayOnCluster(services, call, AclOperation.DESCRIBE)) {
      return { throttleTimeMs: 0, ...CLUSTER_REFUSAL, topics: [] };
    }
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, topics: [] };
  },
});
