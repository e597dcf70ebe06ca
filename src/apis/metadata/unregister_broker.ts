/** UnregisterBroker 0 (KIP-500). There is one broker, which is at work: it cannot be taken away. */
import { ErrorCode } from "../../base/error_codes.ts";
import { unregisterBrokerRequest } from "../../protocol/generated/unregister_broker_request.ts";
import {
  type UnregisterBrokerResponse,
  unregisterBrokerResponse,
} from "../../protocol/generated/unregister_broker_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, CLUSTER_REFUSAL, mayOnCluster } from "../rights.ts";

export const unregisterBroker = defineApi({
  request: unregisterBrokerRequest,
  response: unregisterBrokerResponse,
  handle(services, { brokerId }, call): UnregisterBrokerResponse {
    if (!mayOnCluster(services, call, AclOperation.ALTER)) {
      return { throttleTimeMs: 0, ...CLUSTER_REFUSAL };
    }
    return brokerId === services.settings.nodeId
      ? {
        throttleTimeMs: 0,
        errorCode: ErrorCode.INVALID_REQUEST,
        errorMessage: `Broker ${brokerId} is the only one, and it is running.`,
      }
      : {
        throttleTimeMs: 0,
        errorCode: ErrorCode.BROKER_ID_NOT_REGISTERED,
        errorMessage: `Broker ID ${brokerId} is not currently registered`,
      };
  },
});
