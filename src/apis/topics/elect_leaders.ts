/**
 * ElectLeaders 0–2 (KIP-183). 1 has unclean elections (KIP-460). The one replica of a partition leads it at all times,
 * so no election is ever needed.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { electLeadersRequest } from "../../protocol/generated/elect_leaders_request.ts";
import {
  electLeadersResponse,
  type ElectLeadersResponseInput,
} from "../../protocol/generated/elect_leaders_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, CLUSTER_REFUSAL, mayOnCluster } from "../rights.ts";

/** From here on there is a field for an error of all. */
const ERROR_FROM = 1;
const ELECTION_TYPES: readonly number[] = [0, 1];

export const electLeaders = defineApi({
  request: electLeadersRequest,
  response: electLeadersResponse,
  handle(services, { electionType, topicPartitions }, call): ElectLeadersResponseInput {
    const { engine } = services;
    if (!mayOnCluster(services, call, AclOperation.ALTER)) {
      return {
        throttleTimeMs: 0,
        errorCode: call.version >= ERROR_FROM ? CLUSTER_REFUSAL.errorCode : ErrorCode.NONE,
        replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
          topic,
          partitionResult: partitions.map((partitionId) => ({ partitionId, ...CLUSTER_REFUSAL })),
        })),
      };
    }
    const isKnown = call.version === 0 || ELECTION_TYPES.includes(electionType);
    if (topicPartitions === null) {
      return {
        throttleTimeMs: 0,
        errorCode: isKnown ? ErrorCode.NONE : ErrorCode.INVALID_REQUEST,
        // Of all there are, those partitions are told that needed one.
        replicaElectionResults: isKnown
          ? Array.from(engine.state.topics(), ({ name }) => ({ topic: name, partitionResult: [] }))
          : [],
      };
    }
    const outcome = (topic: string, partitionId: number) => {
      if (!isKnown) return UNKNOWN_TYPE;
      return engine.state.topic(topic)?.partitions[partitionId] === undefined ? UNKNOWN : NOT_NEEDED;
    };
    return {
      throttleTimeMs: 0,
      errorCode: isKnown || topicPartitions.length === 0 ? ErrorCode.NONE : ErrorCode.INVALID_REQUEST,
      replicaElectionResults: topicPartitions.map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({ partitionId, ...outcome(topic, partitionId) })),
      })),
    };
  },
});

const UNKNOWN_TYPE = {
  errorCode: ErrorCode.INVALID_REQUEST,
  errorMessage: "There is no such kind of election.",
};
const UNKNOWN = {
  errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: "There is no such partition.",
};
const NOT_NEEDED = {
  errorCode: ErrorCode.ELECTION_NOT_NEEDED,
  errorMessage: "The partition is led by its preferred replica, which is the only one.",
};
