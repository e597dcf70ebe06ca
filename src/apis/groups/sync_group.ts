/**
 * SyncGroup 0–5. 3 adds static members (KIP-345); 5 says what was agreed upon
 * (KIP-559). The answer waits until the leader has brought the assignments.
 */
import { groupsOf } from "../../engine/groups/mod.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import { syncGroupRequest } from "../../protocol/generated/sync_group_request.ts";
import {
  syncGroupResponse,
  type SyncGroupResponseInput,
} from "../../protocol/generated/sync_group_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnGroup } from "../rights.ts";
import { awaiting } from "./awaiting.ts";

/** From here on a member must name protocol type and protocol. */
const PROTOCOL_FROM = 5;

export const syncGroup = defineApi({
  request: syncGroupRequest,
  response: syncGroupResponse,
  async handle(services, request, call): Promise<SyncGroupResponseInput> {
    const { protocolType, protocolName } = request;
    if (call.version >= PROTOCOL_FROM && (protocolType === null || protocolName === null)) {
      return { errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL, assignment: new Uint8Array(0) };
    }
    if (!mayOnGroup(services, call, AclOperation.READ, request.groupId)) {
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, assignment: new Uint8Array(0) };
    }
    const syncing = groupsOf(services.engine).sync({
      groupId: request.groupId,
      memberId: request.memberId,
      instanceId: request.groupInstanceId,
      generation: request.generationId,
      protocolType,
      protocol: protocolName,
      // Copies, for the connection's buffer does not wait.
      assignments: request.assignments.map(({ memberId, assignment }) => ({
        memberId,
        assignment: assignment.slice(),
      })),
    });
    const answer = await awaiting(call.client, syncing);
    return {
      errorCode: answer.errorCode,
      protocolType: answer.protocolType,
      protocolName: answer.protocol,
      assignment: answer.assignment,
    };
  },
});
