/**
 * CreateAcls 1–3: who may do what from now on. ACLs that there are already stay as they are.
 *
 * All that is valid is made in one step or, when that cannot be, none of it.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { type Refusal, refuse } from "../../cluster/mod.ts";
import {
  type Acl,
  aclKey,
  AclOperation,
  aclProblem,
  aclText,
  decideCreateAcls,
  isOpenAcl,
} from "../../cluster/security/acls/mod.ts";
import { Pauses } from "../../engine/mod.ts";
import {
  createAclsRequest,
  type CreateAclsRequestAclCreation,
} from "../../protocol/generated/create_acls_request.ts";
import {
  createAclsResponse,
  type CreateAclsResponseInput,
} from "../../protocol/generated/create_acls_response.ts";
import { CLOSE_CONNECTION, defineApi } from "../api.ts";
import { aclsRefusal } from "./acl_access.ts";

const UNKNOWN = 0;

/** As Kafka: the whole request is refused, which no client makes by mistake. */
const OPEN = refuse(ErrorCode.UNKNOWN_SERVER_ERROR, "An ACL must not leave anything open.");

export const createAcls = defineApi({
  request: createAclsRequest,
  response: createAclsResponse,
  async handle(services, { creations }, call): Promise<CreateAclsResponseInput | typeof CLOSE_CONNECTION> {
    const { engine, audit } = services;
    if (creations.some(hasUnknown)) return CLOSE_CONNECTION;
    const refusal = aclsRefusal(services, call, AclOperation.ALTER);
    if (refusal !== null) return answered(creations.map(() => refusal));
    const acls = creations.map(aclOf);
    if (acls.some(isOpenAcl)) return answered(creations.map(() => OPEN));
    const pauses = new Pauses(engine.clock);
    const results = [];
    const wanted = new Map<string, Acl>();
    for (const acl of acls) {
      await pauses.next();
      const problem = aclProblem(acl);
      if (problem === null) wanted.set(aclKey(acl), acl);
      results.push(problem);
    }
    let created: readonly Acl[] = [];
    const refused = await engine.execute(({ security }) => {
      const decision = decideCreateAcls(security.acls, wanted);
      if (!("error" in decision)) created = decision.records.flatMap(({ acls }) => acls);
      return decision;
    });
    if (refused !== null) return answered(results.map((problem) => problem ?? refused));
    audit.changed(call.client, created.map((acl) => `created: ${aclText(acl)}`));
    return answered(results);
  },
});

function hasUnknown(creation: CreateAclsRequestAclCreation): boolean {
  const { resourceType, resourcePatternType, operation, permissionType } = creation;
  return [resourceType, resourcePatternType, operation, permissionType].includes(UNKNOWN);
}

function aclOf(creation: CreateAclsRequestAclCreation): Acl {
  const { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType } =
    creation;
  return {
    resourceType,
    resourceName,
    patternType: resourcePatternType,
    principal,
    host,
    operation,
    permission: permissionType,
  };
}

function answered(results: readonly (Refusal | null)[]): CreateAclsResponseInput {
  return {
    throttleTimeMs: 0,
    results: results.map((refusal) => ({
      errorCode: refusal?.error ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? "",
    })),
  };
}
