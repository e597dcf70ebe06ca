/** Heartbeat 0–4. 3 adds static members (KIP-345). */
import { groupsOf } from "../../engine/groups/mod.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import { heartbeatRequest } from "../../protocol/generated/heartbeat_request.ts";
import {
  heartbeatResponse,
  type HeartbeatResponseInput,
} from "../../protocol/generated/heartbeat_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnGroup } from "../rights.ts";

export const heartbeat = defineApi({
  request: heartbeatRequest,
  response: heartbeatResponse,
  handle(services, request, call): HeartbeatResponseInput {
    const { groupId, memberId, groupInstanceId, generationId } = request;
    if (!mayOnGroup(services, call, AclOperation.READ, groupId)) {
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED };
    }
    if (groupId === "") return { errorCode: ErrorCode.INVALID_GROUP_ID };
    const groups = groupsOf(services.engine);
    return { errorCode: groups.heartbeat(groupId, memberId, groupInstanceId, generationId) };
  },
});
