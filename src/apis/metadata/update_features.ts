/**
 * UpdateFeatures 0–2 (KIP-584). 1 may ask only, and says how (KIP-778); from 2 on an error is one of all. Features are
 * at the only level that klite has, so nothing can change: to set what is so already succeeds, all else is refused.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { type Refusal, refuse } from "../../cluster/mod.ts";
import {
  updateFeaturesRequest,
  type UpdateFeaturesRequestFeatureUpdateKey,
} from "../../protocol/generated/update_features_request.ts";
import {
  updateFeaturesResponse,
  type UpdateFeaturesResponseInput,
} from "../../protocol/generated/update_features_response.ts";
import { defineApi } from "../api.ts";
import { FEATURES } from "./features.ts";

/** From here on there are no errors of single features. */
const ONE_ERROR_FROM = 2;

export const updateFeatures = defineApi({
  request: updateFeaturesRequest,
  response: updateFeaturesResponse,
  handle(_services, { featureUpdates }, { version }): UpdateFeaturesResponseInput {
    const judged = featureUpdates.map((update) => ({
      feature: update.feature,
      refusal: refuseUpdate(update),
    }));
    const first = judged.find(({ refusal }) => refusal !== null)?.refusal ?? null;
    if (first !== null && version >= ONE_ERROR_FROM) {
      return { throttleTimeMs: 0, errorCode: first.error, errorMessage: first.message };
    }
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      results: version >= ONE_ERROR_FROM ? [] : judged.map(({ feature, refusal }) => ({
        feature,
        errorCode: refusal?.error ?? ErrorCode.NONE,
        errorMessage: refusal?.message ?? null,
      })),
    };
  },
});

function refuseUpdate({ feature, maxVersionLevel }: UpdateFeaturesRequestFeatureUpdateKey): Refusal | null {
  const level = FEATURES.find(([name]) => name === feature)?.[1];
  if (level === maxVersionLevel) return null;
  return refuse(
    ErrorCode.INVALID_UPDATE_VERSION,
    level === undefined
      ? `Invalid update version ${maxVersionLevel} for feature ${feature}. The broker does not support this feature.`
      : `Invalid update version ${maxVersionLevel} for feature ${feature}. It is at level ${level}, the only one.`,
  );
}
