import { OPERATIONS_OF } from "../../cluster/security/acls/acl_codes.ts";
import type { Principal } from "../../base/principal.ts";

/** Who wants something, and where from. */
export interface Requester {
  readonly principal: Principal;
  readonly remote: { readonly host: string };
}

/**
 * Who may do what. Operations and resource types are Kafka's (`AclOperation`, `AclResource`); the name of the one
 * resource of type CLUSTER is `CLUSTER_NAME`.
 */
export interface Authorizer {
  /** Whether everybody may do everything, because the operator wants no authorization: there are no ACLs then. */
  readonly isOpen: boolean;
  /** Whether `who` may do it. That they may not is said in an event: ask this where a client asked for the thing. */
  allows(who: Requester, operation: number, resourceType: number, name: string): boolean;
  /** The same without an event: for what an answer leaves out. */
  allowsQuietly(who: Requester, operation: number, resourceType: number, name: string): boolean;
  /** Whether there may be any resource of the type that `who` may do it to (KIP-679). Without an event. */
  allowsSome(who: Requester, operation: number, resourceType: number): boolean;
  /** What `who` may do to it, as the bits that answers carry (KIP-430): one for each operation that the type has. */
  operationsOn(who: Requester, resourceType: number, name: string): number;
}

/** Without authorization. */
export const OPEN_AUTHORIZER: Authorizer = {
  isOpen: true,
  allows: () => true,
  allowsQuietly: () => true,
  allowsSome: () => true,
  operationsOn: (_who, resourceType) => OPERATIONS_OF[resourceType] ?? 0,
};
