/** DescribeClientQuotas 0–1 (KIP-546): what is set for the users, client ids and addresses that fit a filter. */
import { ErrorCode } from "../../base/error_codes.ts";
import type { Refusal } from "../../cluster/mod.ts";
import { findQuotas } from "../../cluster/security/quotas/mod.ts";
import { describeClientQuotasRequest } from "../../protocol/generated/describe_client_quotas_request.ts";
import {
  describeClientQuotasResponse,
  type DescribeClientQuotasResponseInput,
} from "../../protocol/generated/describe_client_quotas_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, clusterRefusal } from "../rights.ts";
import { partsOf } from "./quota_entity.ts";

export const describeClientQuotas = defineApi({
  request: describeClientQuotasRequest,
  response: describeClientQuotasResponse,
  handle(
    services,
    { components, strict },
    call,
  ): DescribeClientQuotasResponseInput {
    const forbidden = clusterRefusal(services, call, AclOperation.DESCRIBE_CONFIGS);
    if (forbidden !== null) return refused(forbidden);
    const found = findQuotas(services.engine.state.security.quotas, components, strict);
    if ("error" in found) return refused(found);
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

function refused({ error, message }: Refusal): DescribeClientQuotasResponseInput {
  return { throttleTimeMs: 0, errorCode: error, errorMessage: message, entries: null };
}
