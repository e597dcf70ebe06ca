/** AlterConfigs 0–2, which replaces all configs of a resource: what is not named is set no more. */
import { ErrorCode } from "../../base/error_codes.ts";
import { decideReplaceConfigs } from "../../cluster/configs/mod.ts";
import { refuse } from "../../cluster/mod.ts";
import { alterConfigsRequest } from "../../protocol/generated/alter_configs_request.ts";
import {
  type AlterConfigsResponse,
  alterConfigsResponse,
} from "../../protocol/generated/alter_configs_response.ts";
import { defineApi } from "../api.ts";
import { changeResources } from "./change_resource.ts";

export const alterConfigs = defineApi({
  request: alterConfigsRequest,
  response: alterConfigsResponse,
  async handle(services, request, call): Promise<AlterConfigsResponse> {
    const responses = await changeResources(
      services,
      call,
      request,
      {
        state: (state, resource, { configs }, statics) =>
          decideReplaceConfigs(state, resource, configs, statics),
        loggers: () => refuse(ErrorCode.INVALID_REQUEST, "Log levels are changed one by one."),
      },
    );
    return { throttleTimeMs: 0, responses };
  },
});
