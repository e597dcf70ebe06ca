/** DescribeAcls 1–3: the ACLs that a filter means, by what they are about. */
import { ErrorCode } from "../../base/error_codes.ts";
import { type Acl, AclOperation, filterMatches } from "../../cluster/security/acls/mod.ts";
import { describeAclsRequest } from "../../protocol/generated/describe_acls_request.ts";
import {
  describeAclsResponse,
  type DescribeAclsResponseDescribeAclsResourceInput,
  type DescribeAclsResponseInput,
} from "../../protocol/generated/describe_acls_response.ts";
import { CLOSE_CONNECTION, defineApi } from "../api.ts";
import { aclsRefusal, filterOf } from "./acl_access.ts";

export const describeAcls = defineApi({
  request: describeAclsRequest,
  response: describeAclsResponse,
  handle(services, request, call): DescribeAclsResponseInput | typeof CLOSE_CONNECTION {
    const filter = filterOf(request);
    if (filter === null) return CLOSE_CONNECTION;
    const refusal = aclsRefusal(services, call, AclOperation.DESCRIBE);
    const found = refusal === null
      ? services.engine.state.security.acls.all().filter((acl) => filterMatches(filter, acl))
      : [];
    return {
      throttleTimeMs: 0,
      errorCode: refusal?.error ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? "",
      resources: byPattern(found),
    };
  },
});

function byPattern(acls: Iterable<Acl>): DescribeAclsResponseDescribeAclsResourceInput[] {
  const patterns = Map.groupBy(acls, ({ resourceType, patternType, resourceName }) => {
    return `${resourceType} ${patternType} ${resourceName}`;
  });
  return Array.from(patterns.values(), (ofPattern) => {
    const { resourceType, resourceName, patternType } = ofPattern[0]!;
    return {
      resourceType,
      resourceName,
      patternType,
      acls: ofPattern.map(({ principal, host, operation, permission: permissionType }) => {
        return { principal, host, operation, permissionType };
      }),
    };
  });
}
