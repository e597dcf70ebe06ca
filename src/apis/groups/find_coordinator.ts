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
import { type Call, defineApi, type Services } from "../api.ts";
import { advertisedEndpoint } from "../metadata/endpoint.ts";
import { AclOperation, mayOnGroup, mayOnTransaction } from "../rights.ts";

const KeyType = { GROUP: 0, TRANSACTION: 1 } as const;
/** From here on the keys and their coordinators come in lists. */
const BATCHED_FROM = 4;

export const findCoordinator = defineApi({
  request: findCoordinatorRequest,
  response: findCoordinatorResponse,
  handle(services, request, call): FindCoordinatorResponseInput {
    const { keyType } = request;
    if (call.version >= BATCHED_FROM) {
      return {
        errorCode: ErrorCode.NONE,
        nodeId: 0,
        host: "",
        port: 0,
        coordinators: request.coordinatorKeys.map((key) => ({
          key,
          ...placeOf(services, call, keyType, key),
        })),
      };
    }
    return { ...placeOf(services, call, keyType, request.key), coordinators: [] };
  },
});

function placeOf(services: Services, call: Call, keyType: number, key: string) {
  const errorCode = problem(services, call, keyType, key);
  return errorCode === ErrorCode.NONE
    ? { nodeId: services.settings.nodeId, ...advertisedEndpoint(call), errorCode }
    : { nodeId: -1, host: "", port: -1, errorCode };
}

function problem(services: Services, call: Call, keyType: number, key: string): number {
  const { DESCRIBE } = AclOperation;
  switch (keyType) {
    case KeyType.GROUP:
      return mayOnGroup(services, call, DESCRIBE, key)
        ? ErrorCode.NONE
        : ErrorCode.GROUP_AUTHORIZATION_FAILED;
    case KeyType.TRANSACTION:
      return mayOnTransaction(services, call, DESCRIBE, key)
        ? ErrorCode.NONE
        : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    default:
      return ErrorCode.INVALID_REQUEST;
  }
}
