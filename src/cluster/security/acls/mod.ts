/**
 * The rules of ACLs, as Kafka's standard authorizer has them: what an ACL may be, which of them a filter means, and
 * what they add up to for somebody who wants something.
 *
 * All ACLs together are state (`Acls`), changed by the records `acls_created` and `acls_deleted`. The same records
 * keep an index by resource and principal up to date ({@link AclIndex}), so that the rights to one resource are found without looking at
 * the other ACLs. The numbers are Kafka's own (`acl_codes.ts`).
 */
export * from "./acl_codes.ts";
export { EVERY_RIGHT, rightsTo, someRight } from "./rights.ts";
export { javaHost } from "./client_host.ts";
export type { Acls } from "./acls.ts";
export type { Acl } from "./records.ts";
export { type AclFilter, filterMatches } from "./acl_filter.ts";
export { aclKey } from "./acls.ts";
export { aclText } from "./acl_text.ts";
export { aclProblem, decideCreateAcls, isOpenAcl } from "./create_acls.ts";
export { AclsFound } from "./delete_acls.ts";
