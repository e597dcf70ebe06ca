/**
 * FindCoordinator 0–6. 1 adds the key type, 4 asks for many keys at once (KIP-699),
 * 6 share groups (KIP-932). One broker coordinates everything, so the answer is
 * always this one; share groups are not served.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { findCoordinatorRequest } from "../../protocol/generated/find_coordinator_request.ts";
import {
  findCoordinatorResponse,
  type FindCoordinatorResponseInput,
} from "../../protocol/generated/find_coordinator_response.ts";
import { defineApi } from "../api.ts";
import { advertisedEndpoint } from "../metadata/endpoint.ts";

const KeyType = { GROUP: 0, TRANSACTION: 1 } as const;
/** From here on the keys and their coordinators come in lists. */
const BATCHED_FROM = 4;

export const findCoordinator = defineApi({
  request: findCoordinatorRequest,
  response: findCoordinatorResponse,
  handle(services, request, call): FindCoordinatorResponseInput {
    const { keyType } = request;
    const known = keyType === KeyType.GROUP || keyType === KeyType.TRANSACTION;
    const place = known
      ? { nodeId: services.settings.nodeId, ...advertisedEndpoint(services, call), errorCode: ErrorCode.NONE }
      : { nodeId: -1, host: "", port: -1, errorCode: ErrorCode.INVALID_REQUEST };
    if (call.version >= BATCHED_FROM) {
      return {
        errorCode: ErrorCode.NONE,
        nodeId: 0,
        host: "",
        port: 0,
        coordinators: request.coordinatorKeys.map((key) => ({ key, ...place })),
      };
    }
    return { ...place, coordinators: [] };
  },
});
