import { ErrorCode } from "../../base/error_codes.ts";
import { type Refusal, refuse } from "../../cluster/mod.ts";
import type { AclFilter } from "../../cluster/security/acls/mod.ts";
import type { Call, Services } from "../api.ts";
import { clusterRefusal } from "../rights.ts";

const UNKNOWN = 0;

/** Why a client may not have to do with ACLs; `null` when it may. */
export function aclsRefusal(services: Services, call: Call, operation: number): Refusal | null {
  const refusal = clusterRefusal(services, call, operation);
  if (refusal !== null) return refusal;
  return services.authorizer.isOpen
    ? refuse(ErrorCode.SECURITY_DISABLED, "No authorizer is configured on the broker.")
    : null;
}

/** A filter as requests carry it. */
interface FilterFields {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

/** The filter of a request; `null` for one of no meaning, which no client can make by mistake: its connection is closed, as by Kafka. */
export function filterOf(fields: FilterFields): AclFilter | null {
  const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = fields;
  if ([resourceTypeFilter, patternTypeFilter, operation, permissionType].includes(UNKNOWN)) return null;
  return {
    resourceType: resourceTypeFilter,
    resourceName: fields.resourceNameFilter,
    patternType: patternTypeFilter,
    principal: fields.principalFilter,
    host: fields.hostFilter,
    operation,
    permission: permissionType,
  };
}
