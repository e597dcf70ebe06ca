import type { Acls } from "../../cluster/security/acls/acls.ts";
import type { AclSettings } from "./acl_authorizer.ts";
import type { Audit } from "./audit.ts";
import { type Authorizer, OPEN_AUTHORIZER } from "./authorizer.ts";

/** The authorizer that the operator wants; without `settings` there is none, and its code is not loaded. */
export async function openAuthorizer(
  acls: Acls,
  settings: AclSettings | null,
  audit: Audit,
): Promise<Authorizer> {
  if (settings === null) return OPEN_AUTHORIZER;
  const { AclAuthorizer } = await import("./acl_authorizer.ts");
  return new AclAuthorizer(acls, settings, audit);
}
