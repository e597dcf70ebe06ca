/** Those who ask in the matrix of rights: one for each right that there is, one without it alone, and those of all or nothing. */
import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
  CLUSTER_NAME,
} from "../../../src/cluster/security/acls/acl_codes.ts";
import type { CreateAclsRequestAclCreation } from "../../../src/protocol/generated/create_acls_request.ts";

type OperationName = keyof typeof AclOperation;
type ResourceName = Exclude<keyof typeof AclResource, "ANY">;

/** Every right that there is. */
const RIGHTS: Readonly<Record<ResourceName, readonly OperationName[]>> = {
  TOPIC: ["READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  GROUP: ["READ", "DELETE", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  CLUSTER: [
    "CREATE",
    "ALTER",
    "DESCRIBE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE",
  ],
  TRANSACTIONAL_ID: ["WRITE", "DESCRIBE"],
  DELEGATION_TOKEN: ["DESCRIBE"],
  USER: ["CREATE_TOKENS", "DESCRIBE_TOKENS"],
};

/** Somebody who asks: a user of the same name, with these rights to all there is. */
export interface Requester {
  readonly name: string;
  readonly acls: readonly CreateAclsRequestAclCreation[];
}

const resources = Object.keys(RIGHTS) as readonly ResourceName[];
const allRights = resources.flatMap((resource) =>
  RIGHTS[resource].map((operation) => ({ resource, operation }))
);

function wordOf(resource: ResourceName, operation: OperationName): string {
  return `${resource}-${operation}`.toLowerCase().replaceAll("_", "-");
}

function requester(
  name: string,
  ...acls: readonly (readonly [ResourceName, OperationName, "ALLOW" | "DENY"])[]
): Requester {
  return {
    name,
    acls: acls.map(([resource, operation, permission]) => ({
      resourceType: AclResource[resource],
      resourceName: resource === "CLUSTER" ? CLUSTER_NAME : "*",
      resourcePatternType: AclPattern.LITERAL,
      principal: `User:${name}`,
      host: "*",
      operation: AclOperation[operation],
      permissionType: AclPermission[permission],
    })),
  };
}

const everything = resources.map((resource) => [resource, "ALL", "ALLOW"] as const);
const nothing = resources.map((resource) => [resource, "ALL", "DENY"] as const);

export const REQUESTERS: readonly Requester[] = [
  requester("nobody"),
  ...allRights.map(({ resource, operation }) =>
    requester(wordOf(resource, operation), [resource, operation, "ALLOW"])
  ),
  ...allRights.map(({ resource, operation }) =>
    requester(`no-${wordOf(resource, operation)}`, ...everything, [resource, operation, "DENY"])
  ),
  requester("everybody", ...everything),
  requester("denied", ...everything, ...nothing),
];
