import { AclOperation, AclPattern, AclPermission, AclResource } from "./acl_codes.ts";
import { EVERY_NAME } from "./acl_index.ts";
import type { Acl } from "./records.ts";

/** Which ACLs are meant. Texts that are `null` and numbers that are ANY leave it open. */
export interface AclFilter {
  readonly resourceType: number;
  readonly resourceName: string | null;
  /** MATCH: whatever pattern the resource name fits. */
  readonly patternType: number;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: number;
  readonly permission: number;
}

export function filterMatches(filter: AclFilter, acl: Acl): boolean {
  return isOpenOr(AclResource.ANY, filter.resourceType, acl.resourceType) &&
    patternMatches(filter, acl) &&
    (filter.principal === null || filter.principal === acl.principal) &&
    (filter.host === null || filter.host === acl.host) &&
    isOpenOr(AclOperation.ANY, filter.operation, acl.operation) &&
    isOpenOr(AclPermission.ANY, filter.permission, acl.permission);
}

function patternMatches({ resourceName, patternType }: AclFilter, acl: Acl): boolean {
  if (patternType !== AclPattern.MATCH) {
    return isOpenOr(AclPattern.ANY, patternType, acl.patternType) &&
      (resourceName === null || resourceName === acl.resourceName);
  }
  if (resourceName === null) return true;
  return acl.patternType === AclPattern.PREFIXED
    ? resourceName.startsWith(acl.resourceName)
    : acl.resourceName === resourceName || acl.resourceName === EVERY_NAME;
}

function isOpenOr(any: number, wanted: number, code: number): boolean {
  return wanted === any || wanted === code;
}
