/**
 * DescribeGroups 0–6, for classic groups. 3 adds authorized operations, 4 the
 * instance id; 6 has an error for groups that do not exist, which are Dead before.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import type { ClassicMember } from "../../cluster/mod.ts";
import { ClassicGroup, metadataOf } from "../../cluster/groups/mod.ts";
import { describeGroupsRequest } from "../../protocol/generated/describe_groups_request.ts";
import {
  describeGroupsResponse,
  type DescribeGroupsResponseDescribedGroupInput,
  type DescribeGroupsResponseInput,
} from "../../protocol/generated/describe_groups_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, groupOperations, mayOnGroup } from "../rights.ts";

/** From here on a group that does not exist is an error. */
const NOT_FOUND_FROM = 6;

export const describeGroups = defineApi({
  request: describeGroupsRequest,
  response: describeGroupsResponse,
  async handle(services, request, call): Promise<DescribeGroupsResponseInput> {
    await call.client.answerTurn();
    // Each once, or a small request for the same large group over and over would have a boundless answer.
    const groups = Array.from(new Set(request.groups), (id) => {
      const described = describe(services, id, call);
      if (described.errorCode !== ErrorCode.NONE) return described;
      const operations = groupOperations(services, call, request.includeAuthorizedOperations, id);
      return { ...described, authorizedOperations: operations };
    });
    return { groups };
  },
});

function describe(
  services: Services,
  groupId: string,
  call: Call,
): DescribeGroupsResponseDescribedGroupInput {
  if (!mayOnGroup(services, call, AclOperation.DESCRIBE, groupId)) {
    const nothing = { groupState: "", protocolType: "", protocolData: "", members: [] };
    return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, groupId, ...nothing };
  }
  const group = services.engine.state.groups.get(groupId);
  if (!(group instanceof ClassicGroup)) {
    const isError = call.version >= NOT_FOUND_FROM;
    return {
      errorCode: isError ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
      errorMessage: isError ? `Group ${groupId} ${group ? "is not a classic group" : "not found"}.` : null,
      groupId,
      groupState: "Dead",
      protocolType: "",
      protocolData: "",
      members: [],
    };
  }
  // What members say about themselves counts in terms of a protocol that they have agreed upon.
  const protocol = group.phase === "Stable" ? group.protocol : null;
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    groupState: group.stateName,
    protocolType: group.protocolType ?? "",
    protocolData: protocol ?? "",
    members: Array.from(group.members(), (member) => described(member, protocol)),
  };
}

function described(member: ClassicMember, protocol: string | null) {
  return {
    memberId: member.id,
    groupInstanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    memberMetadata: metadataOf(member, protocol),
    memberAssignment: member.assignment,
  };
}
