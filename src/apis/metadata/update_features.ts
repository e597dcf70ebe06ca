/**
 * UpdateFeatures 0–2 (KIP-584). 1 may ask only, and says how (KIP-778). An error is one of all. Features are
 * at the only level that klite has, so nothing can change: to set what is so already succeeds, all else is refused.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import {
  updateFeaturesRequest,
  type UpdateFeaturesRequestFeatureUpdateKey,
} from "../../protocol/generated/update_features_request.ts";
import {
  updateFeaturesResponse,
  type UpdateFeaturesResponseInput,
} from "../../protocol/generated/update_features_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, CLUSTER_REFUSAL, mayOnCluster } from "../rights.ts";
import { FEATURES } from "./features.ts";

/** Up to here each feature is answered, where nothing is wrong with any. */
const EACH_UP_TO = 1;
/** Only upwards; downwards, too, if nothing is lost; downwards in any case. */
const UPGRADE_TYPES: readonly number[] = [1, 2, 3];

export const updateFeatures = defineApi({
  request: updateFeaturesRequest,
  response: updateFeaturesResponse,
  handle(services, { featureUpdates }, call): UpdateFeaturesResponseInput {
    const { version } = call;
    if (!mayOnCluster(services, call, AclOperation.ALTER)) {
      return { throttleTimeMs: 0, ...CLUSTER_REFUSAL };
    }
    for (const update of featureUpdates) {
      const problem = updateProblem(update, version);
      if (problem !== null) {
        return { throttleTimeMs: 0, errorCode: ErrorCode.INVALID_UPDATE_VERSION, errorMessage: problem };
      }
    }
    const done = { errorCode: ErrorCode.NONE, errorMessage: "" };
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      results: version > EACH_UP_TO ? [] : featureUpdates.map(({ feature }) => ({ feature, ...done })),
    };
  },
});

function updateProblem(update: UpdateFeaturesRequestFeatureUpdateKey, version: number): string | null {
  const { feature, maxVersionLevel, upgradeType } = update;
  const wanted = `Invalid update version ${maxVersionLevel} for feature ${feature}.`;
  if (version > 0 && !UPGRADE_TYPES.includes(upgradeType)) return `${wanted} The upgrade type is unknown.`;
  const level = FEATURES.find(([name]) => name === feature)?.[1];
  if (level === maxVersionLevel) return null;
  return level === undefined
    ? `${wanted} The broker does not support this feature.`
    : `${wanted} It is at level ${level}, the only one.`;
}
