/** ListPartitionReassignments 0 (KIP-455). No partition is ever on its way. */
import { ErrorCode } from "../../base/error_codes.ts";
import { listPartitionReassignmentsRequest } from "../../protocol/generated/list_partition_reassignments_request.ts";
import {
  type ListPartitionReassignmentsResponse,
  listPartitionReassignmentsResponse,
} from "../../protocol/generated/list_partition_reassignments_response.ts";
import { defineApi } from "../api.ts";

export const listPartitionReassignments = defineApi({
  request: listPartitionReassignmentsRequest,
  response: listPartitionReassignmentsResponse,
  handle(): ListPartitionReassignmentsResponse {
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, topics: [] };
  },
});
