/** IncrementalAlterConfigs 0–1 (KIP-339): sets, deletes, and adds to or takes from lists. */
import { decideChangeConfigs } from "../../cluster/configs/mod.ts";
import {
  incrementalAlterConfigsRequest,
  type IncrementalAlterConfigsRequestAlterableConfig,
} from "../../protocol/generated/incremental_alter_configs_request.ts";
import {
  type IncrementalAlterConfigsResponse,
  incrementalAlterConfigsResponse,
} from "../../protocol/generated/incremental_alter_configs_response.ts";
import { defineApi } from "../api.ts";
import { changeLoggers } from "./broker_loggers.ts";
import { changeResources } from "./change_resource.ts";

export const incrementalAlterConfigs = defineApi({
  request: incrementalAlterConfigsRequest,
  response: incrementalAlterConfigsResponse,
  async handle(services, request, call): Promise<IncrementalAlterConfigsResponse> {
    const { logThreshold } = services.settings;
    const responses = await changeResources(services, call, request, {
      state: (state, resource, { configs }, statics) =>
        decideChangeConfigs(state, resource, configs.map(changeOf), statics),
      loggers: ({ configs }) => changeLoggers(logThreshold, configs.map(changeOf), request.validateOnly),
    });
    return { throttleTimeMs: 0, responses };
  },
});

function changeOf(
  { name, configOperation: operation, value }: IncrementalAlterConfigsRequestAlterableConfig,
) {
  return { name, operation, value };
}
