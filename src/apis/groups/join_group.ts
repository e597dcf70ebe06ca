/**
 * JoinGroup 0–9. 1 adds the rebalance timeout; 4 gives new members an id first
 * (KIP-394); 5 adds static members (KIP-345); 7 names the protocol type and has no
 * protocol on errors (KIP-559); 8 adds a reason (KIP-800), which nobody needs; 9
 * lets a leader that started anew skip the assignment (KIP-814).
 *
 * The answer waits until all members have joined, or their time is over.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { groupsOf } from "../../engine/groups/mod.ts";
import { metadataOf } from "../../cluster/groups/mod.ts";
import type { JoinAnswer } from "../../engine/mod.ts";
import { type JoinGroupRequest, joinGroupRequest } from "../../protocol/generated/join_group_request.ts";
import {
  joinGroupResponse,
  type JoinGroupResponseInput,
} from "../../protocol/generated/join_group_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnGroup, seesTopic } from "../rights.ts";
import { awaiting } from "./awaiting.ts";

/** From here on a member has two timeouts. */
const REBALANCE_TIMEOUT_FROM = 1;
const KNOWN_MEMBER_ID_FROM = 4;
/** From here on "no protocol" has a form of its own. */
const NO_PROTOCOL_FROM = 7;
const SKIP_ASSIGNMENT_FROM = 9;

export const joinGroup = defineApi({
  request: joinGroupRequest,
  response: joinGroupResponse,
  async handle(services, request, call): Promise<JoinGroupResponseInput> {
    if (!mayOnGroup(services, call, AclOperation.READ, request.groupId)) return refused(call.version);
    const joining = groupsOf(services.engine).join(
      command(services, request, call),
      (topic) => seesTopic(services, call, topic),
    );
    return toResponse(await awaiting(call.client, joining), call.version);
  },
});

function command({ engine }: Services, request: JoinGroupRequest, { version, clientId, client }: Call) {
  const { groupId, memberId, groupInstanceId, sessionTimeoutMs, protocolType } = request;
  return {
    groupId,
    memberId,
    newMemberId: `${groupInstanceId ?? clientId ?? ""}-${engine.newUuid()}`,
    instanceId: groupInstanceId,
    clientId: clientId ?? "",
    clientHost: `/${client.remote.host}`,
    sessionTimeoutMs,
    rebalanceTimeoutMs: version >= REBALANCE_TIMEOUT_FROM ? request.rebalanceTimeoutMs : sessionTimeoutMs,
    protocolType,
    // Copies, for the connection's buffer does not wait.
    protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: metadata.slice() })),
    requiresKnownMemberId: version >= KNOWN_MEMBER_ID_FROM,
    canSkipAssignment: version >= SKIP_ASSIGNMENT_FROM,
  };
}

function refused(version: number): JoinGroupResponseInput {
  return {
    errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
    protocolName: version >= NO_PROTOCOL_FROM ? null : "",
    leader: "",
    memberId: "",
    members: [],
  };
}

function toResponse(answer: JoinAnswer, version: number): JoinGroupResponseInput {
  const { errorCode, memberId, generation, protocolType, protocol, leaderId, skipAssignment } = answer;
  return {
    errorCode,
    generationId: generation,
    protocolType,
    protocolName: protocol ?? (version >= NO_PROTOCOL_FROM ? null : ""),
    leader: leaderId,
    ...(version >= SKIP_ASSIGNMENT_FROM && { skipAssignment }),
    memberId,
    members: answer.members.map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      metadata: metadataOf(member, protocol),
    })),
  };
}
