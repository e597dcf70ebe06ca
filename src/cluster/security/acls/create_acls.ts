import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import { AclOperation, AclPattern, AclPermission, AclResource, CLUSTER_NAME } from "./acl_codes.ts";
import { aclChars, type Acls } from "./acls.ts";
import type { Acl, AclRecord } from "./records.ts";

/** What becomes of ACLs: the records that make it so, or why not. */
export type AclDecision = { readonly records: readonly AclRecord[] } | Refusal;

/** As Kafka: of one request so many are made, or none. */
export const ACLS_PER_REQUEST_MAX = 10_000;
/** An ACL takes 700 bytes, apart from its text. */
const ACLS_MAX = 50_000;
/** Characters of all names, principals and hosts: two bytes each at most, in two places. */
const TEXT_MAX = 8 * 2 ** 20;

const INVALID = ErrorCode.INVALID_REQUEST;
const RESOURCES: ReadonlySet<number> = new Set(Object.values(AclResource));
const OPERATIONS: ReadonlySet<number> = new Set(Object.values(AclOperation));

/** Whether some part of an ACL leaves something open, which is for filters only. */
export function isOpenAcl({ resourceType, patternType, operation, permission }: Acl): boolean {
  return resourceType === AclResource.ANY || patternType === AclPattern.ANY ||
    patternType === AclPattern.MATCH || operation === AclOperation.ANY || permission === AclPermission.ANY;
}

/** Why there can be no such ACL, which is not open; `null` when there can. */
export function aclProblem(acl: Acl): Refusal | null {
  const { resourceType, resourceName, patternType, operation, permission, principal } = acl;
  if (resourceType === AclResource.CLUSTER && resourceName !== CLUSTER_NAME) {
    return refuse(INVALID, `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`);
  }
  if (resourceName === "") return refuse(INVALID, "Invalid empty resource name");
  if (!RESOURCES.has(resourceType)) {
    return refuse(INVALID, `Invalid resourceType ${resourceType}`);
  }
  if (patternType !== AclPattern.LITERAL && patternType !== AclPattern.PREFIXED) {
    return refuse(INVALID, `Invalid patternType ${patternType}`);
  }
  if (!OPERATIONS.has(operation)) {
    return refuse(INVALID, `Invalid operation ${operation}`);
  }
  if (permission !== AclPermission.DENY && permission !== AclPermission.ALLOW) {
    return refuse(INVALID, `Invalid permissionType ${permission}`);
  }
  return principal.includes(":")
    ? null
    : refuse(INVALID, `Could not parse principal from \`${principal}\`: there is no colon in it`);
}

/** Makes the ACLs that there are not yet. `wanted` are valid, by their `aclKey`. */
export function decideCreateAcls(acls: Acls, wanted: ReadonlyMap<string, Acl>): AclDecision {
  const created: Acl[] = [];
  let { chars } = acls;
  for (const [key, acl] of wanted) {
    if (acls.has(key)) continue;
    if (created.length === ACLS_PER_REQUEST_MAX) {
      return refuse(ErrorCode.POLICY_VIOLATION, `One request makes ${ACLS_PER_REQUEST_MAX} ACLs at most.`);
    }
    created.push(acl);
    chars += aclChars(acl);
  }
  if (acls.size + created.length > ACLS_MAX || chars > TEXT_MAX) {
    return refuse(
      ErrorCode.POLICY_VIOLATION,
      `There may be ${ACLS_MAX} ACLs, and ${TEXT_MAX} characters in them.`,
    );
  }
  return { records: created.length === 0 ? [] : [{ type: "acls_created", acls: created }] };
}
