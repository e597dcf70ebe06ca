import { ErrorCode } from "../../base/error_codes.ts";
import { ResourceType } from "../../cluster/configs/mod.ts";
import { type Refusal, refuse } from "../../cluster/mod.ts";
import type { Call, Services } from "../api.ts";
import { clusterRefusal, mayOnGroup, mayOnTopic } from "../rights.ts";

/**
 * The refusal of whoever may not do `operation` (to describe or to alter configs) to the configs of a resource, or
 * `null`. What belongs to no topic or group belongs to the cluster.
 */
export function configsRefusal(
  services: Services,
  call: Call,
  operation: number,
  { resourceType, resourceName }: { readonly resourceType: number; readonly resourceName: string },
): Refusal | null {
  switch (resourceType) {
    case ResourceType.TOPIC:
      return mayOnTopic(services, call, operation, resourceName)
        ? null
        : refuse(ErrorCode.TOPIC_AUTHORIZATION_FAILED, "Topic authorization failed.");
    case ResourceType.GROUP:
      return mayOnGroup(services, call, operation, resourceName)
        ? null
        : refuse(ErrorCode.GROUP_AUTHORIZATION_FAILED, "Group authorization failed.");
    default:
      return clusterRefusal(services, call, operation);
  }
}
