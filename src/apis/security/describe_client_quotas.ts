/** DescribeClientQuotas 0–1 (KIP-546): what is set for the users, client ids and addresses that fit a filter. */
import { ErrorCode } from "../../base/error_codes.ts";
import { AclOperation, AclResource, CLUSTER_NAME } from "../../cluster/security/acls/mod.ts";
import { findQuotas } from "../../cluster/security/quotas/mod.ts";
import { describeClientQuotasRequest } from "../../protocol/generated/describe_client_quotas_request.ts";
import {
  describeClientQuotasResponse,
  type DescribeClientQuotasResponseInput,
} from "../../protocol/generated/describe_client_quotas_response.ts";
import { defineApi } from "../api.ts";
import { partsOf } from "./quota_entity.ts";

export const describeClientQuotas = defineApi({
  request: describeClientQuotasRequest,
  response: describeClientQuotasResponse,
  handle(
    { engine, authorizer },
    { components, strict },
    { client },
  ): DescribeClientQuotasResponseInput {
    if (!authorizer.allows(client, AclOperation.DESCRIBE_CONFIGS, AclResource.CLUSTER, CLUSTER_NAME)) {
      return refused(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "Cluster authorization failed.");
    }
    const found = findQuotas(engine.state.security.quotas, components, strict);
    if ("error" in found) return refused(found.error, found.message);
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      errorMessage: "",
      entries: found.map(({ entity, values }) => ({
        entity: partsOf(entity),
        values: Array.from(values, ([key, value]) => ({ key, value })),
      })),
    };
  },
});

function refused(errorCode: number, errorMessage: string): DescribeClientQuotasResponseInput {
  return { throttleTimeMs: 0, errorCode, errorMessage, entries: null };
}
