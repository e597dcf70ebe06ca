/**
 * ListConfigResources 0–1 (KIP-714, KIP-1142): names of what can have configs. 0 knows subscriptions to client metrics
 * only; 1 tells of every kind that is asked for, of all without one.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { ResourceType } from "../../cluster/configs/mod.ts";
import { listConfigResourcesRequest } from "../../protocol/generated/list_config_resources_request.ts";
import {
  listConfigResourcesResponse,
  type ListConfigResourcesResponseInput,
} from "../../protocol/generated/list_config_resources_response.ts";
import { defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnCluster } from "../rights.ts";

export const listConfigResources = defineApi({
  request: listConfigResourcesRequest,
  response: listConfigResourcesResponse,
  handle(services, { resourceTypes }, call): ListConfigResourcesResponseInput {
    const { version } = call;
    if (!mayOnCluster(services, call, AclOperation.DESCRIBE_CONFIGS)) {
      return { throttleTimeMs: 0, errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, configResources: [] };
    }
    const known: readonly number[] = Object.values(ResourceType);
    const all = version === 0 ? [ResourceType.CLIENT_METRICS] : known;
    const asked = version === 0 || resourceTypes.length === 0 ? all : resourceTypes;
    if (asked.some((type) => !known.includes(type))) {
      return { throttleTimeMs: 0, errorCode: ErrorCode.UNSUPPORTED_VERSION, configResources: [] };
    }
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      configResources: [...new Set(asked)].flatMap((resourceType) =>
        namesOf(services, resourceType).map((resourceName) => ({ resourceName, resourceType }))
      ),
    };
  },
});

function namesOf({ engine: { state }, settings }: Services, type: number): string[] {
  switch (type) {
    case ResourceType.TOPIC:
      return Array.from(state.topics(), ({ name }) => name);
    case ResourceType.GROUP:
      return state.configs.names("group");
    case ResourceType.CLIENT_METRICS:
      return state.configs.names("client_metrics");
    default:
      return [String(settings.nodeId)];
  }
}
