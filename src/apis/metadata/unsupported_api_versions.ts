import { ErrorCode } from "../../base/error_codes.ts";
import type { ApiVersionsResponseInput } from "../../protocol/generated/api_versions_response.ts";
import type { Api } from "../api.ts";

/** The answer to a version of ApiVersions that is not served: only how to ask better. Goes out as version 0. */
export function unsupportedApiVersions({ key, versions }: Api): ApiVersionsResponseInput {
  return {
    errorCode: ErrorCode.UNSUPPORTED_VERSION,
    apiKeys: [{ apiKey: key, minVersion: versions[0], maxVersion: versions[1] }],
  };
}
