/**
 * DeleteAcls 1–3: the ACLs that filters mean are no more. An ACL that several filters mean is in each of their answers.
 *
 * All of it goes in one step or, when that cannot be, none.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import type { Refusal } from "../../cluster/mod.ts";
import { type Acl, AclOperation, AclsFound, aclText } from "../../cluster/security/acls/mod.ts";
import { Pauses } from "../../engine/mod.ts";
import { deleteAclsRequest } from "../../protocol/generated/delete_acls_request.ts";
import {
  deleteAclsResponse,
  type DeleteAclsResponseDeleteAclsFilterResultInput,
  type DeleteAclsResponseInput,
} from "../../protocol/generated/delete_acls_response.ts";
import { CLOSE_CONNECTION, defineApi } from "../api.ts";
import { aclsRefusal, filterOf } from "./acl_access.ts";

type Result = DeleteAclsResponseDeleteAclsFilterResultInput;

export const deleteAcls = defineApi({
  request: deleteAclsRequest,
  response: deleteAclsResponse,
  async handle(services, request, call): Promise<DeleteAclsResponseInput | typeof CLOSE_CONNECTION> {
    const { engine, audit } = services;
    const filters = request.filters.map(filterOf).filter((filter) => filter !== null);
    if (filters.length < request.filters.length) return CLOSE_CONNECTION;
    const refusal = aclsRefusal(services, call, AclOperation.ALTER);
    if (refusal !== null) return answered(filters.map(() => refused(refusal)));
    const found = new AclsFound(engine.state.security.acls);
    const pauses = new Pauses(engine.clock);
    const results: Result[] = [];
    for (const filter of filters) {
      await pauses.next();
      const meant = found.search(filter);
      if (found.refusal !== null) break;
      results.push("error" in meant ? refused(meant) : deleted(meant));
    }
    let gone: readonly Acl[] = [];
    const problem = found.refusal ?? await engine.execute(() => {
      const decision = found.decideDelete();
      if (!("error" in decision)) gone = decision.records.flatMap(({ acls }) => acls);
      return decision;
    });
    if (problem !== null) return answered(filters.map(() => refused(problem)));
    audit.changed(call.client, gone.map((acl) => `deleted: ${aclText(acl)}`));
    return answered(results);
  },
});

function deleted(acls: readonly Acl[]): Result {
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    matchingAcls: acls.map(({ permission: permissionType, ...acl }) => ({
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      ...acl,
      permissionType,
    })),
  };
}

function refused({ error, message }: Refusal): Result {
  return { errorCode: error, errorMessage: message, matchingAcls: [] };
}

function answered(filterResults: readonly Result[]): DeleteAclsResponseInput {
  return { throttleTimeMs: 0, filterResults };
}
