/**
 * ListGroups 0–5. 4 adds states and a filter by them (KIP-518), 5 the same for
 * kinds of groups (KIP-848). A filter knows no case; a word that is none finds nothing. Whoever may not describe
 * the cluster is told of the groups that they may describe.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { listGroupsRequest } from "../../protocol/generated/list_groups_request.ts";
import {
  listGroupsResponse,
  type ListGroupsResponseInput,
} from "../../protocol/generated/list_groups_response.ts";
import { AclResource } from "../../cluster/security/acls/acl_codes.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayQuietlyOnCluster } from "../rights.ts";

export const listGroups = defineApi({
  request: listGroupsRequest,
  response: listGroupsResponse,
  handle(services, request, call): ListGroupsResponseInput {
    const { engine, authorizer } = services;
    const { DESCRIBE } = AclOperation;
    const seesAll = mayQuietlyOnCluster(services, call, DESCRIBE);
    const isSeen = (id: string) =>
      seesAll || authorizer.allowsQuietly(call.client, DESCRIBE, AclResource.GROUP, id);
    const isOfState = filter(request.statesFilter);
    const isOfType = filter(request.typesFilter);
    const groups = [];
    for (const { id, kind, protocolType, stateName } of engine.state.groups) {
      if (!isOfState(stateName) || !isOfType(kind) || !isSeen(id)) continue;
      groups.push({ groupId: id, protocolType: protocolType ?? "", groupState: stateName, groupType: kind });
    }
    return { errorCode: ErrorCode.NONE, groups };
  },
});

function filter(words: readonly string[]): (word: string) => boolean {
  const wanted = new Set(words.map((word) => word.toLowerCase()));
  return (word) => wanted.size === 0 || wanted.has(word.toLowerCase());
}
