/**
 * LeaveGroup 0–5. Up to 2 one member leaves, and its error is the answer's; from
 * 3 on any number, each by its member id or its instance id (KIP-345); 5 adds
 * reasons (KIP-800), which nobody needs.
 */
import { groupsOf } from "../../engine/groups/mod.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import { leaveGroupRequest } from "../../protocol/generated/leave_group_request.ts";
import {
  leaveGroupResponse,
  type LeaveGroupResponseInput,
} from "../../protocol/generated/leave_group_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnGroup } from "../rights.ts";

/** From here on members come in a list. */
const BATCHED_FROM = 3;

export const leaveGroup = defineApi({
  request: leaveGroupRequest,
  response: leaveGroupResponse,
  async handle(services, request, call): Promise<LeaveGroupResponseInput> {
    const { version } = call;
    const { groupId } = request;
    if (!mayOnGroup(services, call, AclOperation.READ, groupId)) {
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, members: [] };
    }
    if (groupId === "") return { errorCode: ErrorCode.INVALID_GROUP_ID, members: [] };
    const leaving = version >= BATCHED_FROM
      ? request.members.map(({ memberId, groupInstanceId }) => ({ memberId, instanceId: groupInstanceId }))
      : [{ memberId: request.memberId, instanceId: null }];
    const left = await groupsOf(services.engine).leave(groupId, leaving);
    if (typeof left === "number") return { errorCode: left, members: [] };
    if (version < BATCHED_FROM) return { errorCode: left[0] ?? ErrorCode.NONE, members: [] };
    return {
      errorCode: ErrorCode.NONE,
      members: leaving.map(({ memberId, instanceId }, index) => ({
        memberId,
        groupInstanceId: instanceId,
        errorCode: left[index] ?? ErrorCode.NONE,
      })),
    };
  },
});
