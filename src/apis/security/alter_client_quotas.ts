/** AlterClientQuotas 0–1 (KIP-546). Each entity of a request gets all that is asked for it, or nothing. */
import { ErrorCode } from "../../base/error_codes.ts";
import type { Refusal } from "../../cluster/mod.ts";
import {
  decideAlterQuotas,
  type NamedEntity,
  nameOf,
  type QuotaAlteration,
  type QuotaDecision,
} from "../../cluster/security/quotas/mod.ts";
import { alterClientQuotasRequest } from "../../protocol/generated/alter_client_quotas_request.ts";
import {
  alterClientQuotasResponse,
  type AlterClientQuotasResponseInput,
} from "../../protocol/generated/alter_client_quotas_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, clusterRefusal } from "../rights.ts";
import { entityOf, partsOf } from "./quota_entity.ts";

export const alterClientQuotas = defineApi({
  request: alterClientQuotasRequest,
  response: alterClientQuotasResponse,
  async handle(
    services,
    { entries, validateOnly },
    call,
  ): Promise<AlterClientQuotasResponseInput> {
    const { engine, quotas, audit } = services;
    const alterations: QuotaAlteration[] = entries.map(({ entity, ops }) => ({
      entity: entityOf(entity),
      changes: ops.map(({ key, value, remove }) => ({ key, value: remove ? null : value })),
    }));
    const all = (refusal: Refusal) => answered(alterations.map(({ entity }) => ({ entity, refusal })));
    const forbidden = clusterRefusal(services, call, AclOperation.ALTER_CONFIGS);
    if (forbidden !== null) return all(forbidden);
    if (validateOnly) return answered(decideAlterQuotas(engine.state.security.quotas, alterations).outcomes);
    await quotas.load();
    let decided: QuotaDecision = { outcomes: [], records: [] };
    const refusal = await engine.execute(({ security }) => {
      return decided = decideAlterQuotas(security.quotas, alterations);
    });
    if (refusal !== null) return all(refusal);
    audit.changed(call.client, changesIn(decided));
    return answered(decided.outcomes);
  },
});

function changesIn({ records }: QuotaDecision): string[] {
  return records.flatMap(({ entity, values }) => {
    const name = Array.from(nameOf(entity), ([type, part]) => `${type} ${part ?? "(default)"}`).join(", ");
    return Object.entries(values).map(([key, value]) => `${key} of ${name}: ${value ?? "none"}`);
  });
}

function answered(
  outcomes: readonly { readonly entity: NamedEntity; readonly refusal: Refusal | null }[],
): AlterClientQuotasResponseInput {
  return {
    throttleTimeMs: 0,
    entries: outcomes.map(({ entity, refusal }) => ({
      errorCode: refusal?.error ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? null,
      entity: partsOf(entity),
    })),
  };
}
