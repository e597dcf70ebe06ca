/**
 * DescribeCluster 0–2 (KIP-700). 1 asks for brokers or controllers (KIP-919); there
 * is no controller listener, so asking for controllers is refused as a Kafka broker
 * refuses it. 2 adds fenced brokers (KIP-1073); the one broker never is.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { describeClusterRequest } from "../../protocol/generated/describe_cluster_request.ts";
import {
  describeClusterResponse,
  type DescribeClusterResponseInput,
} from "../../protocol/generated/describe_cluster_response.ts";
import { defineApi } from "../api.ts";
import { clusterOperations } from "../rights.ts";
import { advertisedEndpoint } from "./endpoint.ts";

const BROKERS = 1;
const CONTROLLERS = 2;

export const describeCluster = defineApi({
  request: describeClusterRequest,
  response: describeClusterResponse,
  handle(services, request, call): DescribeClusterResponseInput {
    const { clusterId, nodeId } = services.settings;
    if (request.endpointType !== BROKERS) {
      const known = request.endpointType === CONTROLLERS;
      return {
        throttleTimeMs: 0,
        errorCode: known ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
        errorMessage: known
          ? "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
          : `Unsupported endpoint type ${request.endpointType}`,
        clusterId: "",
        brokers: [],
      };
    }
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      clusterId,
      controllerId: nodeId,
      brokers: [{ brokerId: nodeId, ...advertisedEndpoint(call), isFenced: false }],
      clusterAuthorizedOperations: clusterOperations(
        services,
        call,
        request.includeClusterAuthorizedOperations,
      ),
    };
  },
});
