/** DeleteGroups 0–2, for groups that nobody is in. Their offsets go with them. */
import { groupsOf } from "../../engine/groups/mod.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import { groupRecord, refuse } from "../../cluster/mod.ts";
import { deleteGroupsRequest } from "../../protocol/generated/delete_groups_request.ts";
import {
  deleteGroupsResponse,
  type DeleteGroupsResponseInput,
} from "../../protocol/generated/delete_groups_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnGroup } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";

export const deleteGroups = defineApi({
  request: deleteGroupsRequest,
  response: deleteGroupsResponse,
  async handle(services, request, call): Promise<DeleteGroupsResponseInput> {
    const results = [];
    const pauses = new Pauses(services.engine.clock);
    for (const groupId of new Set(request.groupsNames)) {
      await pauses.next();
      results.push({ groupId, errorCode: await remove(services, call, groupId) });
    }
    return { throttleTimeMs: 0, results };
  },
});

async function remove(services: Services, call: Call, groupId: string): Promise<number> {
  if (!mayOnGroup(services, call, AclOperation.DELETE, groupId)) return ErrorCode.GROUP_AUTHORIZATION_FAILED;
  const { engine } = services;
  const refusal = await engine.execute((state) => {
    const errorCode = state.groups.get(groupId)?.validateDelete() ?? ErrorCode.GROUP_ID_NOT_FOUND;
    if (errorCode !== ErrorCode.NONE) return refuse(errorCode, `The group ${groupId} cannot be deleted.`);
    return { records: [groupRecord(groupId, { type: "deleted" })] };
  }, () => groupsOf(engine).changed(groupId));
  if (refusal === null) return ErrorCode.NONE;
  return refusal.error === ErrorCode.KAFKA_STORAGE_ERROR
    ? ErrorCode.COORDINATOR_NOT_AVAILABLE
    : refusal.error;
}
