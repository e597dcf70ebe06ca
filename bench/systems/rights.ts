/** Rights and quotas for the bench's clients, among many of others. */
import { ANONYMOUS } from "../../src/base/principal.ts";
import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
} from "../../src/cluster/security/acls/acl_codes.ts";
import { alterClientQuotasRequest } from "../../src/protocol/generated/alter_client_quotas_request.ts";
import { alterClientQuotasResponse } from "../../src/protocol/generated/alter_client_quotas_response.ts";
import { createAclsRequest } from "../../src/protocol/generated/create_acls_request.ts";
import { createAclsResponse } from "../../src/protocol/generated/create_acls_response.ts";
import { WireClient } from "../../tests/support/wire_client.ts";

export const ACLS = 1000;
export const QUOTAS = 100;

/** Flags of a broker that takes ACLs from the bench, which is nobody in particular. */
export const AUTHORIZING: readonly string[] = ["--authorizer", "acl", "--allow-if-no-acl"];

/** What all topics of the bench begin with. */
const OURS = "bench-";
/** More than any client reaches. */
const UNREACHED = 1e12;

/** Makes the rights and quotas at a klite with the flags of {@link AUTHORIZING}. */
export async function setRights(port: number): Promise<void> {
  await using client = await WireClient.connect(port);
  const { results } = await client.send(createAclsRequest, createAclsResponse, 3, {
    creations: [
      {
        ...anAcl(ANONYMOUS.text, OURS),
        resourcePatternType: AclPattern.PREFIXED,
        operation: AclOperation.ALL,
      },
      ...Array.from({ length: ACLS - 1 }, (_, index) => ({
        ...anAcl(`User:user-${index % 50}`, `topic-${index}`),
        resourcePatternType: index % 2 === 0 ? AclPattern.LITERAL : AclPattern.PREFIXED,
      })),
    ],
  });
  const { entries } = await client.send(alterClientQuotasRequest, alterClientQuotasResponse, 1, {
    entries: [ANONYMOUS.name, ...Array.from({ length: QUOTAS - 1 }, (_, index) => `user-${index}`)].map((
      user,
    ) => ({
      entity: [{ entityType: "user", entityName: user }],
      ops: [{ key: "producer_byte_rate", value: UNREACHED, remove: false }],
    })),
    validateOnly: false,
  });
  const failed = [...results, ...entries].find(({ errorCode }) => errorCode !== 0);
  if (failed !== undefined) throw new Error(`no rights: error ${failed.errorCode}, ${failed.errorMessage}`);
}

function anAcl(principal: string, resourceName: string) {
  return {
    resourceType: AclResource.TOPIC,
    resourceName,
    principal,
    host: "*",
    operation: AclOperation.WRITE,
    permissionType: AclPermission.ALLOW,
  };
}
