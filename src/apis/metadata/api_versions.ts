/**
 * ApiVersions 0-4 (KIP-35, KIP-511). 3 made it flexible and lets the client name
 * its software. A version that is not known is answered as version 0 by the
 * router, so that any client can find common ground. The features
 * that are finalized are those of Kafka's that are served, each at its newest level.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { apiVersionsRequest } from "../../protocol/generated/api_versions_request.ts";
import {
  apiVersionsResponse,
  type ApiVersionsResponseInput,
} from "../../protocol/generated/api_versions_response.ts";
import { type Api, defineApi } from "../api.ts";
import { FEATURES } from "./features.ts";

/** Names and versions that Kafka accepts from clients. */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

export const apiVersions = defineApi({
  request: apiVersionsRequest,
  response: apiVersionsResponse,
  handle({ apis }, request, { version, client }) {
    if (version >= 3) {
      const { clientSoftwareName: name, clientSoftwareVersion: software } = request;
      if (!SOFTWARE.test(name) || !SOFTWARE.test(software)) {
        return { errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [] };
      }
      client.softwareName = remembered(name);
      client.softwareVersion = remembered(software);
    }
    client.session?.versionsTold();
    return versionsOf(apis);
  },
});

/** Longer than any software's; a connection holds both for as long as it lasts. */
const REMEMBERED_CHARACTERS = 100;

function remembered(name: string): string {
  return name.length > REMEMBERED_CHARACTERS ? "" : name;
}

/** The table of what is served, as a response. */
function versionsOf(apis: readonly Api[]): ApiVersionsResponseInput {
  return {
    errorCode: ErrorCode.NONE,
    apiKeys: apis.map((api) => ({
      apiKey: api.key,
      minVersion: api.advertisedFrom,
      maxVersion: api.versions[1],
    })),
    supportedFeatures: FEATURES.map(([name, level]) => ({ name, minVersion: 0, maxVersion: level })),
    finalizedFeaturesEpoch: 0,
    finalizedFeatures: FEATURES.map(([name, level]) => ({
      name,
      minVersionLevel: level,
      maxVersionLevel: level,
    })),
  };
}
