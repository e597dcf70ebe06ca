import { AclOperation, AclPattern, AclPermission, AclResource, nameOf } from "./acl_codes.ts";
import type { Acl } from "./records.ts";

/** An ACL in words: `ALLOW User:alice from * to READ TOPIC LITERAL orders`. */
export function aclText(acl: Acl): string {
  const what = [
    nameOf(AclPermission, acl.permission),
    acl.principal,
    "from",
    acl.host,
    "to",
    nameOf(AclOperation, acl.operation),
    nameOf(AclResource, acl.resourceType),
    nameOf(AclPattern, acl.patternType),
    acl.resourceName,
  ];
  return what.join(" ");
}
